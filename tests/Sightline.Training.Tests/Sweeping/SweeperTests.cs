using System.Text.Json.Nodes;
using Sightline.Training.Comparison;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;
using Sightline.Training.Sweeping;

namespace Sightline.Tests;

/// <summary>Whole sweeps on made-up images through the real trainer.</summary>
[Collection(nameof(OneAtATime))]
public sealed class SweeperTests : IDisposable
{
    private const string Training = "epochs: 2, batchSize: 16, precision: float32, determinism: exact";

    private readonly TinyImageFolder tiny = new(perClass: 15);

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Each_trial_of_a_grid_is_the_run_that_train_would_make()
    {
        SweepOutcome outcome = Sweeper.Start(Plan("lr=0.05,1e-9", "optimiser.nesterov=true,false"), tiny.PathOf("sweep"));
        Assert.Equal(RunEnd.Finished, outcome.End);
        Assert.Equal(["optimiser.learningRate=0.05 optimiser.nesterov=true", "optimiser.learningRate=0.05 optimiser.nesterov=false", "optimiser.learningRate=1e-9 optimiser.nesterov=true", "optimiser.learningRate=1e-9 optimiser.nesterov=false"],
            outcome.Results.OrderBy(r => r.Trial.Number).Select(r => r.Trial.Description));
        Assert.All(outcome.Results, r => Assert.Equal((TrialState.Finished, 2), (r.State, r.History.Count)));
        Assert.Equal(outcome.Results.Select(r => r.Best!.ValTop1).OrderDescending(), outcome.Results.Select(r => r.Best!.ValTop1));

        RunSummary alone = TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", Training), ["optimiser.learningRate=0.05", "optimiser.nesterov=false"]), tiny.PathOf("alone"));
        RunFolder second = outcome.Folder.RunOf(outcome.Results.Single(r => r.Trial.Number == 2).Trial);
        Assert.Equal(alone.WeightsHash, HashOf(second));
        Assert.True(File.Exists(second.Report));
        Assert.Equal(["optimiser.learningRate", "optimiser.nesterov"],
            RunComparer.Compare([outcome.Folder.RunOf(new Trial(1, [])).Root, outcome.Folder.RunOf(new Trial(4, [])).Root], images: false).Differences.Select(d => d.Key));

        string html = File.ReadAllText(outcome.Folder.Page);
        Assert.Equal(SweepPage.Html(outcome), html);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.All(outcome.Results, r => Assert.Contains($"<title>{r.Trial.Name}: {r.Trial.Description}: ", html, StringComparison.Ordinal));
        // A sweep that is done is done.
        Assert.Equal(Table(outcome), Table(Sweeper.Resume(outcome.Folder.Root)));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    public void A_halving_that_was_stopped_goes_on_to_the_same_table(int stopAfterSteps)
    {
        SweepPlan plan = Plan("lr=1e-3..0.3:log:3") with { Recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 4, batchSize: 16, precision: float32, determinism: exact")), Method = SweepMethod.Halving, Eta = 3, MinEpochs = 1 };
        SweepOutcome whole = Sweeper.Start(plan, tiny.PathOf("whole"));
        Assert.Equal([TrialState.Finished, TrialState.Dropped, TrialState.Dropped], whole.Results.Select(r => r.State));
        Assert.Equal([4, 1, 1], whole.Results.Select(r => r.History.Count));

        using var stop = new CancellationTokenSource();
        int steps = 0;
        var options = new RunOptions { Stepped = (_, _) => CancelAt(stop, ++steps, stopAfterSteps) };
        SweepOutcome stopped = Sweeper.Start(plan, tiny.PathOf("stopped"), options, stop.Token);
        Assert.Equal(RunEnd.Interrupted, stopped.End);
        Assert.Contains(stopped.Results, r => r.State == TrialState.Paused);
        Assert.Contains("interrupted", SweepPage.Html(stopped), StringComparison.Ordinal);
        SweepOutcome resumed = Sweeper.Resume(stopped.Folder.Root, same: plan);
        Assert.Equal(RunEnd.Finished, resumed.End);
        Assert.Equal(Table(whole), Table(resumed));
        Assert.Equal(HashOf(whole.Results[0].Run), HashOf(resumed.Results[0].Run));
        // Who went on stands where a training without a stop would: the schedule is the recipe's.
        RunSummary alone = TrainingRun.Start(plan.RecipeOf(whole.Results[0].Trial), tiny.PathOf("alone"));
        Assert.Equal(alone.WeightsHash, HashOf(whole.Results[0].Run));
    }

    [Fact]
    public void A_sweep_whose_process_was_killed_goes_on()
    {
        SweepOutcome whole = Sweeper.Start(Plan("lr=0.05,0.1"), tiny.PathOf("whole"));
        // What a kill leaves: the present trial marked as running, its checkpoint some steps behind; what comes after, not begun.
        using var stop = new CancellationTokenSource();
        int steps = 0;
        SweepOutcome killed = Sweeper.Start(Plan("lr=0.05,0.1"), tiny.PathOf("killed"), new RunOptions { Stepped = (_, _) => CancelAt(stop, ++steps, 3) }, stop.Token);
        JsonNode state = JsonNode.Parse(File.ReadAllText(killed.Folder.State))!;
        Assert.Equal(["paused", "waiting"], state["trials"]!.AsArray().Select(t => (string)t!["state"]!));
        state["trials"]![0]!["state"] = "running";
        File.WriteAllText(killed.Folder.State, state.ToJsonString());
        File.WriteAllText(killed.Folder.State + ".1-2.tmp", "half a");
        Assert.Equal(Table(whole), Table(Sweeper.Resume(killed.Folder.Root)));
        Assert.Empty(Directory.EnumerateFiles(killed.Folder.Root, "*.tmp"));
    }

    [Fact]
    public void A_sweep_whose_data_moved_goes_on_where_they_lie_now_in_the_number_format_that_was_timed_once()
    {
        string moved = tiny.PathOf("moved");
        SweepPlan plan = Plan("lr=0.05,0.1") with { Recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16")) };
        using var stop = new CancellationTokenSource();
        int steps = 0;
        SweepOutcome stopped = Sweeper.Start(plan, tiny.PathOf("sweep"), new RunOptions { Stepped = (_, _) => CancelAt(stop, ++steps, 1) }, stop.Token);
        Directory.Move(tiny.Images, moved);
        SweepOutcome resumed = Sweeper.Resume(stopped.Folder.Root, same: plan with { Recipe = plan.Recipe with { Data = plan.Recipe.Data with { Path = moved } } });
        Assert.Equal((RunEnd.Finished, 2), (resumed.End, resumed.Results.Count(r => r.State == TrialState.Finished)));
        Recipe[] recipes = [.. resumed.Results.Select(r => RecipeFile.Read(r.Run.Recipe))];
        Assert.All(recipes, r => Assert.Equal((moved, stopped.Plan.Precision), (r.Data.Path, r.Training.Precision)));
        Assert.NotEqual(PrecisionChoice.Auto, recipes[0].Training.Precision);
    }

    [Fact]
    public void A_trial_that_diverges_is_recorded_and_the_others_go_on()
    {
        SweepOutcome outcome = Sweeper.Start(Plan("lr=1e30,0.05"), tiny.PathOf("sweep"));
        Assert.Equal(RunEnd.Finished, outcome.End);
        Assert.Equal([TrialState.Finished, TrialState.Diverged], outcome.Results.Select(r => r.State));
        Assert.Contains("Training diverged", outcome.Results[1].Record.Message, StringComparison.Ordinal);
        Assert.Equal(2, outcome.Best!.Trial.Number);
        Assert.Contains("Training diverged", SweepPage.Html(outcome), StringComparison.Ordinal);
        Assert.Equal("diverged", (string?)JsonNode.Parse(File.ReadAllText(outcome.Folder.State))!["trials"]![0]!["state"]);
        Assert.Equal(Table(outcome), Table(Sweeper.Resume(outcome.Folder.Root)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(8)]
    public void A_range_test_is_one_run_under_a_rising_rate(int? stopAfterSteps)
    {
        SweepPlan plan = Plan("lr=1e-4..10:log:30") with { Method = SweepMethod.RangeTest };
        using var stop = new CancellationTokenSource();
        int steps = 0;
        SweepOutcome outcome = Sweeper.Start(plan, tiny.PathOf("sweep"), stopAfterSteps is int at ? new RunOptions { Stepped = (_, _) => CancelAt(stop, ++steps, at) } : null, stop.Token);
        if (stopAfterSteps is not null)
        {
            Assert.Equal((RunEnd.Interrupted, 8), (outcome.End, outcome.Rise!.Losses.Count));
            // Where the images lie is no part of the test.
            string moved = tiny.PathOf("moved");
            Directory.Move(tiny.Images, moved);
            outcome = Sweeper.Resume(outcome.Folder.Root, same: plan with { Recipe = plan.Recipe with { Data = plan.Recipe.Data with { Path = moved } } });
            Directory.Move(moved, tiny.Images);
        }
        Assert.Equal((RunEnd.Finished, 30), (outcome.End, outcome.Rise!.Steps));
        RangeTestCurve rise = outcome.Rise;
        Assert.True(rise.Over);
        Assert.Equal(1e-4, rise.Rates[0], 1e-12);
        Assert.All(rise.Rates.Zip(rise.Rates.Skip(1)), p => Assert.Equal(Math.Pow(1e5, 1 / 29.0), p.Second / p.First, 1e-6));
        Assert.Equal("exponential", RecipeText(outcome, "schedule", "name"));
        Assert.All(RangeTestText.Lines(rise), line => Assert.Contains(System.Net.WebUtility.HtmlEncode(line), SweepPage.Html(outcome), StringComparison.Ordinal));
        // The same whether it was stopped or not, and it stays so.
        SweepOutcome again = Sweeper.Resume(outcome.Folder.Root);
        Assert.Equal(rise.Losses, again.Rise!.Losses);
        Assert.Equal(Sweeper.Start(plan, tiny.PathOf("other")).Rise!.Losses, rise.Losses);
    }

    [Fact]
    public void What_a_sweep_will_take_is_reckoned_without_training()
    {
        SweepForecast forecast = SweepForecast.Measure(Plan("lr=1e-3..1:log:9", "momentum=0.8,0.9") with { Method = SweepMethod.Halving, Eta = 3, MinEpochs = 1 });
        Assert.Equal((18, 18 + 6), (forecast.Trials.Count, forecast.Epochs));
        Assert.Equal([new Rung(18, 1), new Rung(6, 2)], forecast.Rungs);
        Assert.True(forecast.Seconds > 0);
        Assert.Single(SweepForecast.Measure(Plan("lr=1e-3..1:log:30") with { Method = SweepMethod.RangeTest }).Trials);
        Assert.False(Directory.Exists(tiny.PathOf("sweep")));
    }

    private SweepPlan Plan(params string[] over) => new() { Recipe = RecipeFile.Read(tiny.Recipe("", Training)), Over = ValueList.Create<SweptValues>([.. over.Select(SweptValues.Parse)]) };

    private static void CancelAt(CancellationTokenSource stop, int steps, int at)
    {
        if (steps == at)
            stop.Cancel();
    }

    // All that does not depend on the clock.
    private static string[] Table(SweepOutcome outcome) =>
        [.. outcome.Results.Select(r => $"{r.Trial.Name} {r.Trial.Description} {r.State} {r.Record.Epochs} {string.Join(';', r.History.Select(e => string.Join(',', MetricsLog.Cells(e).Take(8))))}")];

    private static string RecipeText(SweepOutcome outcome, string group, string key)
    {
        string[] lines = File.ReadAllLines(outcome.Results[0].Run.Recipe);
        return lines.SkipWhile(l => l != group + ":").First(l => l.StartsWith($"  {key}: ", StringComparison.Ordinal)).Split(": ")[1];
    }

    private static string HashOf(RunFolder run) => (string)JsonNode.Parse(File.ReadAllText(run.Environment))!["finalWeightsHash"]!;
}
