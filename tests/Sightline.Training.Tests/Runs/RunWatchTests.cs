using System.Text.Json;
using System.Text.Json.Serialization;
using Sightline.Diagnosis;
using Sightline.Metrics;
using Sightline.Training.Loop;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;
using Sightline.Training.Signals;

namespace Sightline.Tests;

/// <summary>A training looks at its own curves.</summary>
[Collection(nameof(OneAtATime))]
public sealed class RunWatchTests : IDisposable
{
    private readonly TinyImageFolder tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void A_sick_training_warns_once_stops_when_asked_and_goes_on()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", Training(6)));
        var said = new List<string>();
        RunSummary stopped = TrainingRun.Start(recipe, tiny.PathOf("run"), new RunOptions { Say = said.Add, StopWhenSick = true, Judge = SickFromTheThirdEpoch });
        // Clear when it was seen in two epochs.
        Assert.Equal((RunEnd.Sick, 4), (stopped.End, stopped.Epochs));
        Assert.Equal("Warning after epoch 4: overfitting, almost certain (0.90). It shows. Try: Shift the images. (--set augmentation.pad=4)", Assert.Single(said, s => s.StartsWith("Warning", StringComparison.Ordinal)));
        Assert.True(stopped.Diagnosis!.Log.Facts.Running);
        Assert.False(File.Exists(tiny.PathOf("run/report.html")));

        RunSummary whole = TrainingRun.Start(recipe, tiny.PathOf("whole"));
        said.Clear();
        RunSummary resumed = TrainingRun.Resume(tiny.PathOf("run"), new RunOptions { Say = said.Add, Judge = SickFromTheThirdEpoch });
        // Not asked to stop it goes on, to the same bits, and says nothing twice.
        Assert.DoesNotContain(said, s => s.StartsWith("Warning", StringComparison.Ordinal));
        Assert.Equal((RunEnd.Finished, 6, whole.WeightsHash), (resumed.End, resumed.Epochs, resumed.WeightsHash));
        Assert.False(resumed.Diagnosis!.Log.Facts.Running);
        Assert.Contains("<h2>Diagnosis</h2>", File.ReadAllText(tiny.PathOf("run/report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_kept_in_memory_is_what_the_files_tell()
    {
        var folder = new RunFolder(tiny.PathOf("run"));
        Directory.CreateDirectory(folder.Root);
        RecipeFile.Write(folder.Recipe, RecipeFile.Read(tiny.Recipe()));
        File.WriteAllText(folder.Environment, "{}");
        var watch = new RunWatch(folder, Diagnostician.Assess, null);
        using (RunLogs logs = RunLogs.Start(folder, [new NetworkBlock("conv1", []), new NetworkBlock("fc", [])]))
        {
            for (int epoch = 1; epoch <= 3; epoch++)
            {
                for (int step = 2 * epoch - 1; step <= 2 * epoch; step++)
                {
                    // The first step remembers no gradient, and one has mixed labels.
                    var images = step == 3 ? new StepImages(double.NaN, double.NaN, double.NaN, 0.5) : new StepImages(0.1 / step, 1.0 / step, 2.0 / step, 0.4);
                    var result = new StepResult(3.0 / step, 5, 16, 0.1 / epoch, 1.5, new StepSignals([new BlockStep("conv1", 1.0 / step, 10, 0.1 / step), new BlockStep("fc", 0.5, 0, 0.2)], step == 1 ? double.NaN : 0.3 / step, images));
                    logs.Step(step, epoch, result);
                    watch.Step(step, result);
                }
                var row = new EpochMetrics(epoch, 2 * epoch, 0.1 / epoch, 1.0 / epoch, 0.3 * epoch, epoch == 2 ? double.NaN : 1.1 / epoch, 0.29 * epoch, 1.25, 3, 100);
                var probe = new ProbeReading(0.9 / epoch, 0.5, double.NaN, double.NaN, [new BlockActivations("conv1", 0.7, 0.25), new BlockActivations("fc", 0.3, double.NaN)]);
                LogitScore? score = epoch == 2 ? null : new LogitScore(row.ValLoss, row.ValTop1, 0.05, 0.5, 2.5, [3, 4, 5]);
                logs.Epoch(row, probe, score);
                watch.Epoch(row, probe, score);
            }
        }
        TrainingLog files = LogReader.Read(folder.Root);
        Assert.Equal(3, files.Signals.Count);
        Assert.Equal(Text(files.Epochs), Text(watch.Log!.Epochs));
        Assert.Equal(Text(files.Signals), Text(watch.Log.Signals));
        static string Text<T>(T value) => JsonSerializer.Serialize(value, Named);
    }

    [Fact]
    public void A_diverged_training_says_so_in_its_folder_until_it_goes_on()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe(), ["optimiser.learningRate=1e18", "schedule.name=constant", "optimiser.momentum=0"]);
        string run = tiny.PathOf("run"), file = tiny.PathOf("run/diverged.json");
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => TrainingRun.Start(recipe, run));
        using (JsonDocument document = JsonDocument.Parse(File.ReadAllText(file)))
        {
            Assert.Equal(1, document.RootElement.GetProperty("epoch").GetInt32());
            Assert.InRange(document.RootElement.GetProperty("step").GetInt32(), 1, 10);
            string reason = document.RootElement.GetProperty("reason").GetString()!;
            Assert.Equal(error.Reason, $"{char.ToLowerInvariant(reason[0])}{reason[1..^1]}");
            Assert.DoesNotContain("optimiser.learningRate", reason, StringComparison.Ordinal);
        }
        TrainingLog log = LogReader.Read(run);
        Assert.Empty(log.Epochs);
        Assert.False(log.Facts.Running);
        Assert.Contains("at step", log.Facts.Diverged, StringComparison.OrdinalIgnoreCase);
        Assessment assessment = Diagnostician.Assess(log);
        Assert.Equal((Verdict.Sick, "diverged"), (assessment.Verdict, assessment.Findings[0].Code));

        // It goes on from its last good checkpoint, and diverges again.
        File.WriteAllText(file, "old");
        Assert.Throws<TrainingDivergedException>(() => TrainingRun.Resume(run));
        Assert.NotEqual("old", File.ReadAllText(file));
        // One that is interrupted before leaves no trace of it.
        using var interrupted = new CancellationTokenSource();
        interrupted.Cancel();
        Assert.Equal(RunEnd.Interrupted, TrainingRun.Resume(run, cancellationToken: interrupted.Token).End);
        Assert.False(File.Exists(file));
    }

    private static readonly JsonSerializerOptions Named = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private static string Training(int epochs) => $"epochs: {epochs}, batchSize: 16, precision: float32, determinism: exact";

    private static Assessment SickFromTheThirdEpoch(TrainingLog log) => log.Epochs.Count < 3 ? new Assessment(Verdict.Healthy, [], null) : new Assessment(Verdict.Sick, [new Finding
    {
        Code = "overfitting", Confidence = 0.9, FirstEpoch = 2, LastEpoch = log.Epochs[^1].Epoch, ShownBy = ShownBy.Loss, Evidence = "It shows.",
        Remedies = [new Remedy("Shift the images.", "augmentation.pad=4")], Confirmation = "It goes.",
    }], null);
}
