using Sightline.Verification;

namespace Sightline.Tests;

public class ModelBenchmarkTests
{
    [Fact]
    public void FiguresAreOrderedAndPositive()
    {
        using var file = new TemporaryFile(TinyClassifier.Random(3, 32, 32).ToOnnx());
        BenchmarkReport report = ModelBenchmark.Run(file.Path, new BenchmarkOptions { Threads = [1, 2], Seconds = 0.05, MinRuns = 30 });
        Assert.Equal([1, 2], report.Rows.Select(r => r.Threads));
        foreach (BenchmarkRow row in report.Rows)
        {
            Assert.True(row.Runs >= 30);
            Assert.True(0 < row.P50Ms && row.P50Ms <= row.P95Ms && row.P95Ms <= row.P99Ms, row.ToString());
            Assert.InRange(row.PeakMemoryBytes, 20L << 20, 8L << 30);
            Assert.True(row.Throughput > 10 && row.ImageP50Ms > row.P50Ms * 0.2, row.ToString());
        }
        Assert.Equal(new FileInfo(file.Path).Length, report.ModelBytes);
        Assert.Contains(report.Best, report.Rows);
        Assert.True(report.LoadMs > 0);
    }

    [Fact]
    public void ALargerNetworkIsSlower()
    {
        using var small = new TemporaryFile(TinyClassifier.Random(3, 16, 16, 4).ToOnnx());
        using var large = new TemporaryFile(TinyClassifier.Random(3, 128, 128, 64).ToOnnx());
        var options = new BenchmarkOptions { Threads = [1], Seconds = 0.1, MinRuns = 20 };
        double fast = ModelBenchmark.Run(small.Path, options).Best.P50Ms, slow = ModelBenchmark.Run(large.Path, options).Best.P50Ms;
        Assert.True(slow > 5 * fast, $"{slow} ms against {fast} ms");
    }

    [Fact]
    public void ItStopsWhenAsked()
    {
        using var file = new TemporaryFile(TinyClassifier.Random(3).ToOnnx());
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => ModelBenchmark.Run(file.Path, cancellationToken: stop.Token));
    }

    [Fact]
    public void FilesOfOthersAreRefused()
    {
        using var file = new TemporaryFile(TinyClassifier.Random(3).ToOnnx(contract: ""));
        Assert.Equal("model-without-contract", Assert.Throws<BadInputException>(() => ModelBenchmark.Run(file.Path)).Code);
    }

    [Fact]
    public void TorchIsNotTouched()
    {
        using var file = new TemporaryFile(TinyClassifier.Random(3).ToOnnx());
        ModelBenchmark.Run(file.Path, new BenchmarkOptions { Threads = [1], Seconds = 0.01, MinRuns = 5 });
        Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies(), a => a.GetName().Name!.Contains("TorchSharp", StringComparison.Ordinal));
        if (File.Exists("/proc/self/maps"))
            Assert.DoesNotContain("libtorch", File.ReadAllText("/proc/self/maps"));
    }
}
