using System.Text.Json;

namespace Sightline.Tests;

/// <summary><c>train</c> tells what its curves say, and <c>diagnose</c> the same of the run, as a person types them.</summary>
public sealed class TrainingWatchTests : IDisposable
{
    private readonly TinyImageFolder tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void A_training_that_leaves_the_range_of_numbers_stops_when_sick_and_goes_on()
    {
        string run = tiny.PathOf("run"), page = tiny.PathOf("page.html");
        string recipe = tiny.Recipe("", "epochs: 16, batchSize: 16, precision: float32");
        // A decay of more than twice the weight a step: the classifier layer swings further and further out, and stays finite for many epochs.
        SightlineProcess stopped = SightlineProcess.Run("train", recipe, "--out", run, "--stop-when-sick", "--set", "optimiser.learningRate=2.2", "--set", "optimiser.weightDecay=1",
            "--set", "optimiser.momentum=0", "--set", "schedule.name=constant", "--json");
        Assert.True(stopped.ExitCode == 1, stopped.Error);
        Assert.Contains("Warning after epoch ", stopped.Error, StringComparison.Ordinal);
        Assert.Contains("Stopped, since something is wrong, after step ", stopped.Error, StringComparison.Ordinal);
        Assert.Contains($"Go on with: sightline train --resume {run}", stopped.Error, StringComparison.Ordinal);
        using JsonDocument trained = JsonDocument.Parse(stopped.Output);
        Assert.Equal("sick", trained.RootElement.GetProperty("end").GetString());
        Assert.Equal("learning-rate-too-high", trained.RootElement.GetProperty("diagnosis").GetProperty("findings")[0].GetProperty("code").GetString());
        int epochs = trained.RootElement.GetProperty("epochs").GetInt32();
        Assert.InRange(epochs, 2, 15);

        SightlineProcess diagnosed = SightlineProcess.Run("diagnose", run, "--json", "--html", page);
        Assert.Equal(1, diagnosed.ExitCode);
        using JsonDocument document = JsonDocument.Parse(diagnosed.Output);
        // What train told is what diagnose tells.
        Assert.True(JsonElement.DeepEquals(trained.RootElement.GetProperty("diagnosis"), document.RootElement));
        JsonElement finding = document.RootElement.GetProperty("findings")[0];
        Assert.Equal(["code", "confidence", "firstEpoch", "lastEpoch", "evidence", "remedies", "confirmation", "followsFrom", "shownBy"], finding.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["action", "settings"], finding.GetProperty("remedies")[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(["verdict", "source", "epochs", "notes", "findings", "missing"], document.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Contains(finding.GetProperty("code").GetString()!, File.ReadAllText(page), StringComparison.Ordinal);

        SightlineProcess resumed = SightlineProcess.Run("train", "--resume", run, "--until-epoch", $"{epochs + 1}", "--json");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        using JsonDocument more = JsonDocument.Parse(resumed.Output);
        Assert.Equal(("paused", epochs + 1), (more.RootElement.GetProperty("end").GetString(), more.RootElement.GetProperty("epochs").GetInt32()));
    }

    [Fact]
    public void A_training_that_diverges_says_what_reads_its_curves()
    {
        string run = tiny.PathOf("run");
        SightlineProcess failed = SightlineProcess.Run("train", tiny.Recipe(), "--out", run, "--set", "optimiser.learningRate=1e18", "--set", "schedule.name=constant", "--set", "optimiser.momentum=0");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains($"What its curves say: sightline diagnose {run}", failed.Error, StringComparison.Ordinal);
        SightlineProcess told = SightlineProcess.Run("diagnose", run);
        Assert.Equal(1, told.ExitCode);
        Assert.StartsWith("Sick: diverged, almost certain (0.99).", told.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_remedy_is_tried_and_shown_beside_the_run()
    {
        string run = tiny.PathOf("run");
        Assert.Equal(1, SightlineProcess.Run("train", tiny.Recipe("", "epochs: 6, batchSize: 16, precision: float32"), "--out", run, "--stop-when-sick", "--set", "optimiser.learningRate=2.2",
            "--set", "optimiser.weightDecay=1", "--set", "optimiser.momentum=0", "--set", "schedule.name=constant").ExitCode);
        SightlineProcess tried = SightlineProcess.Run("diagnose", run, "--try", "--json");
        using JsonDocument document = JsonDocument.Parse(tried.Output);
        JsonElement trial = document.RootElement.GetProperty("try");
        Assert.Equal(("learning-rate-too-high", run + "-try"), (trial.GetProperty("code").GetString(), trial.GetProperty("run").GetString()));
        string setting = Assert.Single(trial.GetProperty("settings").EnumerateArray()).GetString()!;
        Assert.StartsWith("optimiser.learningRate=", setting, StringComparison.Ordinal);
        Assert.Contains("  learningRate: 0.44\n", File.ReadAllText(Path.Combine(run + "-try", "recipe.yaml")), StringComparison.Ordinal);
        Assert.Equal(6, trial.GetProperty("after").GetProperty("epochs").GetInt32());
        Assert.True(trial.GetProperty("after").GetProperty("lastTrainLoss").GetDouble() < trial.GetProperty("before").GetProperty("lastTrainLoss").GetDouble());
        Assert.Equal(trial.GetProperty("after").GetProperty("verdict").GetString() == "sick" ? 1 : 0, tried.ExitCode);
        // What is no run has no recipe to try.
        SightlineProcess log = SightlineProcess.Run("diagnose", Repository.PathOf("tests/Sightline.Cli.Tests/Diagnosing/log.csv"), "--try");
        Assert.Equal(2, log.ExitCode);
        Assert.Contains("Only a run of sightline train can be tried again", log.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_remedy_goes_out_from_the_last_healthy_checkpoint()
    {
        string run = tiny.PathOf("run");
        Assert.Equal(0, SightlineProcess.Run("train", tiny.Recipe("", "epochs: 6, batchSize: 16, precision: float32"), "--out", run, "--until-epoch", "3").ExitCode);
        // What a training leaves whose loss is no number in its fourth epoch.
        File.WriteAllText(Path.Combine(run, "diverged.json"), """{"epoch": 4, "step": 20, "reason": "The loss is no number."}""");
        SightlineProcess tried = SightlineProcess.Run("diagnose", run, "--try", "--from", "healthy", "--json");
        using JsonDocument document = JsonDocument.Parse(tried.Output);
        JsonElement trial = document.RootElement.GetProperty("try");
        Assert.Equal(("diverged", 3), (trial.GetProperty("code").GetString(), trial.GetProperty("fromEpoch").GetInt32()));
        Assert.Equal(3, trial.GetProperty("after").GetProperty("epochs").GetInt32());
        Assert.Contains("checkpoints/last.safetensors", File.ReadAllText(Path.Combine(run + "-try", "recipe.yaml")), StringComparison.Ordinal);
        Assert.Contains("from epoch 3 (", tried.Error, StringComparison.Ordinal);

        File.Delete(Path.Combine(run, "checkpoints", "last.safetensors"));
        File.Delete(Path.Combine(run, "checkpoints", "best.safetensors"));
        SightlineProcess gone = SightlineProcess.Run("diagnose", run, "--try", "--from", "healthy");
        Assert.Equal(2, gone.ExitCode);
        Assert.Contains("none is left", gone.Error, StringComparison.Ordinal);
        Assert.Equal(2, SightlineProcess.Run("diagnose", run, "--from", "start").ExitCode);
    }
}
