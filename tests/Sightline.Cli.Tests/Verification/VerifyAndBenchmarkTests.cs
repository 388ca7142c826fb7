using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using Onnx;

namespace Sightline.Tests;

/// <summary>Train, export, verify, benchmark as real processes; then the same file, spoiled in the ways exports are spoiled.</summary>
[Collection(nameof(ExportedRun))]
public sealed class VerifyAndBenchmarkTests
{
    private readonly ExportedRun exported;

    public VerifyAndBenchmarkTests(ExportedRun exported) => this.exported = exported;

    [Fact]
    public void A_faithful_export_passes_and_the_checkpoint_is_named()
    {
        SightlineProcess verify = SightlineProcess.Run("verify", exported.Model, exported.Run, "--json");
        Assert.True(verify.ExitCode == 0, verify.Error);
        using JsonDocument json = JsonDocument.Parse(verify.Output);
        JsonElement root = json.RootElement;
        Assert.True(root.GetProperty("passed").GetBoolean());
        Assert.Equal(0, root.GetProperty("flips").GetInt32());
        Assert.Equal(24, root.GetProperty("images").GetInt32()); // a fifth of 120
        Assert.InRange(root.GetProperty("maxAbsDifference").GetDouble(), 0, 1e-4);
        Assert.Equal(root.GetProperty("accuracyTrained").GetDouble(), root.GetProperty("accuracyExported").GetDouble());
        Assert.StartsWith("best (EMA)", root.GetProperty("checkpoint").GetString());
        Assert.Equal(128, root.GetProperty("randomInputs").GetInt32());
        Assert.Empty(root.GetProperty("reasons").EnumerateArray());

        // What evaluate says of the same checkpoint on the same images is what verify calls the trained accuracy.
        SightlineProcess evaluate = SightlineProcess.Run("evaluate", exported.Run, "--split", "val", "--json");
        using JsonDocument scores = JsonDocument.Parse(evaluate.Output);
        Assert.Equal(scores.RootElement.GetProperty("top1").GetDouble(), root.GetProperty("accuracyTrained").GetDouble(), 1e-9);

        SightlineProcess text = SightlineProcess.Run("verify", exported.Model, exported.Run, "--random", "0");
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("PASSED", text.Output);
        Assert.Contains("0 of 24 flip", text.Output);
    }

    [Fact]
    public void Swapped_channels_fail_with_exit_1_and_the_images()
    {
        string spoiled = exported.Spoil("bgr.onnx", model =>
        {
            // The first convolution's weights, [out, 3, h, w], with R and B exchanged.
            TensorProto weights = model.Graph.Initializer.First(t => t.Dims.Count == 4 && t.Dims[1] == 3);
            float[] values = Values(weights);
            int map = (int)(weights.Dims[2] * weights.Dims[3]);
            float[] swapped = [.. Enumerable.Range(0, values.Length).Select(i => values[i / (3 * map) * 3 * map + (2 - i / map % 3) * map + i % map])];
            Set(weights, swapped);
        });
        SightlineProcess verify = SightlineProcess.Run("verify", spoiled, exported.Run, "--json");
        Assert.Equal(1, verify.ExitCode);
        using JsonDocument json = JsonDocument.Parse(verify.Output);
        Assert.False(json.RootElement.GetProperty("passed").GetBoolean());
        Assert.True(json.RootElement.GetProperty("maxAbsDifference").GetDouble() > 1e-3);
        int flips = json.RootElement.GetProperty("flips").GetInt32();
        Assert.Equal(flips, json.RootElement.GetProperty("flippedImages").GetArrayLength());
        Assert.True(flips > 0, "no decision flips although red and blue are exchanged");
        Assert.EndsWith(".png", json.RootElement.GetProperty("flippedImages")[0].GetProperty("image").GetString());
        Assert.Contains("flip", verify.Error);
    }

    [Fact]
    public void The_last_checkpoint_is_not_the_best_one_that_was_exported()
    {
        SightlineProcess verify = SightlineProcess.Run("verify", exported.Model, Path.Combine(exported.Other, "checkpoints", "last.safetensors"), "--json");
        Assert.Equal(1, verify.ExitCode);
        Assert.Contains("another run or checkpoint", verify.Error);
    }

    [Fact]
    public void A_run_without_validation_images_is_verified_on_its_test_images()
    {
        using var tiny = new TinyImageFolder(perClass: 15);
        string run = tiny.PathOf("run"), onnx = tiny.PathOf("model.onnx");
        foreach (string[] step in (string[][])
        [
            ["train", tiny.Recipe(training: "epochs: 1, batchSize: 16, precision: float32"), "--out", run, "--set", "data.split.validationFraction=0", "--set", "data.split.testFraction=0.2"],
            ["export", run, "-o", onnx],
        ])
        {
            SightlineProcess done = SightlineProcess.Run(step);
            Assert.True(done.ExitCode == 0, done.Error);
        }
        SightlineProcess verify = SightlineProcess.Run("verify", onnx, run, "--random", "0");
        Assert.True(verify.ExitCode == 0, verify.Error);
        Assert.Contains("0 of 9 flip on test images", verify.Output);
        Assert.Contains("no validation images: verified on its test images", verify.Error);
    }

