using System.Text.Json.Nodes;
using Sightline.Metrics;
using Sightline.Models;
using Sightline.Training.Evaluation;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Tests;

/// <summary>Same recipe, same bits; paused and resumed, same bits; another recipe or other data, refused.</summary>
[Collection(nameof(OneAtATime))]
public sealed class ExactnessTests : IDisposable
{
    private readonly TinyImageFolder tiny = new();

    public void Dispose() => tiny.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("loss: {labelSmoothing: 0.1}")]
    public void A_training_repeats_bit_for_bit(string more)
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe(more));
        RunSummary first = TrainingRun.Start(recipe, tiny.PathOf("a")), second = TrainingRun.Start(recipe, tiny.PathOf("b"));
        Assert.Equal(RunEnd.Finished, first.End);
        Assert.Equal(first.WeightsHash, second.WeightsHash);
        Assert.Equal(File.ReadAllText(Path.Combine(first.Folder, "signals.csv")), File.ReadAllText(Path.Combine(second.Folder, "signals.csv")));
        Assert.Equal(File.ReadAllText(Path.Combine(first.Folder, "probe.csv")), File.ReadAllText(Path.Combine(second.Folder, "probe.csv")));
        RunSummary other = TrainingRun.Start(recipe with { Seed = 2 }, tiny.PathOf("c"));
        Assert.NotEqual(first.WeightsHash, other.WeightsHash);
    }

    [Fact]
    public void Bf16_repeats_bit_for_bit()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16, precision: bf16, determinism: exact"));
        try
        {
            RunSummary first = TrainingRun.Start(recipe, tiny.PathOf("a")), second = TrainingRun.Start(recipe, tiny.PathOf("b"));
            Assert.Equal(first.WeightsHash, second.WeightsHash);
        }
        catch (BadInputException exception) when (exception.Code == "precision-bf16")
        {
            Assert.Skip($"bf16 cannot be trusted on this processor: {exception.Message}");
        }
    }

    [Theory]
    [InlineData("epochs: 3, batchSize: 16, precision: float32, determinism: exact, emaDecay: 0.9", "")]
    [InlineData("epochs: 3, batchSize: 16, precision: float32, determinism: exact, swa: {fromEpoch: 0}", "")]
    [InlineData("epochs: 3, batchSize: 16, precision: float32, determinism: exact, swa: {fromEpoch: 1, lowestRate: 0.1}", "data.sampling.name=class-balanced")]
    [InlineData("epochs: 3, batchSize: 16, precision: auto, accumulation: 2, clipNorm: 1", "optimiser.name=adamw")]
    [InlineData("epochs: 3, batchSize: 8, precision: float32, determinism: exact", "augmentation.mixUp.alpha=0.4")]
    public void Paused_and_resumed_it_ends_as_in_one_go(string training, string set)
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", training), set.Length > 0 ? [set] : []);
        RunSummary whole = TrainingRun.Start(recipe, tiny.PathOf("whole"));
        string precision = recipe.Training.Precision == PrecisionChoice.Auto ? Precision(whole.Folder) : "";
        if (precision == "bf16")
            recipe = recipe with { Training = recipe.Training with { Precision = PrecisionChoice.Bf16 } };
        else if (precision == "float32")
            recipe = recipe with { Training = recipe.Training with { Precision = PrecisionChoice.Float32 } };
        using var stop = new CancellationTokenSource();
        RunSummary paused = TrainingRun.Start(recipe, tiny.PathOf("parts"), new RunOptions { UntilEpoch = 1 });
        Assert.Equal((RunEnd.Paused, 1), (paused.End, paused.Epochs));
        // Interrupted in the middle of the second epoch; the generator is another process's each time.
        TorchSharp.torch.manual_seed(99);
        RunSummary interrupted = TrainingRun.Resume(paused.Folder, new RunOptions { Progress = new After(2, stop.Cancel) }, cancellationToken: stop.Token);
        Assert.Equal((RunEnd.Interrupted, 1), (interrupted.End, interrupted.Epochs));
        Assert.True(interrupted.Steps > paused.Steps);
        TorchSharp.torch.manual_seed(98);
        RunSummary resumed = TrainingRun.Resume(paused.Folder);
        Assert.Equal((RunEnd.Finished, whole.WeightsHash, whole.BestTop1, whole.BestEpoch), (resumed.End, resumed.WeightsHash, resumed.BestTop1, resumed.BestEpoch));
        Assert.Equal(File.ReadAllText(Path.Combine(whole.Folder, "signals.csv")), File.ReadAllText(Path.Combine(resumed.Folder, "signals.csv")));
        Assert.Equal(File.ReadAllText(Path.Combine(whole.Folder, "probe.csv")), File.ReadAllText(Path.Combine(resumed.Folder, "probe.csv")));
        Assert.Equal(AverageHash(whole.Folder), AverageHash(resumed.Folder));
        RunSummary again = TrainingRun.Resume(paused.Folder);
        Assert.Equal((RunEnd.Finished, whole.WeightsHash), (again.End, again.WeightsHash));
    }

    [Fact]
    public void A_changed_recipe_or_data_is_refused_by_name()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe());
        string run = TrainingRun.Start(recipe, tiny.PathOf("run"), new RunOptions { UntilEpoch = 1 }).Folder;
        BadInputException error = Assert.Throws<BadInputException>(() => TrainingRun.Resume(run, recipe: recipe with { Training = recipe.Training with { Epochs = 9 } }));
        Assert.Contains("training.epochs was 3, is 9", error.Message, StringComparison.Ordinal);

        string file = Path.Combine(run, "recipe.yaml"), text = File.ReadAllText(file);
        File.WriteAllText(file, text.Replace("learningRate: 0.05", "learningRate: 0.06", StringComparison.Ordinal));
        error = Assert.Throws<BadInputException>(() => TrainingRun.Resume(run));
        Assert.Contains("optimiser.learningRate was 0.05, is 0.06", error.Message, StringComparison.Ordinal);
        File.WriteAllText(file, text);

        string image = Directory.EnumerateFiles(Path.Combine(tiny.Images, "cone")).First();
        byte[] bytes = File.ReadAllBytes(image);
        File.Copy(Directory.EnumerateFiles(Path.Combine(tiny.Images, "crate")).First(), image, overwrite: true);
        error = Assert.Throws<BadInputException>(() => TrainingRun.Resume(run));
        Assert.Equal("resume-data", error.Code);
        Assert.Contains("data fingerprint", error.Message, StringComparison.Ordinal);
        Assert.Contains("each class has as many images as it had", error.Message, StringComparison.Ordinal);
        File.WriteAllBytes(image, bytes);
        string more = Path.Combine(tiny.Images, "cone", "more.png"), fourth = Directory.CreateDirectory(Path.Combine(tiny.Images, "bollard")).FullName;
        File.Copy(image, more);
        File.Copy(image, Path.Combine(fourth, "0.png"));
        error = Assert.Throws<BadInputException>(() => TrainingRun.Resume(run));
        Assert.Contains("class bollard is new; class cone had 40 images, has 41", error.Message, StringComparison.Ordinal);
        File.Delete(more);
        Directory.Delete(fourth, recursive: true);

        // A checkpoint from before counts were kept still says that the data changed, and still goes on.
        ForgetCounts(Path.Combine(run, "checkpoints", "last.safetensors"));
        File.Delete(image);
        Assert.Contains("images or labels were added, removed or changed", Assert.Throws<BadInputException>(() => TrainingRun.Resume(run)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(image, bytes);
        Assert.Equal(RunEnd.Finished, TrainingRun.Resume(run, recipe: recipe).End);
    }

    [Fact]
    public void The_data_may_move()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe());
        RunSummary whole = TrainingRun.Start(recipe, tiny.PathOf("whole"));
        string run = TrainingRun.Start(recipe, tiny.PathOf("run"), new RunOptions { UntilEpoch = 1 }).Folder;
        string moved = tiny.PathOf("elsewhere");
        Directory.Move(tiny.Images, moved);
        string file = Path.Combine(run, "recipe.yaml");
        File.WriteAllText(file, File.ReadAllText(file).Replace(tiny.Images, moved, StringComparison.Ordinal));
        Assert.Equal(whole.WeightsHash, TrainingRun.Resume(run).WeightsHash);
    }

    [Fact]
    public void The_averaged_weights_are_what_is_used()
    {
        RunSummary run = TrainingRun.Start(RecipeFile.Read(tiny.Recipe()), tiny.PathOf("run"));
        using TrainedModel best = TrainedModel.Load(run.Folder), last = TrainedModel.Load(Path.Combine(run.Folder, "checkpoints", "last.safetensors"));
        Assert.Equal($"best (EMA), epoch {run.BestEpoch}", best.CheckpointName);
        Assert.StartsWith("last (EMA)", last.CheckpointName, StringComparison.Ordinal);
        string environment = File.ReadAllText(Path.Combine(run.Folder, "environment.json"));
        Assert.Contains(Training.Checkpoints.WeightsHash.Of(last.Network.state_dict()), environment, StringComparison.Ordinal);
        Assert.Contains(run.WeightsHash!, environment, StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{64}$", best.Fingerprint);
        // The score of the best epoch in the log is the score of the loaded network.
        (IReadOnlyList<Datasets.ImageSample> samples, _, _) = EvaluationImages.Of(best, null, "val");
        float[] logits = Evaluator.Logits(best, samples);
        double top1 = LogitScore.Of(logits, [.. samples.Select(s => s.Label)], best.Classes.Count).Top1;
        Assert.Equal(run.BestTop1!.Value, top1, 1e-12);
        foreach (string name in (string[])["recipe.yaml", "metrics.csv", "signals.csv", "probe.csv", "report.html", "evaluation.json", "events/events.out.tfevents.sightline"])
            Assert.True(new FileInfo(Path.Combine(run.Folder, name)).Length > 0, name);
        Assert.Equal(3, MetricsLog.Read(Path.Combine(run.Folder, "metrics.csv")).Count);
    }

    private static void ForgetCounts(string checkpoint)
    {
        const string key = "sightline.checkpoint";
        using StoredWeights stored = Safetensors.Read(checkpoint);
        JsonObject state = JsonNode.Parse(stored.Metadata[key])!.AsObject();
        Assert.True(state.Remove("Counts"));
        Safetensors.Write(checkpoint, stored.Tensors, new Dictionary<string, string>(stored.Metadata) { [key] = state.ToJsonString() });
    }

    private static string AverageHash(string run) => JsonNode.Parse(File.ReadAllText(Path.Combine(run, "environment.json")))!["finalAverageHash"]?.ToString() ?? "";

    private static string Precision(string run) => File.ReadAllText(Path.Combine(run, "environment.json")).Contains("\"precision\": \"bf16\"", StringComparison.Ordinal) ? "bf16" : "float32";

    /// <summary>Calls back once, at a report of training steps.</summary>
    private sealed class After(int reports, Action then) : IProgress<WorkProgress>
    {
        private int seen;

        public void Report(WorkProgress value)
        {
            if (value.Stage.StartsWith("epoch", StringComparison.Ordinal) && ++seen == reports)
                then();
        }
    }
}
