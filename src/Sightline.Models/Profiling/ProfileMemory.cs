using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Profiling;

/// <summary>Whether a pass fits in memory, told before it runs: libtorch would fail in the middle, or the system would end the process.</summary>
internal static class ProfileMemory
{
    private const int Float = sizeof(float);

    // A block holds what its layers gave until it ends: three maps (convolution, BatchNorm, activation) of each wide layer. Seen:
    // mobilenet_v2 at 5000 × 5000 holds 12 times the largest input and output of a layer.
    private const int Alive = 12;

    /// <summary>Refuses weights and an image that don't fit, before anything is built.</summary>
    /// <exception cref="BadInputException">They don't (<c>profile-memory</c>).</exception>
    public static void RequireWeights(NetworkCard card, int side) => Require(card, side, 2.0 * card.Parameters * Float + 3.0 * side * side * Float * Alive);

    /// <summary>Refuses a pass that doesn't fit, by what a small image takes: maps grow with its area.</summary>
    /// <exception cref="BadInputException">It doesn't (<c>profile-memory</c>).</exception>
    public static void RequirePass(NetworkCard card, Classifier network, int side)
    {
        int probe = card.OneInputSize ? card.InputSize : Math.Min(side, Math.Max(card.SmallestInput, 64));
        using DisposeScope scope = NewDisposeScope();
        using var watch = new LayerWatch(network);
        using (watch.On())
            network.call(zeros(1, card.Channels, probe, probe));
        double largest = watch.Layers().Max(l => (double)Values(l.Input) + Values(l.Output));
        Require(card, side, 2.0 * card.Parameters * Float + Alive * Float * largest * ((double)side / probe) * ((double)side / probe));
    }

    /// <summary>Bytes that are free: what the system says, or less where this process is given less.</summary>
    public static double Available()
    {
        double limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        string? line = File.Exists("/proc/meminfo") ? File.ReadLines("/proc/meminfo").FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal)) : null;
        return line is not null && double.TryParse(line["MemAvailable:".Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture, out double kilobytes)
            ? Math.Min(limit, 1024 * kilobytes)
            : limit;
    }

    private static void Require(NetworkCard card, int side, double bytes)
    {
        double free = Available();
        if (bytes <= free)
            return;
        throw new BadInputException("profile-memory", string.Create(CultureInfo.InvariantCulture,
            $"A pass of {card.Name} at {side} × {side} pixels needs about {bytes / 1e9:0.0} GB of memory, and {free / 1e9:0.0} GB are free."), fix: "Choose a smaller --input.");
    }

    private static long Values(IReadOnlyList<long> shape) => shape.Aggregate(1L, (a, b) => a * b);
}
