using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models.Detection;

/// <summary>
/// Objects as points: Zhou, Wang, Krähenbühl: "Objects as Points" (CenterNet), 2019 (arXiv 1904.07850), for one class.
/// </summary>
/// <remarks>
/// Output: five maps, <c>[N, 5, h, w]</c>: the logit of an object's middle being in this cell, where in the cell it is (0–1 of a cell,
/// two numbers), and width and height in pixels. Target: on the first map a Gaussian around each middle (section 3; radius of Law and
/// Deng 2018, section 3.1: boxes moved by so much still overlap by 0.7), of overlapping ones the higher; the other maps count in the cells
/// of the middles only. Loss: their focal loss (equation 1) over the number of objects, plus the L1 distance of the offsets, plus a tenth
/// of that of the sizes (equation 4). Boxes: cells that are the highest of their 3×3 neighbours; no suppression. Ours: the paper's map has
/// stride 4 behind an upsampling neck; this head takes the backbone's as it is.
/// </remarks>
public sealed class CentreHead : LocatingHead, IInitialised
{
    /// <summary>Weight of the sizes' loss.</summary>
    public const float SizeWeight = 0.1f;

    /// <summary>The probability of a middle that training starts from (Lin et al. 2017, section 4.1): log(0.1 / 0.9) = −2.19.</summary>
    public const float FirstProbability = 0.1f;

    /// <summary>The most boxes of an image.</summary>
    public const int MostBoxes = 100;

    private readonly Conv2d conv, maps;

    /// <summary>Creates the head.</summary>
    /// <param name="channels">Channels of the feature map, and of the layer between.</param>
    /// <param name="stride">Its stride in pixels.</param>
    public CentreHead(long channels, int stride)
        : base(nameof(CentreHead), stride)
    {
        conv = Conv2d(channels, channels, kernel_size: 3, padding: 1);
        maps = Conv2d(channels, 5, kernel_size: 1);
        RegisterComponents();
    }

