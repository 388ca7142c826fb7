using Sightline.Datasets;
using Sightline.Training.Checkpoints;
using Sightline.Training.Evaluation;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Tests;

/// <summary>A run is scored on the images it was split from, or on others that were named on purpose.</summary>
[Collection(nameof(OneAtATime))]
public sealed class EvaluationImagesTests : IDisposable
{
    private const string OneEpoch = "epochs: 1, batchSize: 32, precision: float32";
    private readonly TinyImageFolder tiny = new(perClass: 20);

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Changed_data_is_refused_unless_it_is_named()
    {
        using TrainedModel model = Trained("data.split.testFraction=0.2");
        string[] test = Names(EvaluationImages.Of(model, null, null));
        Assert.Equal(12, test.Length);
        string more = Path.Combine(tiny.Images, "crate", "more.png");
        File.Copy(Path.Combine(tiny.Images, "crate", "000.png"), more);
        BadInputException error = Assert.Throws<BadInputException>(() => EvaluationImages.Of(model, null, null));
        Assert.Equal("evaluate-data", error.Code);
        Assert.Contains("class crate had 20 images, has 21", error.Message, StringComparison.Ordinal);
        Assert.Contains("--data PATH", error.Message, StringComparison.Ordinal);
        Assert.Equal(61, EvaluationImages.Of(model, tiny.Images, null).Samples.Count);
        File.Delete(more);
        Assert.Equal(test, Names(EvaluationImages.Of(model, null, null)));
    }

    [Fact]
    public void Moved_data_keeps_the_runs_parts()
    {
        using TrainedModel model = Trained("data.split.testFraction=0.2");
        string[] val = Names(EvaluationImages.Of(model, null, "val")), test = Names(EvaluationImages.Of(model, null, "test"));
        string moved = tiny.PathOf("elsewhere"), run = tiny.PathOf("run"), recipe = Path.Combine(run, "recipe.yaml");
        Directory.Move(tiny.Images, moved);
        BadInputException error = Assert.Throws<BadInputException>(() => EvaluationImages.Of(model, null, null));
        Assert.Equal("data-missing", error.Code);
        Assert.Contains("--data PATH", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("--set", error.Message, StringComparison.Ordinal);
        Assert.Equal(val, Names(EvaluationImages.Of(model, moved, "val")));
        Assert.Equal(test, Names(EvaluationImages.Of(model, moved, null)));

        // A recipe in the run folder that knows of the move serves its older checkpoints.
        File.WriteAllText(recipe, File.ReadAllText(recipe).Replace(tiny.Images, moved, StringComparison.Ordinal));
        Assert.Equal(val, Names(EvaluationImages.Of(model, null, "val")));
    }

    [Fact]
    public void A_run_goes_on_with_data_that_moved()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 2, batchSize: 32, precision: float32, determinism: exact"));
        string whole = TrainingRun.Start(recipe, tiny.PathOf("whole")).WeightsHash!, run = TrainingRun.Start(recipe, tiny.PathOf("run"), new RunOptions { UntilEpoch = 1 }).Folder;
        string moved = tiny.PathOf("elsewhere");
        Directory.Move(tiny.Images, moved);
        BadInputException error = Assert.Throws<BadInputException>(() => TrainingRun.Resume(run));
        Assert.Contains($"sightline train --resume {run} --set data.path=PATH", error.Message, StringComparison.Ordinal);
        Recipe there = recipe with { Data = recipe.Data with { Path = moved } };
        error = Assert.Throws<BadInputException>(() => TrainingRun.Resume(run, recipe: there with { Seed = 2 }));
        Assert.Contains("seed was 1, is 2", error.Message, StringComparison.Ordinal);
        string extra = Path.Combine(moved, "cone", "more.png");
        File.Copy(Path.Combine(moved, "cone", "000.png"), extra);
        Assert.Contains("class cone had 20 images, has 21", Assert.Throws<BadInputException>(() => TrainingRun.Resume(run, recipe: there)).Message, StringComparison.Ordinal);
        File.Delete(extra);
        Assert.Equal(whole, TrainingRun.Resume(run, recipe: there).WeightsHash);
        Assert.Equal(whole, TrainingRun.Resume(run).WeightsHash); // it knows now
        // A recipe whose path now leads to something else is no reason not to go on.
        Assert.Equal(whole, TrainingRun.Resume(run, recipe: recipe with { Data = recipe.Data with { Path = tiny.PathOf("recipe.yaml") } }).WeightsHash);
    }

    [Fact]
    public void Where_data_lies_is_no_part_of_a_models_name()
    {
        using TrainedModel model = Trained();
        string Name(Recipe recipe) => RunFingerprint.Of(model.State with { Recipe = RecipeFile.Text(recipe) }, "weights");
        Recipe moved = model.Recipe with { Data = model.Recipe.Data with { Path = "/else where: a \"place\"" } };
        Assert.Equal(Name(model.Recipe), Name(moved));
        Assert.NotEqual(Name(model.Recipe), Name(moved with { Seed = 99 }));
    }

    [Fact]
    public void A_model_keeps_its_name_when_later_versions_know_more_keys()
    {
        using TrainedModel model = Trained();
        // As written before the key was there.
        string before = string.Join('\n', model.State.Recipe.Split('\n').Where(l => !l.StartsWith("  labelSmoothing:", StringComparison.Ordinal)));
        Assert.NotEqual(before, model.State.Recipe);
        CheckpointState old = model.State with { Recipe = before };
        string place = before.Split('\n').First(l => l.StartsWith("  path:", StringComparison.Ordinal));
        byte[] expected = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{before.Replace(place, "  path: \"\"", StringComparison.Ordinal)}\0{old.DataFingerprint}\0{old.SplitFingerprint}\0weights"));
        Assert.Equal(Convert.ToHexStringLower(expected), RunFingerprint.Of(old, "weights"));
    }

    [Fact]
    public void Large_images_come_in_smaller_batches()
    {
        using BatchLoader loader = Evaluator.Loader(TestImages.Samples(130, 4, 4), TestImages.At(4000, 4000), 4, new EvaluationOptions(), keep: false);
        Assert.Equal(26, loader.BatchesPerEpoch); // 5 images of 48 million numbers are below 1 GiB of float32
    }

    private static string[] Names((IReadOnlyList<ImageSample> Samples, string Part, string Root) images) => [.. images.Samples.Select(s => s.Name)];

    private TrainedModel Trained(params string[] set) =>
        TrainedModel.Load(TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", OneEpoch), set), tiny.PathOf("run")).Folder);
}
