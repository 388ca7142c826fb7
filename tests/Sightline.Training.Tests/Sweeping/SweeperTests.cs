using Sightline.Training.Recipes;
using Sightline.Training.Runs;
using Sightline.Training.Sweeping;

namespace Sightline.Tests;

/// <summary>Whole sweeps on made-up images through the real trainer.</summary>
[Collection(nameof(OneAtATime))]
public sealed class SweeperTests : IDisposable
{
    private const string Training = "epochs: 2, batchSize: 16, precision: float32, determinism: exact";

    private readonly TinyImageFolder tiny = new(perClass: 20);

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Each_trial_of_a_grid_is_the_run_that_train_would_make()
    {
        SweepOutcome outcome = Sweeper.Start(Plan("lr=0.05,1e-9", "wd=0,5e-4"), tiny.PathOf("sweep"));
        Assert.Equal(RunEnd.Finished, outcome.End);
        Assert.Equal(4, outcome.Results.Count);
        Assert.All(outcome.Results, r => Assert.Equal((TrialState.Finished, 2), (r.State, r.History.Count)));
        Assert.Equal(outcome.Results.Select(r => r.Best!.ValTop1).OrderDescending(), outcome.Results.Select(r => r.Best!.ValTop1));
        Assert.Equal(["optimiser.learningRate=0.05 optimiser.weightDecay=0", "optimiser.learningRate=0.05 optimiser.weightDecay=5e-4", "optimiser.learningRate=1e-9 optimiser.weightDecay=0", "optimiser.learningRate=1e-9 optimiser.weightDecay=5e-4"],
            outcome.Results.OrderBy(r => r.Trial.Number).Select(r => r.Trial.Description));

        RunSummary alone = TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", Training), ["optimiser.learningRate=0.05", "optimiser.weightDecay=5e-4"]), tiny.PathOf("alone"));
        Assert.Equal(alone.WeightsHash, HashOf(outcome.Folder.RunOf(outcome.Results.Single(r => r.Trial.Number == 2).Trial)));
    }

    private SweepPlan Plan(params string[] over) => new() { Recipe = RecipeFile.Read(tiny.Recipe("", Training)), Over = ValueList.Create<SweptValues>([.. over.Select(SweptValues.Parse)]) };

    private static string HashOf(RunFolder run) => System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(run.Environment))!["finalWeightsHash"]!.GetValue<string>();
}