    [Fact]
    public void Bad_input_is_one_line_and_exit_2()
    {
        foreach ((string[] arguments, string says) in ((string[], string)[])
        [
            (["verify", exported.Run + "/nowhere.onnx", exported.Run], "no such model file"),
            (["verify", exported.Model, exported.Run + "/nowhere"], "no such run"),
            (["verify", Path.Combine(exported.Run, "recipe.yaml"), exported.Run], "ONNX Runtime cannot load"),
            (["verify", exported.Model, exported.Run, "--max-flips", "2"], "shares"),
            (["benchmark", exported.Run + "/nowhere.onnx"], "no such model file"),
            (["benchmark", exported.Model, "--threads", "0"], "--threads"),
        ])
        {
            SightlineProcess run = SightlineProcess.Run(arguments);
            Assert.Equal(2, run.ExitCode);
            Assert.Equal("", run.Output);
            Assert.Contains(says, run.Error);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
        }
    }

    [Fact]
    public void Benchmark_tells_its_figures_where_torch_is_missing()
    {
        using var copy = new ProgramCopy(f => (f.Contains("torch", StringComparison.OrdinalIgnoreCase) && !f.StartsWith("Sightline.", StringComparison.Ordinal)) || f.StartsWith("libc10", StringComparison.Ordinal));
        SightlineProcess benchmark = copy.Run("benchmark", exported.Model, "--seconds", "0.05", "--json");
        Assert.True(benchmark.ExitCode == 0, benchmark.Error);
        using JsonDocument json = JsonDocument.Parse(benchmark.Output);
        JsonElement root = json.RootElement;
        double p50 = root.GetProperty("p50Ms").GetDouble(), p95 = root.GetProperty("p95Ms").GetDouble(), p99 = root.GetProperty("p99Ms").GetDouble();
        Assert.True(0 < p50 && p50 <= p95 && p95 <= p99, $"{p50} {p95} {p99}");
        Assert.True(root.GetProperty("throughput").GetDouble() > 1);
        Assert.InRange(root.GetProperty("peakMemoryBytes").GetInt64(), 20L << 20, 4L << 30);
        Assert.InRange(root.GetProperty("threads").GetInt32(), 1, Environment.ProcessorCount);
        Assert.InRange(root.GetProperty("byThreads").GetArrayLength(), 1, 64);
        SightlineProcess table = copy.Run("benchmark", exported.Model, "--seconds", "0.02", "--threads", "1");
        Assert.Contains("p99 ms", table.Output);
    }

    [Fact]
    public void Benchmark_figures_are_of_one_row_and_every_row_has_its_own_memory()
    {
        SightlineProcess benchmark = SightlineProcess.Run("benchmark", exported.Model, "--seconds", "0.05", "--batch", "2048", "--threads", "2", "--threads", "1", "--json");
        Assert.True(benchmark.ExitCode == 0, benchmark.Error);
        SightlineProcess alone = SightlineProcess.Run("benchmark", exported.Model, "--seconds", "0.05", "--batch", "1", "--threads", "1", "--json");
        using JsonDocument json = JsonDocument.Parse(benchmark.Output), small = JsonDocument.Parse(alone.Output);
        JsonElement root = json.RootElement;
        JsonElement[] rows = [.. root.GetProperty("byThreads").EnumerateArray()];
        Assert.Equal([2, 1], rows.Select(r => r.GetProperty("threads").GetInt32()));
        JsonElement best = rows.Single(r => r.GetProperty("threads").GetInt32() == root.GetProperty("threads").GetInt32());
        Assert.Equal(rows.Min(r => r.GetProperty("p50Ms").GetDouble()), best.GetProperty("p50Ms").GetDouble());
        foreach (string name in (string[])["p50Ms", "p95Ms", "p99Ms", "throughput", "peakMemoryBytes"])
            Assert.Equal(best.GetProperty(name).GetDouble(), root.GetProperty(name).GetDouble());
        Assert.All(rows, r => Assert.True(r.GetProperty("peakMemoryBytes").GetInt64() > small.RootElement.GetProperty("peakMemoryBytes").GetInt64(), benchmark.Output + alone.Output));
        // A peak of the process would never fall from one row to the next, and be equal in rows that need the same.
        Assert.NotEqual(rows[0].GetProperty("peakMemoryBytes").GetInt64(), rows[1].GetProperty("peakMemoryBytes").GetInt64());
    }

    private static float[] Values(TensorProto tensor) =>
        tensor.RawData.IsEmpty ? [.. tensor.FloatData] : MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();

    private static void Set(TensorProto tensor, float[] values)
    {
        tensor.FloatData.Clear();
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
    }
}
