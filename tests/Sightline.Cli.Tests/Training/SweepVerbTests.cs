using System.Diagnostics;
using System.Text.Json;

namespace Sightline.Tests;

/// <summary><c>sightline sweep</c> as a person types it.</summary>
public sealed class SweepVerbTests
{
    private const string Training = "epochs: 2, batchSize: 16, precision: float32, determinism: exact";

    [Fact]
    public void From_a_grid_to_a_table_a_page_and_a_comparison()
    {
        using var tiny = new TinyImageFolder(perClass: 15);
        string recipe = tiny.Recipe("", Training), sweep = tiny.PathOf("sweep");

        SightlineProcess plan = Ok("sweep", recipe, "--over", "lr=0.05,1e-9", "--dry-run");
        Assert.Equal("trial-001  optimiser.learningRate=0.05\ntrial-002  optimiser.learningRate=1e-9\n", plan.Output);
        Assert.Contains("expects: 2 trials, 4 epochs", plan.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(sweep));

        SightlineProcess text = Ok("sweep", recipe, "--over", "lr=0.05,1e-9", "--out", sweep);
        string[] lines = text.Output.Split('\n');
        Assert.Matches(@"^trial +optimiser\.learningRate +best val top-1 +epoch +val loss +epochs +minutes$", lines[0]);
        Assert.StartsWith("trial-00", lines[1], StringComparison.Ordinal);
        Assert.Contains(text.Output, c => c is > '\u2800' and <= '\u28ff');
        Assert.Contains("trial-002 of 2: optimiser.learningRate=1e-9", text.Error, StringComparison.Ordinal);
        Assert.Contains("Best: --set optimiser.learningRate=", text.Error, StringComparison.Ordinal);
        Assert.Contains("<h2>Learning curves</h2>", File.ReadAllText(Path.Combine(sweep, "sweep.html")), StringComparison.Ordinal);

        using JsonDocument json = JsonDocument.Parse(Ok("sweep", "--resume", sweep, "--json").Output);
        Assert.Equal(("finished", "grid"), (json.RootElement.GetProperty("end").GetString(), json.RootElement.GetProperty("method").GetString()));
        JsonElement[] trials = [.. json.RootElement.GetProperty("trials").EnumerateArray()];
        Assert.Equal(2, trials.Length);
        Assert.All(trials, t => Assert.Equal(("finished", 2), (t.GetProperty("state").GetString(), t.GetProperty("epochs").GetInt32())));
        Assert.Equal(json.RootElement.GetProperty("best").GetString(), trials[0].GetProperty("trial").GetString());
        Assert.Equal("0.05", trials.Single(t => t.GetProperty("trial").GetString() == "trial-001").GetProperty("values").GetProperty("optimiser.learningRate").GetString());

        Assert.Contains("optimiser.learningRate  0.05  |  1E-09", Ok("compare", Path.Combine(sweep, "trial-001"), Path.Combine(sweep, "trial-002"), "--curves-only").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_test_says_what_to_set()
    {
        using var tiny = new TinyImageFolder(perClass: 15);
        string recipe = tiny.Recipe("", Training), sweep = tiny.PathOf("sweep");
        SightlineProcess text = Ok("sweep", recipe, "--method", "range-test", "--over", "lr=1e-4..1:log:40", "--out", sweep);
        Assert.Contains("smoothed training loss over learning rates from 0.0001 to", text.Output, StringComparison.Ordinal);
        Assert.Matches("Suggested: --set optimiser.learningRate=[0-9.E-]+ \\(where it fell fastest\\)", text.Output);
        using JsonDocument json = JsonDocument.Parse(Ok("sweep", recipe, "--method", "range-test", "--over", "lr=1e-4..1:log:40", "--resume", sweep, "--json").Output);
        JsonElement rise = json.RootElement.GetProperty("rangeTest");
        Assert.InRange(rise.GetProperty("suggestedRate").GetDouble(), 1e-4, 1);
        Assert.Contains(rise.GetProperty("set").GetString()!, text.Output, StringComparison.Ordinal);
        Assert.Equal(rise.GetProperty("rates").GetArrayLength(), rise.GetProperty("smoothed").GetArrayLength());
    }

    [Fact]
    public void A_sweep_of_which_nothing_was_trained_has_failed()
    {
        using var tiny = new TinyImageFolder(perClass: 6);
        SightlineProcess run = SightlineProcess.Run("sweep", tiny.Recipe("", Training), "--over", "lr=1e30", "--out", tiny.PathOf("sweep"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("diverged", run.Output, StringComparison.Ordinal);
        Assert.Contains("trial-001: Training diverged", run.Error, StringComparison.Ordinal);
        Assert.Contains("No trial was trained to its end", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_swept_ends_with_2_and_one_message()
    {
        using var tiny = new TinyImageFolder(perClass: 6);
        string recipe = tiny.Recipe("", Training), sweep = tiny.PathOf("sweep");
        Refused("Name a recipe to sweep over");
        Refused("--resume goes on in the sweep's own folder", recipe, "--resume", sweep, "--out", sweep);
        Refused("There is no such sweep folder", "--resume", sweep);
        Refused("Did you mean 'optimiser.learningRate'?", recipe, "--over", "optimiser.learningrate=1,2");
        Refused("a logarithmic range cannot begin at 0", recipe, "--over", "lr=0..1:log");
        Refused("Did you mean 'halving'?", recipe, "--over", "lr=1,2", "--method", "halfing");
        Refused("is set by --set and varies by --over", recipe, "--over", "lr=1,2", "--set", "optimiser.learningRate=1");
        Refused("--over optimiser.learningRate=-1: 'optimiser.learningRate' is -1; expected more than 0", recipe, "--over", "lr=1,-1", "--out", sweep);
        Assert.False(Directory.Exists(sweep));

        void Refused(string message, params string[] arguments)
        {
            SightlineProcess run = SightlineProcess.Run(["sweep", .. arguments]);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains(message, run.Error, StringComparison.Ordinal);
            Assert.Equal("", run.Output);
        }
    }

    /// <summary>SIGKILL and SIGTERM in the middle of trainings: the sweep goes on to the table that it would have had.</summary>
    [Fact]
    [Trait("Category", "slow")]
    public void A_killed_sweep_goes_on_to_the_same_table()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            Assert.Skip("SIGKILL and SIGTERM are Unix's.");
        using var tiny = new TinyImageFolder();
        string recipe = tiny.Recipe(training: "epochs: 4, batchSize: 16, precision: float32, determinism: exact", checkpointing: "everySteps: 1"), whole = tiny.PathOf("whole"), killed = tiny.PathOf("killed");
        string[] command = ["sweep", recipe, "--method", "halving", "--min-epochs", "1", "--over", "lr=1e-3..0.3:log:3"];
        Ok([.. command, "--out", whole]);

        Assert.Equal(137, Signalled([.. command, "--out", killed], "KILL", Path.Combine(killed, "trial-002", "checkpoints", "last.safetensors")));
        Assert.Contains("\"running\"", File.ReadAllText(Path.Combine(killed, "sweep.json")), StringComparison.Ordinal);
        Assert.Equal(130, Signalled([.. command, "--resume", killed], "TERM", Path.Combine(killed, "trial-003", "checkpoints", "last.safetensors")));
        SightlineProcess resumed = Ok("sweep", "--resume", killed);
        Assert.Equal(WithoutTimes(Ok("sweep", "--resume", whole).Output), WithoutTimes(resumed.Output));
        string best = Ok("sweep", "--resume", killed, "--json") is var json ? JsonDocument.Parse(json.Output).RootElement.GetProperty("best").GetString()! : "";
        Assert.Empty(RunDifferences.Between(Path.Combine(whole, best), Path.Combine(killed, best)));
    }

    // Starts a sweep, sends the signal as soon as a file is there, and waits for its end.
    private static int Signalled(string[] arguments, string signal, string when)
    {
        var start = new ProcessStartInfo("dotnet", [SightlineProcess.Assembly, .. arguments]) { WorkingDirectory = Repository.Root, RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using Process process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        while (!File.Exists(when) && !process.HasExited)
            Thread.Sleep(1);
        Assert.False(process.HasExited, "the sweep was over before it could be stopped");
        using (Process kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            kill.WaitForExit();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)));
        return process.ExitCode;
    }

    // All columns but the minutes.
    private static string[] WithoutTimes(string table) =>
        [.. table.Split('\n').Where(l => l.StartsWith("trial", StringComparison.Ordinal)).Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where((_, i) => i != 6)))];

    private static SightlineProcess Ok(params string[] arguments)
    {
        SightlineProcess run = SightlineProcess.Run(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        return run;
    }
}
