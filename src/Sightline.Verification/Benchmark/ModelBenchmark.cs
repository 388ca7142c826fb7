using System.Diagnostics;
using Sightline.Imaging;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>Times an exported model in ONNX Runtime: latency after warm-up, throughput, memory, by thread count.</summary>
public static class ModelBenchmark
{
    /// <summary>Runs the benchmark.</summary>
    /// <param name="path">The exported file.</param>
    /// <param name="options">What to measure, and how long.</param>
    /// <param name="progress">Told at each thread count.</param>
    /// <param name="cancellationToken">Stops between inferences.</param>
    /// <returns>The figures.</returns>
    /// <exception cref="BadInputException">The file is missing, no model, or not ours.</exception>
    public static BenchmarkReport Run(string path, BenchmarkOptions? options = null, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new BenchmarkOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Batch, 1);
        IReadOnlyList<int> threads = options.Threads ?? DefaultThreads();
        var rows = new List<BenchmarkRow>();
        double load = double.PositiveInfinity;
        for (int i = 0; i < threads.Count; i++)
        {
            var clock = Stopwatch.StartNew();
            using ImageClassifier classifier = ImageClassifier.Open(path, new ClassifierOptions { Threads = threads[i] });
            load = Math.Min(load, clock.Elapsed.TotalMilliseconds);
            rows.Add(Measure(classifier, threads[i], options, cancellationToken));
            progress?.Report(new WorkProgress("benchmark", i + 1, threads.Count, "thread counts"));
        }
        return new BenchmarkReport(rows, options.Batch, new FileInfo(path).Length, load);
    }

    private static BenchmarkRow Measure(ImageClassifier classifier, int threads, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        Preprocessing p = classifier.Contract.Preprocessing;
        int classes = classifier.Contract.Classes.Count;
        float[] inputs = new float[checked(options.Batch * p.Length)];
        for (int i = 0; i < options.Batch; i++)
            RandomInputs.Write(1, i, inputs.AsSpan(i * p.Length, p.Length));
        float[] logits = new float[options.Batch * classes];
        double[] single = Time(() => classifier.Logits(inputs.AsSpan(0, p.Length), 1, logits.AsSpan(0, classes)), options, options.MinRuns, cancellationToken);
        double[] batch = Time(() => classifier.Logits(inputs, options.Batch, logits), options, 3, cancellationToken);
        byte[] photo = ImageCodec.EncodeJpeg(Photo());
        // Pre-processing that doesn't resize takes images of the network's size only.
        byte[] image = p.Resize == ResizeRule.None ? ImageCodec.EncodeJpeg(Resize.To(Photo(), p.Width, p.Height)) : photo;
        double[] whole = Time(() => classifier.Classify(image), options, 10, cancellationToken);
        using var self = Process.GetCurrentProcess();
        return new BenchmarkRow(
            threads, single.Length, Percentile(single, 0.5), Percentile(single, 0.95), Percentile(single, 0.99),
            1000.0 * options.Batch * batch.Length / batch.Sum(), Percentile(whole, 0.5), self.PeakWorkingSet64);
    }

    /// <summary>Sorted times in milliseconds.</summary>
    private static double[] Time(Action run, BenchmarkOptions options, int minRuns, CancellationToken cancellationToken)
    {
        long limit = Stopwatch.GetTimestamp() + (long)(options.MaxSeconds * Stopwatch.Frequency);
        for (int i = 0; i < options.Warmup && Stopwatch.GetTimestamp() < limit; i++)
            run();
        var times = new List<double>();
        long enough = Stopwatch.GetTimestamp() + (long)(options.Seconds * Stopwatch.Frequency);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            run();
            long end = Stopwatch.GetTimestamp();
            times.Add((end - start) * 1000.0 / Stopwatch.Frequency);
            if (end >= limit || (end >= enough && times.Count >= minRuns))
                break;
        }
        double[] sorted = [.. times];
        Array.Sort(sorted);
        return sorted;
    }

    /// <summary>The smallest time that at least this share of the runs did not exceed (nearest rank).</summary>
    private static double Percentile(double[] sorted, double share) => sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];

    /// <summary>The thread counts that are tried by default.</summary>
    /// <returns>1, 2, 4 … and all cores.</returns>
    public static IReadOnlyList<int> DefaultThreads()
    {
        int cores = Environment.ProcessorCount;
        var counts = new List<int>();
        for (int n = 1; n < cores; n *= 2)
            counts.Add(n);
        counts.Add(cores);
        return counts;
    }

    /// <summary>A picture of 640×480 with edges and gradients, so that its JPEG costs about what a photo's does.</summary>
    private static RgbImage Photo()
    {
        var image = new RgbImage(640, 480);
        var stream = new SeedStream(1, "benchmark-photo");
        for (int y = 0, i = 0; y < 480; y++)
        {
            for (int x = 0; x < 640; x++)
            {
                int edge = (x / 40 + y / 30) % 2 * 60;
                int noise = stream.NextInt(16);
                image.Pixels[i++] = (byte)(edge + x / 5 + noise);
                image.Pixels[i++] = (byte)(edge + y / 4 + noise);
                image.Pixels[i++] = (byte)(120 - edge + noise);
            }
        }
        return image;
    }
}
