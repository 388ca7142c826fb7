using System.Diagnostics;
using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Profiling;

/// <summary>
/// Times the layers of a registered network: one image, forward, evaluation mode, channels-last, one pass to warm up, then the median.
/// </summary>
/// <remarks>It sees layers that are modules and are called through <c>call</c>; the rest of the pass is told as one sum.</remarks>
public static class Profiler
{
    private const int FewestPasses = 5, MostPasses = 31;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(3), TooMuch = TimeSpan.FromSeconds(30);

    /// <summary>Profiles a network with fresh weights, whose values don't matter for the time.</summary>
    /// <param name="card">The network.</param>
    /// <param name="side">The side of the image; null takes the card's.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <returns>The profile.</returns>
    /// <exception cref="BadInputException">The network doesn't take such images (<c>network-input</c>), or a pass would not fit in
    /// memory (<c>profile-memory</c>); told before it runs.</exception>
    public static NetworkProfile Run(NetworkCard card, int? side = null, ProfilePrecision precision = ProfilePrecision.Float32, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(card);
        int pixels = side ?? card.InputSize;
        RequireSize(card, pixels);
        ProfileMemory.RequireWeights(card, pixels);
        Allocator.Configure();
        using ScalarGuard guard = ScalarGuard.Enter();
        using Classifier network = Networks.Create(card.Name, card.Classes, seed: 1);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        network.eval();
        ChannelsLast.Apply(network);
        ProfileMemory.RequirePass(card, network, pixels);
        ScalarType type = precision == ProfilePrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        network.to(type);
        Tensor image = ChannelsLast.Of(randn(1, card.Channels, pixels, pixels).to(type));

        using var watch = new LayerWatch(network);
        Pass(network, image);
        var whole = new List<double>();
        var begun = Stopwatch.StartNew();
        while (whole.Count == 0 || (whole.Count < FewestPasses && begun.Elapsed < TooMuch) || (whole.Count < MostPasses && begun.Elapsed < Enough))
        {
            cancellation.ThrowIfCancellationRequested();
            guard.AtBoundary();
            whole.Add(Pass(network, image));
            using (watch.On())
                Pass(network, image);
        }
        return new NetworkProfile(card.Name, pixels, precision, get_num_threads(), whole.Count, Median(whole), watch.Between(), watch.Layers(), network.parameters().Sum(p => p.numel()));
    }

    /// <summary>The middle of some numbers.</summary>
    internal static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Pass(Classifier network, Tensor image)
    {
        using DisposeScope scope = NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        network.call(image);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void RequireSize(NetworkCard card, int side)
    {
        if (card.OneInputSize && side != card.InputSize)
            throw new BadInputException("network-input", $"{card.Name} takes images of {card.InputSize} × {card.InputSize} only, and {side} was asked for.", fix: "Leave --input out.");
        if (side < card.SmallestInput)
            throw new BadInputException("network-input", $"{card.Name} takes images of at least {card.SmallestInput} × {card.SmallestInput}, and {side} was asked for.", fix: $"Choose an --input of {card.SmallestInput} or more.");
    }
}
