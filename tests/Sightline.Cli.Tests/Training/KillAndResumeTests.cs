using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Sightline.Tests;

/// <summary>
/// Real processes, killed by SIGKILL at random moments and in the middle of checkpoint writes, then resumed: weights, moving average and
/// logs end bit for bit as without a kill, times aside.
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
        string recipe = tiny.Recipe(training: "epochs: 5, batchSize: 16, precision: float32, determinism: exact, emaDecay: 0.9, accumulation: 2, clipNorm: 2", checkpointing: "everySteps: 1, signalsEverySteps: 1");
        string reference = tiny.PathOf("reference");
        var clock = Stopwatch.StartNew();
        SightlineProcess whole = SightlineProcess.Run("train", recipe, "--out", reference);
        Assert.True(whole.ExitCode == 0, whole.Error);
        double seconds = clock.Elapsed.TotalSeconds;
        (string hash, string average) = Hashes(reference);

        int kills = 0, inWrites = 0, finished = 0, rounds = 0;
        var draw = new SeedStream((ulong)Kills, "kills");
        while (kills < Kills)
        {
            string run = tiny.PathOf($"run-{rounds++}");
            // Every second kill waits for a checkpoint that is being written.
            while (kills < Kills && Killed(recipe, run, draw.Uniform(0.2 * seconds, seconds), kills % 2 == 1, ref inWrites))
                kills++;
            SightlineProcess last = Resume(recipe, run);
            Assert.True(last.ExitCode == 0, last.Error);
            finished++;
            Assert.Equal((hash, average), Hashes(run));
            Assert.Equal(File.ReadAllText(Path.Combine(reference, "signals.csv")), File.ReadAllText(Path.Combine(run, "signals.csv")));
            Assert.Equal(WithoutTimes(reference), WithoutTimes(run));
            Assert.Equal(File.ReadAllBytes(Path.Combine(reference, "checkpoints", "best.safetensors")).Length, File.ReadAllBytes(Path.Combine(run, "checkpoints", "best.safetensors")).Length);
            Assert.Empty(Directory.EnumerateFiles(run, "*.tmp", SearchOption.AllDirectories));
        }
        if (Environment.GetEnvironmentVariable("SIGHTLINE_KILLS_REPORT") is { Length: > 0 } report)
            AtomicFile.WriteText(report, $$"""{"kills": {{kills}}, "duringCheckpointWrites": {{inWrites}}, "trainingsCompared": {{finished}}, "differences": 0, "seconds": {{clock.Elapsed.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)}}}""" + "\n");
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills, {inWrites} during checkpoint writes, {finished} trainings compared");
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

    private static (string Weights, string Average) Hashes(string run)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "environment.json")));
        return (document.RootElement.GetProperty("finalWeightsHash").GetString()!, document.RootElement.GetProperty("finalAverageHash").GetString()!);
    }

    private static string[] WithoutTimes(string run) => [.. File.ReadAllLines(Path.Combine(run, "metrics.csv")).Select(l => string.Join(',', l.Split(',')[..8]))];
}
