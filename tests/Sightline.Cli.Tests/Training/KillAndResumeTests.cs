using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sightline.Models;

namespace Sightline.Tests;

/// <summary>
/// Real processes, killed by SIGKILL at random moments and in the middle of checkpoint writes, then resumed: all tensors and
/// counters of the checkpoints and the logs end bit for bit as without a kill, times aside.
/// </summary>
/// <remarks>SIGHTLINE_KILLS sets how many kills (bench/kill-and-resume takes 200), SIGHTLINE_KILLS_REPORT where to write what was seen.</remarks>
public sealed class KillAndResumeTests
{
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("SIGHTLINE_KILLS") ?? "5", CultureInfo.InvariantCulture);

    [Fact]
    [Trait("Category", "slow")]
    public void A_killed_training_ends_with_the_same_bits()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            Assert.Skip("SIGKILL is Unix's.");
        using var tiny = new TinyImageFolder();
        // Both ways of averaging in turn, each against a training of its own that nobody killed.
        string[] recipes = [.. ((string[])["emaDecay: 0.9", "swa: {fromEpoch: 2}"]).Select((averaging, i) => tiny.Recipe(
            training: $"epochs: 5, batchSize: 16, precision: float32, determinism: exact, {averaging}, accumulation: 2, clipNorm: 2", checkpointing: "everySteps: 1, signalsEverySteps: 1", name: $"recipe-{i}.yaml"))];
        string[] references = [.. recipes.Select((_, i) => tiny.PathOf($"reference-{i}"))];
        var clock = Stopwatch.StartNew();
        foreach ((string recipe, string reference) in recipes.Zip(references))
        {
            SightlineProcess whole = SightlineProcess.Run("train", recipe, "--out", reference);
            Assert.True(whole.ExitCode == 0, whole.Error);
        }
        double seconds = clock.Elapsed.TotalSeconds / recipes.Length;

        int kills = 0, inWrites = 0, finished = 0, rounds = 0;
        var differences = new List<string>();
        string? failure = "it did not come to its end";
        var draw = new SeedStream((ulong)Kills, "kills");
        try
        {
            while (kills < Kills || rounds < recipes.Length)
            {
                (string recipe, string reference) = (recipes[rounds % recipes.Length], references[rounds % recipes.Length]);
                string run = tiny.PathOf($"run-{rounds++}");
                int upTo = rounds < recipes.Length ? (Kills + 1) / 2 : Kills;
                // Every second kill waits for a checkpoint that is being written.
                while (kills < upTo && Killed(recipe, run, draw.Uniform(0.2 * seconds, seconds), kills % 2 == 1, ref inWrites))
                    kills++;
                SightlineProcess last = Resume(recipe, run);
                Assert.True(last.ExitCode == 0, last.Error);
                finished++;
                differences.AddRange(RunDifferences.Between(reference, run).Select(d => $"training {finished}: {d}"));
            }
            failure = null;
        }
        catch (Exception exception)
        {
            failure = exception.Message;
            throw;
        }
        finally
        {
            Report(kills, inWrites, finished, differences, failure, clock.Elapsed.TotalSeconds);
        }
        Assert.Empty(differences);
    }

    /// <summary>The comparison above would be worth nothing if it overlooked a tensor or a counter.</summary>
    [Fact]
    public void Every_tensor_and_every_counter_is_compared()
    {
        using var tiny = new TinyImageFolder(perClass: 10);
        string recipe = tiny.Recipe(training: "epochs: 1, batchSize: 8, precision: float32, emaDecay: 0.9"), reference = tiny.PathOf("reference"), run = tiny.PathOf("run");
        SightlineProcess whole = SightlineProcess.Run("train", recipe, "--out", reference);
        Assert.True(whole.ExitCode == 0, whole.Error);
        foreach (string file in Directory.EnumerateFiles(reference, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(run, Path.GetRelativePath(reference, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        Assert.Empty(RunDifferences.Between(reference, run));

        string last = Path.Combine("checkpoints", "last.safetensors"), best = Path.Combine("checkpoints", "best.safetensors");
        string[] names;
        using (StoredWeights stored = Safetensors.Read(Path.Combine(reference, last)))
            names = [.. stored.Tensors.Keys];
        foreach (string kind in (string[])["conv1.weight", "ema/conv1.weight", "optimiser/", "random/torch"])
        {
            string name = names.First(n => n.StartsWith(kind, StringComparison.Ordinal));
            Tamper(last, tensors => tensors[name].bytes[0] ^= 1, state => state);
            Assert.Equal([$"last.safetensors: {name}"], RunDifferences.Between(reference, run));
        }
        Tamper(last, _ => { }, state => state.Replace("\"AverageUpdates\":", "\"AverageUpdates\":1", StringComparison.Ordinal));
        Assert.StartsWith("last.safetensors: state: AverageUpdates was ", Assert.Single(RunDifferences.Between(reference, run)), StringComparison.Ordinal);
        Tamper(last, _ => { }, state => state.Replace("\"NextBatch\":", "\"NextBatch\":1", StringComparison.Ordinal));
        Assert.StartsWith("last.safetensors: state: Progress.NextBatch was ", Assert.Single(RunDifferences.Between(reference, run)), StringComparison.Ordinal);
        Tamper(last, _ => { }, state => state);
        Tamper(best, tensors => tensors["fc.bias"].bytes[0] ^= 1, state => state);
        Assert.Equal(["best.safetensors: fc.bias"], RunDifferences.Between(reference, run));

        // Writes the reference's checkpoint with a change into the copy.
        void Tamper(string file, Action<IReadOnlyDictionary<string, TorchSharp.torch.Tensor>> tensors, Func<string, string> state)
        {
            using StoredWeights stored = Safetensors.Read(Path.Combine(reference, file));
            tensors(stored.Tensors);
            Safetensors.Write(Path.Combine(run, file), stored.Tensors, stored.Metadata.ToDictionary(m => m.Key, m => state(m.Value)));
        }
    }

    // Written whatever comes of it: a failure has to be told too.
    private static void Report(int kills, int inWrites, int finished, List<string> differences, string? failure, double seconds)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills, {inWrites} during checkpoint writes, {finished} trainings compared, {differences.Count} differences");
        if (Environment.GetEnvironmentVariable("SIGHTLINE_KILLS_REPORT") is not { Length: > 0 } report)
            return;
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("command", $"bench/kill-and-resume/run {Kills}");
            json.WriteString("compared", "all tensors of best and last checkpoint, their state without times, hashes, signals.csv, probe.csv, metrics.csv without times");
            json.WriteNumber("kills", kills);
            json.WriteNumber("duringCheckpointWrites", inWrites);
            json.WriteNumber("trainingsCompared", finished);
            json.WriteNumber("differences", differences.Count);
            json.WriteStartArray("differing");
            foreach (string difference in differences.Take(100))
                json.WriteStringValue(difference);
            json.WriteEndArray();
            json.WriteBoolean("passed", failure is null && differences.Count == 0);
            json.WriteString("failure", failure);
            json.WriteNumber("seconds", Math.Round(seconds));
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        AtomicFile.WriteBytes(report, buffer.ToArray());
    }

    // True when it was killed, false when it came to its end before.
    private static bool Killed(string recipe, string run, double after, bool inWrite, ref int inWrites)
    {
        using Process process = Start(recipe, run);
        var clock = Stopwatch.StartNew();
        string checkpoints = Path.Combine(run, "checkpoints");
        while (!process.HasExited)
        {
            bool late = clock.Elapsed.TotalSeconds >= after;
            bool writing = inWrite && late && Directory.Exists(checkpoints) && Directory.EnumerateFiles(checkpoints, "*.tmp").Any();
            if (writing || (late && !inWrite) || clock.Elapsed.TotalSeconds > after + 20)
            {
                process.Kill();
                process.WaitForExit();
                if (Directory.Exists(checkpoints) && Directory.EnumerateFiles(checkpoints, "*.tmp").Any())
                    inWrites++;
                return process.ExitCode != 0;
            }
            if (!inWrite)
                Thread.Sleep(1);
        }
        Assert.True(process.ExitCode == 0, "the training failed by itself");
        return false;
    }

    private static SightlineProcess Resume(string recipe, string run) => SightlineProcess.Run(Arguments(recipe, run));

    // Before the recipe is written there is no run to resume: then the same command starts it.
    private static string[] Arguments(string recipe, string run) => File.Exists(Path.Combine(run, "recipe.yaml")) ? ["train", "--resume", run] : ["train", recipe, "--out", run];

    private static Process Start(string recipe, string run)
    {
        var start = new ProcessStartInfo("dotnet", [SightlineProcess.Assembly, .. Arguments(recipe, run)]) { WorkingDirectory = Repository.Root, RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        Process process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }
}
