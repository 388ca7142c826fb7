using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Explanations;

/// <summary>Covers the image patch by patch and watches the class's probability (Zeiler and Fergus 2014, section 4.2).</summary>
internal static class Occlusion
{
    private const int PatchesAcross = 5;

    /// <summary>For each pixel, by how much the probability falls on average over the patches that cover it.</summary>
    /// <param name="probabilities">The network: <c>[N, C, H, W]</c> to <c>[N, K]</c>.</param>
    /// <param name="image"><c>[1, C, H, W] float32</c>.</param>
    /// <param name="wanted">The class.</param>
    /// <param name="options">Patch, stride, blank.</param>
    /// <param name="guard">Lets finalisers run between batches.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns><c>[H, W] float32</c>.</returns>
    public static Tensor Map(Func<Tensor, Tensor> probabilities, Tensor image, int wanted, ExplanationOptions options, ScalarGuard guard, CancellationToken cancellationToken)
    {
        using IDisposable noGrad = no_grad();
        int height = (int)image.shape[2], width = (int)image.shape[3];
        int side = options.Patch ?? Math.Max(1, Math.Min(height, width) / PatchesAcross), stride = options.Stride ?? Math.Max(1, side / 2);
        if (side > Math.Min(height, width))
            throw new BadInputException("explain-option", $"A patch of {side} pixels is larger than the network's input of {width} × {height}.", fix: "Choose a smaller one by --patch.");
        if (stride > side)
            throw new BadInputException("explain-option", $"With a stride of {stride}, patches of {side} pixels leave pixels uncovered.", fix: "Choose a smaller one by --stride.");
        (int X, int Y)[] places = [.. Starts(height, side, stride).SelectMany(y => Starts(width, side, stride).Select(x => (x, y)))];
        Tensor blank = tensor([.. options.Blank], [1, options.Blank.Count, 1, 1]).to(image.device);
        Tensor falls = zeros([height, width], device: image.device), covers = zeros([height, width], device: image.device);
        Tensor before = probabilities(image)[0, wanted];
        foreach ((int X, int Y)[] some in places.Chunk(options.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            guard.AtBoundary();
            using DisposeScope scope = NewDisposeScope();
            // Repeated along the batch alone, a channels-last image stays one; its copies are written to.
            Tensor covered = image.repeat(some.Length, 1, 1, 1);
            foreach ((int i, (int x, int y)) in some.Index())
                covered.narrow(0, i, 1).narrow(2, y, side).narrow(3, x, side).copy_(blank);
            Tensor fall = before - probabilities(ChannelsLast.Of(covered)).select(1, wanted);
            foreach ((int i, (int x, int y)) in some.Index())
            {
                falls.narrow(0, y, side).narrow(1, x, side).add_(fall[i]);
                covers.narrow(0, y, side).narrow(1, x, side).add_(1);
            }
        }
        return falls / covers;
    }

    /// <summary>Where patches begin along an axis: every stride, and one more at the end, so that every pixel is covered.</summary>
    internal static IEnumerable<int> Starts(int length, int side, int stride)
    {
        int start = 0;
        for (; start + side < length; start += stride)
            yield return start;
        yield return length - side;
    }
}
