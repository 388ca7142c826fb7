using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Sightline.Tests;

/// <summary>The verbs from a recipe to predictions, as a person types them.</summary>
public sealed class TrainingRoadTests
{
    [Fact]
    public void From_a_recipe_to_predictions()
    {
        using var tiny = new TinyImageFolder();
        string recipe = tiny.Recipe(), run = tiny.PathOf("run"), onnx = tiny.PathOf("model.onnx"), picture = Path.Combine(tiny.Images, "cone", "000.png");

        SightlineProcess plan = Ok("train", recipe, "--dry-run", "--set", "training.epochs=2");
        Assert.Contains("  epochs: 2\n", plan.Output, StringComparison.Ordinal);
        Assert.Contains("expects: 12 steps", plan.Error, StringComparison.Ordinal);
        Assert.Contains("Measured here", plan.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));

        SightlineProcess trained = Ok("train", recipe, "--out", run, "--json");
        using JsonDocument summary = JsonDocument.Parse(trained.Output);
        Assert.Equal("finished", summary.RootElement.GetProperty("end").GetString());
        Assert.Contains("epoch 3/3", trained.Error, StringComparison.Ordinal);

        using JsonDocument evaluation = JsonDocument.Parse(Ok("evaluate", run, "--json").Output);
        Assert.Equal(summary.RootElement.GetProperty("bestTop1").GetDouble(), evaluation.RootElement.GetProperty("top1").GetDouble(), 1e-12);
        Assert.Equal(3, evaluation.RootElement.GetProperty("perClass").GetArrayLength());
        Assert.InRange(evaluation.RootElement.GetProperty("intervals").GetProperty("top1").GetProperty("low").GetDouble(), 0, evaluation.RootElement.GetProperty("top1").GetDouble());
        string table = Ok("evaluate", Path.Combine(run, "checkpoints", "last.safetensors"), "--split", "train", "--tta", "flip-shift").Output;
        Assert.Contains("confusion", table, StringComparison.Ordinal);
        Assert.Contains("test-time augmentation flip-shift", table, StringComparison.Ordinal);
        Assert.Equal("none", evaluation.RootElement.GetProperty("tta").GetString());
        using JsonDocument flipped = JsonDocument.Parse(Ok("evaluate", run, "--tta", "flip", "--json").Output);
        Assert.Equal("flip", flipped.RootElement.GetProperty("tta").GetString());

        using JsonDocument exported = JsonDocument.Parse(Ok("export", run, "-o", onnx, "--json").Output);
        Assert.InRange(exported.RootElement.GetProperty("maxAbsDifference").GetDouble(), 0, 1e-4);

