using System.Runtime.InteropServices;
using Sightline.Imaging;
using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Explanations;

/// <summary>
/// How much of its receptive field a map's middle cell makes use of: the size of its gradient by the pixel, averaged over images. Luo, Li,
/// Urtasun, Zemel: "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", NIPS 2016 (arXiv 1701.04128).
/// </summary>
/// <param name="Layer">The layer's path.</param>
/// <param name="Share">For each pixel its share of the gradient's size, summed over the colours; all add up to 1.</param>
/// <param name="CellX">Column of the cell.</param>
/// <param name="CellY">Row of the cell.</param>
/// <param name="Images">Over how many images it was averaged.</param>
public sealed record EffectiveField(string Layer, Plane<float> Share, int CellX, int CellY, int Images)
{
    // The paper's: within two standard deviations lie 95.45 %.
    private const double Outside = 1 - 0.9545;

    /// <summary>The standard deviation of the shares along the width, in pixels.</summary>
    public double DeviationX { get; } = Deviation(Share, along: (x, _) => x);

    /// <summary>The standard deviation along the height.</summary>
    public double DeviationY { get; } = Deviation(Share, along: (_, y) => y);

    /// <summary>The side of a square of as many pixels as have more than 4.55 % of the largest share (the paper's measure, section 3).</summary>
    public double Side { get; } = Math.Sqrt(Share.Values.Count(v => v > Outside * Share.Values.Max()));

    /// <summary>Measures.</summary>
    /// <param name="network">The network; it is put in evaluation mode for the time being.</param>
    /// <param name="images"><c>[N, 3, H, W] float32</c>, normalised as in training: pictures, or noise (<see cref="Noise"/>).</param>
    /// <param name="layer">The layer's path; null takes the last with a spatial extent.</param>
    /// <param name="batchSize">Images in one pass.</param>
    /// <param name="cancellationToken">Stops between passes.</param>
    /// <returns>The field of the cell in the middle of the map (of four, the one to the right and below).</returns>
    /// <exception cref="BadInputException">There is no such layer (<c>layer-unknown</c>, <c>layer-missing</c>), or no image moves the
    /// cell at all (<c>field-empty</c>).</exception>
    public static EffectiveField Of(Classifier network, Tensor images, string? layer = null, int batchSize = 16, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        using ScalarGuard guard = ScalarGuard.Enter();
        using DisposeScope scope = NewDisposeScope();
        using var frozen = new FrozenParameters(network);
        using var evaluating = new EvaluationMode(network);
        int count = (int)images.shape[0], height = (int)images.shape[2], width = (int)images.shape[3];
        SpatialLayer map = SpatialLayers.Choose(SpatialLayers.Of(network, images.narrow(0, 0, 1)), layer);
        (int x, int y) = (map.Width / 2, map.Height / 2);
        var sums = new double[height * width];
        foreach (int[] some in Enumerable.Range(0, count).Chunk(batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope pass = NewDisposeScope();
            Tensor gradient = Gradient(network, map.Name, x, y, images.narrow(0, some[0], some.Length));
            foreach ((int i, float value) in MemoryMarshal.Cast<byte, float>(gradient.bytes).ToArray().Index())
                sums[i] += value;
        }
        double all = sums.Sum();
        if (!(all > 0))
            throw new BadInputException("field-empty", $"No image moves the middle cell of '{map.Name}': its gradient is zero everywhere.");
        return new EffectiveField(map.Name, new Plane<float>(width, height, [.. sums.Select(s => (float)(s / all))]), x, y, count);
    }

    /// <summary>Images of noise: each value normally distributed, mean 0, deviation 1, as normalised pictures have on average.</summary>
    /// <param name="count">How many.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="seed">The seed; image i derives from its stream <c>effective-field</c>, i.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <returns><c>[N, C, H, W] float32</c>, the caller's to dispose, whatever scope is open.</returns>
    public static Tensor Noise(int count, int height, int width, ulong seed, int channels = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var values = new float[checked(count * channels * height * width)];
        for (int i = 0; i < count; i++)
        {
            var draw = new SeedStream(seed, "effective-field", i);
            foreach (ref float value in values.AsSpan(i * channels * height * width, channels * height * width))
                value = (float)draw.Normal();
        }
        return tensor(values, [count, channels, height, width]).DetachFromDisposeScope();
    }

    // Of the cell's channels together; of each image the absolute values, so that images don't cancel out.
    private static Tensor Gradient(Classifier network, string layer, int x, int y, Tensor images)
    {
        using var capture = new LayerCapture(network, layer, forGradients: false);
        Tensor input = ChannelsLast.Of(ComputeDevice.Put(images, ComputeDevice.Of(network))).detach().requires_grad_(true);
        using IDisposable grad = enable_grad();
        network.call(input);
        capture.Output.select(3, x).select(2, y).sum().backward();
        Tensor gradient = input.grad ?? zeros_like(input);
        return ComputeDevice.Put(gradient, DeviceType.CPU).abs().sum([0, 1]).contiguous();
    }

    private static double Deviation(Plane<float> share, Func<int, int, int> along)
    {
        double first = 0, second = 0, sum = 0;
        for (int i = 0; i < share.Values.Length; i++)
        {
            double place = along(i % share.Width, i / share.Width);
            (sum, first, second) = (sum + share.Values[i], first + place * share.Values[i], second + place * place * share.Values[i]);
        }
        double mean = first / sum;
        return Math.Sqrt(Math.Max(0, second / sum - mean * mean));
    }
}
