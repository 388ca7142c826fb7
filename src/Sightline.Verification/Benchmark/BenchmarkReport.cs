namespace Sightline.Verification;

/// <summary>How a model is timed.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>Thread counts to try; null tries 1, 2, 4 … and all cores.</summary>
    public IReadOnlyList<int>? Threads { get; init; }

    /// <summary>The batch size for throughput. Latency is always that of one image.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Seconds of measuring for each figure, after warm-up.</summary>
    public double Seconds { get; init; } = 2;

    /// <summary>Inferences before measuring starts: the first ones pay for memory and caches.</summary>
    public int Warmup { get; init; } = 10;

    /// <summary>The least number of timed inferences, however long they take; 100 give a 99th percentile that means something.</summary>
    public int MinRuns { get; init; } = 100;

    /// <summary>Seconds after which measuring a figure stops even before <see cref="MinRuns"/>.</summary>
    public double MaxSeconds { get; init; } = 20;
}

/// <summary>Times at one thread count.</summary>
/// <param name="Threads">Threads inside one inference.</param>
/// <param name="Runs">How many single inferences were timed.</param>
/// <param name="P50Ms">Median latency of one image in milliseconds, the network alone.</param>
/// <param name="P95Ms">95th percentile.</param>
/// <param name="P99Ms">99th percentile.</param>
/// <param name="Throughput">Images per second at the batch size of the report, the network alone.</param>
/// <param name="ImageP50Ms">Median time from the bytes of a 640×480 JPEG to a decision, in milliseconds.</param>
/// <param name="PeakMemoryBytes">The process's largest resident size by the end of this row: runtime, model, buffers, and the rows measured
/// before it in this process. To have it of this row alone, measure it in a process of its own, as <c>sightline benchmark</c> does.</param>
public sealed record BenchmarkRow(int Threads, int Runs, double P50Ms, double P95Ms, double P99Ms, double Throughput, double ImageP50Ms, long PeakMemoryBytes);

/// <summary>How fast and how large a model is on this machine.</summary>
/// <param name="Rows">One row for each thread count.</param>
/// <param name="Batch">The batch size of the throughputs.</param>
/// <param name="ModelBytes">Size of the file.</param>
/// <param name="LoadMs">Time to open the model in milliseconds.</param>
public sealed record BenchmarkReport(IReadOnlyList<BenchmarkRow> Rows, int Batch, long ModelBytes, double LoadMs)
{
    /// <summary>The row with the lowest median latency.</summary>
    public BenchmarkRow Best => Rows.MinBy(r => r.P50Ms)!;
}
