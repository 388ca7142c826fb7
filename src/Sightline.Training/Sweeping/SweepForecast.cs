using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Training.Sweeping;

/// <summary>What a sweep will take, without training it.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Trials">Its trials.</param>
/// <param name="Rungs">For halving: how many are trained how far; else null.</param>
/// <param name="Epochs">Epochs trained in all, when no trial ends early; for a range test those that its rise touches.</param>
/// <param name="Seconds">Expected seconds in all.</param>
/// <param name="Explanation">What was measured and what is reckoned from it.</param>
public sealed record SweepForecast(SweepPlan Plan, IReadOnlyList<Trial> Trials, IReadOnlyList<Rung>? Rungs, long Epochs, double Seconds, string Explanation)
{
    /// <summary>Checks all trials as a sweep does, then times a few steps of each kind of training among them.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="options">What surrounds the trainings.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>What it will take.</returns>
    /// <exception cref="BadInputException">A sweep would stop at the same.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static SweepForecast Measure(SweepPlan plan, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        options = (options ?? new RunOptions()) with { RecipePath = plan.RecipePath };
        IReadOnlyList<Trial> trials = plan.CheckedTrials(options, cancellationToken);
        RunOptions quiet = options with { Say = null };
        if (plan.Method == SweepMethod.RangeTest)
        {
            DryRunPlan rise = DryRun.Measure(RangeTestTraining.RecipeOf(plan, RangeTestTraining.StepsPerEpoch(plan, quiet, cancellationToken)), quiet, cancellationToken);
            int steps = RangeTestTraining.StepsOf(plan);
            return new SweepForecast(plan, trials, null, rise.Recipe.Training.Epochs, rise.TotalSeconds * steps / rise.Steps, rise.Explanation);
        }
        // Trials that differ in nothing that takes time are measured once.
        var measured = new Dictionary<Recipe, DryRunPlan>();
        double[] epochSeconds = [.. trials.Select(plan.RecipeOf).Select(recipe =>
        {
            Recipe kind = TrialCheck.Beginning(recipe) with { Seed = 0, Loss = new LossRecipe(), Training = recipe.Training with { Epochs = 1 } };
            if (!measured.TryGetValue(kind, out DryRunPlan? taken))
                measured[kind] = taken = DryRun.Measure(recipe, quiet, cancellationToken);
            return taken.TotalSeconds / taken.Recipe.Training.Epochs;
        })];
        string explanation = measured.Values.First().Explanation;
        if (plan.Method != SweepMethod.Halving)
        {
            int[] epochs = [.. trials.Select(t => plan.RecipeOf(t).Training.Epochs)];
            return new SweepForecast(plan, trials, null, epochs.Sum(e => (long)e), epochs.Zip(epochSeconds, (e, s) => e * s).Sum(), explanation);
        }
        // Nobody knows yet who goes on: all are reckoned by the mean.
        IReadOnlyList<Rung> rungs = plan.Rungs(trials.Count);
        long total = HalvingSchedule.TotalEpochs(rungs);
        return new SweepForecast(plan, trials, rungs, total, total * epochSeconds.Average(), explanation);
    }
}