        string csv = tiny.PathOf("out.csv"), pictures = tiny.PathOf("pictures");
        using JsonDocument byTorch = JsonDocument.Parse(Ok("predict", run, picture, "--json", "--annotate", pictures).Output);
        using JsonDocument byRuntime = JsonDocument.Parse(Ok("predict", onnx, picture, "--json", "--csv", csv).Output);
        JsonElement torch = byTorch.RootElement.GetProperty("predictions")[0], runtime = byRuntime.RootElement.GetProperty("predictions")[0];
        Assert.Equal(torch.GetProperty("label").GetString(), runtime.GetProperty("label").GetString());
        Assert.Equal(torch.GetProperty("probability").GetDouble(), runtime.GetProperty("probability").GetDouble(), 1e-4);
        string[] lines = File.ReadAllLines(csv);
        Assert.Equal("path,label,probability,label_2,probability_2,label_3,probability_3", lines[0]);
        Assert.StartsWith(picture + "," + runtime.GetProperty("label").GetString(), lines[1], StringComparison.Ordinal);
        Assert.True(new FileInfo(Path.Combine(pictures, "000.png")).Length > 0);
        Ok("predict", onnx, picture, "--csv", csv, "--top", "2", "--annotate", pictures);
        Assert.Equal("path,label,probability,label_2,probability_2", File.ReadLines(csv).First());
        Assert.Equal(["000.png"], Directory.EnumerateFiles(pictures).Select(Path.GetFileName));
        Ok("predict", onnx, picture, Path.Combine(tiny.Images, "crate", "000.png"), "--annotate", pictures);
        Assert.Equal(["000-2.png", "000.png"], Directory.EnumerateFiles(pictures).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        SightlineProcess toFolder = SightlineProcess.Run("predict", onnx, picture, "--csv", tiny.Root);
        Assert.Equal(2, toFolder.ExitCode);
        Assert.Contains("expected a CSV file", toFolder.Error, StringComparison.Ordinal);

        File.WriteAllText(tiny.PathOf("broken.png"), "no picture");
        SightlineProcess broken = SightlineProcess.Run("predict", onnx, picture, tiny.PathOf("broken.png"));
        Assert.Equal(2, broken.ExitCode);
        Assert.Contains("broken.png", broken.Error, StringComparison.Ordinal);
        Assert.Contains(picture, broken.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_whose_data_moved_is_evaluated_and_resumed_where_it_lies_now()
    {
        using var tiny = new TinyImageFolder(perClass: 15);
        string run = tiny.PathOf("run"), moved = tiny.PathOf("elsewhere");
        Ok("train", tiny.Recipe("", "epochs: 2, batchSize: 16, precision: float32"), "--out", run, "--until-epoch", "1");
        Directory.Move(tiny.Images, moved);
        SightlineProcess evaluate = SightlineProcess.Run("evaluate", run);
        Assert.Equal(2, evaluate.ExitCode);
        Assert.Contains("--data PATH", evaluate.Error, StringComparison.Ordinal);
        Assert.Contains("9 images of val", Ok("evaluate", run, "--data", moved).Output, StringComparison.Ordinal);
        Ok("train", "--resume", run, "--set", "data.path=" + moved);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Ctrl_c_finishes_the_step_saves_and_says_how_to_resume(string signal)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Signals are sent by kill, which Windows lacks.");
        using var tiny = new TinyImageFolder();
        string recipe = tiny.Recipe("", "epochs: 2000, batchSize: 16, precision: float32"), run = tiny.PathOf("run");
        // What a shell started in the background ignores SIGINT, and so do its children: not what this is about.
        string[] train = ["dotnet", SightlineProcess.Assembly, "train", recipe, "--out", run];
        if (OperatingSystem.IsLinux())
            train = ["env", "--default-signal=INT", .. train];
        var start = new ProcessStartInfo(train[0], train[1..]) { RedirectStandardError = true, WorkingDirectory = Repository.Root };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using Process process = Process.Start(start)!;
        using var stop = new StopAtEnd(process);
        Task<string> error = process.StandardError.ReadToEndAsync();
        var patience = Stopwatch.StartNew();
        string signals = Path.Combine(run, "signals.csv");
        while (!(File.Exists(signals) && new FileInfo(signals).Length > 100))
        {
            Assert.True(patience.Elapsed.TotalSeconds < 120 && !process.HasExited, "the training did not begin");
            Thread.Sleep(20);
        }
        using (Process kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)])!)
            kill.WaitForExit();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(1)), "the training did not end");
        Assert.Equal(130, process.ExitCode);
        string said = await error;
        Assert.Contains($"sightline train --resume {run}", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        SightlineProcess refused = SightlineProcess.Run("train", recipe, "--resume", run, "--set", "training.epochs=3");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("training.epochs was 2000, is 3", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("train", "nowhere.yaml")]
    [InlineData("train", "--resume", "nowhere")]
    [InlineData("evaluate", "nowhere")]
    [InlineData("export", "nowhere", "-o", "x.onnx")]
    [InlineData("predict", "nowhere", "x.png")]
    [InlineData("predict", "nowhere.onnx", "README.md")]
    public void What_is_missing_is_one_line_and_exit_2(params string[] arguments)
    {
        SightlineProcess result = SightlineProcess.Run(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(result.Output);
    }

    private static SightlineProcess Ok(params string[] arguments)
    {
        SightlineProcess result = SightlineProcess.Run(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }

    /// <summary>A training that a failed test leaves behind would slow every test after it.</summary>
    private sealed class StopAtEnd(Process process) : IDisposable
    {
        public void Dispose()
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
