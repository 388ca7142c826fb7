using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Detection;

/// <summary>Boxes as the rows of a tensor.</summary>
public static class BoxRows
{
    /// <summary>A tensor of rows.</summary>
    /// <param name="rows">Left, top, right, bottom, score of each.</param>
    /// <returns><c>[rows, 5] float32</c>.</returns>
    public static Tensor Of(IEnumerable<float[]> rows)
    {
        float[] values = [.. rows.SelectMany(r => r)];
        return values.Length == 0 ? zeros(0, 5) : tensor(values, [values.Length / 5, 5]);
    }

    /// <summary>The rows as numbers.</summary>
    /// <param name="rows"><c>[N, C] float32</c>, perhaps no rows.</param>
    /// <returns>N arrays of C numbers.</returns>
    public static IReadOnlyList<float[]> Read(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        // An empty tensor has no data to read.
        if (rows.numel() == 0)
            return [];
        using Tensor contiguous = rows.contiguous();
        return [.. contiguous.data<float>().ToArray().Chunk((int)rows.shape[1])];
    }

    /// <summary>Intersection over union of each box with each other one.</summary>
    /// <param name="a"><c>[A, 4] float32</c>: left, top, right, bottom; what stands behind them doesn't count.</param>
    /// <param name="b"><c>[B, 4] float32</c>.</param>
    /// <returns><c>[A, B] float32</c>, 0–1.</returns>
    public static Tensor IoU(Tensor a, Tensor b)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor corner = maximum(a[.., ..2].unsqueeze(1), b[.., ..2].unsqueeze(0)), opposite = minimum(a[.., 2..4].unsqueeze(1), b[.., 2..4].unsqueeze(0));
        Tensor shared = (opposite - corner).clamp_min(0).prod(2);
        Tensor areas = Area(a).unsqueeze(1) + Area(b).unsqueeze(0);
        return (shared / (areas - shared).clamp_min(1e-9)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Non-maximum suppression: from the surest box on, keeps each that overlaps none of the kept ones by more than a limit. Of equal
    /// scores the earlier row comes first, as in torchvision.
    /// </summary>
    /// <param name="rows"><c>[N, 5] float32</c>: left, top, right, bottom, score.</param>
    /// <param name="iou">The highest intersection over union of two kept boxes.</param>
    /// <returns>The kept rows, <c>[kept, 5] float32</c>, from the surest on.</returns>
    public static Tensor Suppress(Tensor rows, double iou)
    {
        using DisposeScope scope = NewDisposeScope();
        float[][] boxes = [.. Read(rows).OrderByDescending(b => b[4])];
        Tensor sorted = Of(boxes);
        IReadOnlyList<float[]> overlap = Read(IoU(sorted, sorted));
        var kept = new List<int>();
        for (int i = 0; i < boxes.Length; i++)
        {
            if (kept.TrueForAll(k => overlap[k][i] <= iou))
                kept.Add(i);
        }
        return Of(kept.Select(i => boxes[i])).MoveToOuterDisposeScope();
    }

    private static Tensor Area(Tensor boxes) => (boxes[.., 2] - boxes[.., 0]) * (boxes[.., 3] - boxes[.., 1]);
}