    /// <inheritdoc/>
    void IInitialised.Initialise(FirstWeights draw)
    {
        // A middle is rare, and lies in the middle of its cell; sizes start at two cells.
        draw.Normal(maps.weight, 0.01, "maps.weight");
        maps.bias!.copy_(tensor(new[] { MathF.Log(FirstProbability / (1 - FirstProbability)), 0.5f, 0.5f, 2 * Stride, 2 * Stride }));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return maps.call(functional.relu(conv.call(x))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor output, IReadOnlyList<Tensor> truth)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor heat, Tensor boxes, Tensor middles) = Targets(truth, output.shape[2], output.shape[3]);
        Tensor objects = middles.sum().clamp_min(1);
        Tensor probability = output[.., ..1].sigmoid().clamp(1e-4, 1 - 1e-4);
        Tensor at = heat.eq(1).to(ScalarType.Float32);
        Tensor focal = at * (1 - probability).square() * probability.log() + (1 - at) * (1 - heat).pow(4) * probability.square() * (1 - probability).log();
        Tensor distance = (output[.., 1..] - boxes).abs() * middles;
        return ((distance[.., ..2].sum() + SizeWeight * distance[.., 2..].sum() - focal.sum()) / objects).MoveToOuterDisposeScope();
    }

    /// <summary>What the output should be.</summary>
    /// <param name="truth">For each image its objects' boxes, <c>[objects, 4] float32</c>.</param>
    /// <param name="height">The map's height in cells.</param>
    /// <param name="width">Its width.</param>
    /// <returns><c>[N, 1, h, w] float32</c> the Gaussians; <c>[N, 4, h, w]</c> offsets and sizes; <c>[N, 1, h, w]</c> 1 in the cells of
    /// middles, where the second counts. Of two middles in one cell the later object's counts.</returns>
    public (Tensor Heat, Tensor Boxes, Tensor Middles) Targets(IReadOnlyList<Tensor> truth, long height, long width)
    {
        ArgumentNullException.ThrowIfNull(truth);
        (int h, int w) = ((int)height, (int)width);
        float[] heat = new float[truth.Count * h * w], boxes = new float[truth.Count * 4 * h * w], middles = new float[truth.Count * h * w];
        for (int n = 0; n < truth.Count; n++)
        {
            foreach (float[] box in BoxRows.Read(truth[n]))
            {
                float x = (box[0] + box[2]) / 2 / Stride, y = (box[1] + box[3]) / 2 / Stride, wide = box[2] - box[0], high = box[3] - box[1];
                int column = Math.Clamp((int)x, 0, w - 1), row = Math.Clamp((int)y, 0, h - 1);
                // A Gaussian that has fallen to a few percent at the radius (the authors' code: σ is a sixth of the diameter).
                double radius = Math.Max(0, Math.Floor(Radius(wide / Stride, high / Stride))), sigma = (2 * radius + 1) / 6;
                for (int j = 0; j < h; j++)
                {
                    for (int i = 0; i < w; i++)
                    {
                        if (Math.Abs(j - row) <= radius && Math.Abs(i - column) <= radius)
                        {
                            float value = (float)Math.Exp(-((j - row) * (j - row) + (i - column) * (i - column)) / (2 * sigma * sigma));
                            heat[(n * h + j) * w + i] = Math.Max(heat[(n * h + j) * w + i], value);
                        }
                    }
                }
                middles[(n * h + row) * w + column] = 1;
                foreach ((int map, float value) in ((int, float)[])[(0, x - column), (1, y - row), (2, wide), (3, high)])
                    boxes[((n * 4 + map) * h + row) * w + column] = value;
            }
        }
        return (tensor(heat, [truth.Count, 1, h, w]), tensor(boxes, [truth.Count, 4, h, w]), tensor(middles, [truth.Count, 1, h, w]));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Decode(Tensor output)
    {
        using DisposeScope scope = NewDisposeScope();
        (long count, long h, long w) = (output.shape[0], output.shape[2], output.shape[3]);
        Tensor heat = output[.., ..1].sigmoid();
        heat = heat * functional.max_pool2d(heat, 3, stride: 1, padding: 1).eq(heat);
        Tensor corner = stack([arange(w, ScalarType.Float32).expand(h, w), arange(h, ScalarType.Float32).unsqueeze(1).expand(h, w)]);
        Tensor middle = (corner + output[.., 1..3]) * Stride, half = output[.., 3..5].clamp_min(1e-3) / 2;
        Tensor rows = cat([middle - half, middle + half, heat], 1).flatten(2).permute(0, 2, 1); // [N, h·w, 5]
        return
        [
            .. Enumerable.Range(0, (int)count).Select(n =>
            {
                using DisposeScope image = NewDisposeScope();
                Tensor peaks = rows[n][rows[n][.., 4] > 0];
                Tensor order = peaks[.., 4].argsort(descending: true)[..(int)Math.Min(MostBoxes, peaks.shape[0])];
                return peaks[order].MoveToOuterDisposeScope().MoveToOuterDisposeScope();
            }),
        ];
    }

    /// <summary>
    /// How far both corners of a box may move so that it still overlaps the true one by 0.7 (Law and Deng 2018, section 3.1): the least of
    /// the three cases of both moving out, both in, or both the same way. As derived there; the code that both papers published divides
    /// by another number and gets larger radii.
    /// </summary>
    /// <param name="width">Width of the box, in cells.</param>
    /// <param name="height">Its height.</param>
    /// <param name="overlap">The least intersection over union.</param>
    /// <returns>Cells.</returns>
    public static double Radius(double width, double height, double overlap = 0.7)
    {
        // r is the smaller root of a r² − b r + c = 0 for in and the same way, the positive one for out.
        double sum = width + height, area = width * height;
        double same = (sum - Math.Sqrt(sum * sum - 4 * area * (1 - overlap) / (1 + overlap))) / 2;
        double inside = (sum - Math.Sqrt(sum * sum - 4 * area * (1 - overlap))) / 4;
        double outside = (-sum + Math.Sqrt(sum * sum + 4 * area * (1 - overlap) / overlap)) / 4;
        return Math.Min(same, Math.Min(inside, outside));
    }
}
