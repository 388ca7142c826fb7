using System.Diagnostics;
using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs;

/// <summary>
/// One layer of each family, all taking and giving 256 channels on a map of 28 × 28: what they count, and what they take for one image.
/// </summary>
internal static class LayerDesigns
{
    /// <summary>Channels of input and output, and side of the map.</summary>
    public const int Channels = 256, Side = 28;

    /// <summary>The designs by name.</summary>
    public static IReadOnlyList<(string Name, Func<Module<Tensor, Tensor>> Build)> All { get; } =
    [
        ("full", () => new ConvNormActivation(Channels, Channels)),
        ("bottleneck", () => new Bottleneck(Channels, Channels / Bottleneck.Expansion)),
        ("inception", () => new InceptionModule()),
        ("separable", () => new DepthwiseSeparable(Channels, Channels)),
        ("inverted", () => new InvertedResidual(Channels, Channels)),
    ];

    /// <summary>Counts a design and times it: one image, channels-last, the median of some passes.</summary>
    /// <param name="build">Builds it.</param>
    /// <param name="passes">How many passes.</param>
    /// <param name="seed">Seeds its weights.</param>
    /// <returns>Multiply-accumulates, parameters, milliseconds in float32.</returns>
    public static (long Macs, long Parameters, double Milliseconds) Measure(Func<Module<Tensor, Tensor>> build, int passes, ulong seed)
    {
        Nnpack.Disable();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using Module<Tensor, Tensor> layer = build();
        WeightInitialisation.Apply(layer, seed);
        ChannelsLast.Apply(layer);
        layer.eval();
        Tensor x = ChannelsLast.Of(randn(1, Channels, Side, Side));
        var times = new List<double>();
        for (int i = 0; i <= passes; i++)
        {
            long start = Stopwatch.GetTimestamp();
            layer.call(x).Dispose();
            if (i > 0) // the first warms up
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        times.Sort();
        return (MacCounter.Count(layer, [Channels, Side, Side]).Sum(l => l.Macs), layer.parameters().Sum(p => p.numel()), times[times.Count / 2]);
    }

    // GoogLeNet's module 3a (Szegedy et al. 2015, table 1) with BatchNorm, on 256 channels instead of 192; it gives 256.
    private sealed class InceptionModule : Module<Tensor, Tensor>
    {
        private readonly ConvNormActivation one = ConvNormActivation.Pointwise(Channels, 64);
        private readonly TorchSharp.Modules.Sequential three = Sequential(ConvNormActivation.Pointwise(Channels, 96), new ConvNormActivation(96, 128));
        private readonly TorchSharp.Modules.Sequential five = Sequential(ConvNormActivation.Pointwise(Channels, 16), new ConvNormActivation(16, 32, kernel: 5));
        private readonly TorchSharp.Modules.Sequential pool = Sequential(MaxPool2d(3, stride: 1, padding: 1), ConvNormActivation.Pointwise(Channels, 32));

        public InceptionModule()
            : base(nameof(InceptionModule)) => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            return cat([one.call(x), three.call(x), five.call(x), pool.call(x)], dim: 1).MoveToOuterDisposeScope();
        }
    }
}
