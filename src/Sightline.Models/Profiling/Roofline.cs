using System.Diagnostics;
using System.Globalization;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Profiling;

/// <summary>
/// What a machine can do at most: multiply-accumulates a second when it need not wait for memory, bytes a second when it need not
/// compute. Williams, Waterman, Patterson: "Roofline", CACM 2009.
/// </summary>
/// <param name="Machine">Processor, threads, libtorch and arithmetic: what the numbers hold for.</param>
/// <param name="MacsPerSecond">Of a matrix product of 1024 × 1024 × 1024, or of a large 3×3 convolution where that is faster: the two come
/// from different libraries.</param>
/// <param name="BytesPerSecond">Of a copy of 128 MiB, read and written.</param>
public sealed record Roofline(string Machine, double MacsPerSecond, double BytesPerSecond)
{
    private const int Rank = 1024, Channels = 256, Side = 28;
    private const long CopyBytes = 128 << 20;
    private const int Runs = 25;

    /// <summary>The intensity in multiply-accumulates a byte from which on arithmetic, not memory, is what takes long.</summary>
    public double Ridge => MacsPerSecond / BytesPerSecond;

    /// <summary>The shortest time the machine allows: the longer of computing and moving.</summary>
    /// <param name="macs">Multiply-accumulates.</param>
    /// <param name="bytes">Bytes to move.</param>
    /// <returns>Milliseconds.</returns>
    public double LeastMilliseconds(long macs, long bytes) => 1000 * Math.Max(macs / MacsPerSecond, bytes / BytesPerSecond);

    /// <summary>Whether moving takes longer than computing.</summary>
    /// <param name="intensity">Multiply-accumulates a byte.</param>
    /// <returns>Whether it is memory that limits.</returns>
    public bool IsMemoryBound(double intensity) => intensity < Ridge;

    /// <summary>Measures this machine, about a second.</summary>
    /// <param name="precision">The arithmetic.</param>
    /// <returns>Its roofline.</returns>
    public static Roofline Measure(ProfilePrecision precision)
    {
        Allocator.Configure();
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = precision == ProfilePrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        Tensor a = randn(Rank, Rank).to(type), b = randn(Rank, Rank).to(type);
        Tensor from = zeros(CopyBytes, uint8), to = zeros(CopyBytes, uint8);
        Tensor map = ChannelsLast.Of(randn(1, Channels, Side, Side).to(type)), filters = ChannelsLast.Of(randn(Channels, Channels, 3, 3).to(type));
        Nnpack.Disable();
        double product = (double)Rank * Rank * Rank / Shortest(() => a.mm(b).Dispose());
        double convolution = 9.0 * Channels * Channels * Side * Side / Shortest(() => nn.functional.conv2d(map, filters, padding: [1, 1]).Dispose());
        double copied = 2 * CopyBytes / Shortest(() => to.copy_(from));
        return new Roofline(MachineKey(precision), Math.Max(product, convolution), copied);
    }

    /// <summary>What the numbers hold for.</summary>
    internal static string MachineKey(ProfilePrecision precision)
    {
        return string.Create(CultureInfo.InvariantCulture, $"{ProcessorName.Read()}, {get_num_threads()} threads, libtorch {TorchEnvironment.Read().LibtorchVersion}, {precision}");
    }

    // The shortest run: what the machine can do, not what it did beside other work.
    private static double Shortest(Action work)
    {
        work();
        return Enumerable.Range(0, Runs).Min(_ =>
        {
            long start = Stopwatch.GetTimestamp();
            work();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
    }
}
