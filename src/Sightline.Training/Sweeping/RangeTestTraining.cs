using Sightline.Training.Loop;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Training.Sweeping;

/// <summary>
/// The one training of a learning-rate range test (Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3), its
/// rate rising by the same factor each step instead of by the same amount, so that a range of many orders takes few steps.
/// </summary>
internal static class RangeTestTraining
{
    /// <summary>The steps of a rise that does not say how many.</summary>
    public const int DefaultSteps = 100;

    private const int FewestSteps = 30, MostSteps = 5000;

    /// <summary>Makes sure that a plan is one of a range test.</summary>
    /// <exception cref="BadInputException">It varies something else (<c>sweep-range-test</c>), or has too few steps.</exception>
    public static void Check(SweepPlan plan)
    {
        if (plan.Over is not [ValueRange { Scale: RangeScale.Log } range] || range.Key.Path != SweptKey.LearningRate)
            throw new BadInputException("sweep-range-test", $"A range test raises the learning rate from one end of a logarithmic range to the other, and varies nothing else; this would vary {string.Join(' ', plan.Over)}.", fix: "For example --over lr=1e-5..1e1:log, or :log:200 for 200 steps.");
        if (range.Steps is < FewestSteps or > MostSteps)
            throw new BadInputException("sweep-range-test", $"A rise of {range.Steps} steps is too {(range.Steps < FewestSteps ? "short to see a loss fall and rise" : "long for a test")}.", fix: $"Take {FewestSteps} to {MostSteps} steps; without a number there are {DefaultSteps}.");
        if (plan.Trials is not null)
            throw new BadInputException("sweep-range-test", "A range test is one training, so that --trials says nothing.", fix: "Leave it out.");
    }

    /// <summary>How many steps the rise has.</summary>
    public static int StepsOf(SweepPlan plan) => ((ValueRange)plan.Over[0]).Steps ?? DefaultSteps;

    /// <summary>The recipe of the training: as many epochs as hold the rise, every step logged, and nothing that follows the epochs' number.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stepsPerEpoch">Optimiser steps of an epoch.</param>
    public static Recipe RecipeOf(SweepPlan plan, int stepsPerEpoch)
    {
        var range = (ValueRange)plan.Over[0];
        int steps = StepsOf(plan), epochs = steps / stepsPerEpoch + 1;
        Recipe recipe = plan.Recipe;
        return recipe with
        {
            Optimiser = recipe.Optimiser with { LearningRate = range.High },
            Schedule = new ScheduleRecipe { Name = ScheduleName.Exponential, InitialFactor = range.Low / range.High, WarmupEpochs = (double)steps / stepsPerEpoch },
            Training = recipe.Training with { Epochs = epochs, Swa = null, EmaDecay = 0, EarlyStoppingPatience = 0 },
            Network = recipe.Network with { FrozenEpochs = Math.Min(recipe.Network.FrozenEpochs, epochs) },
            Checkpointing = recipe.Checkpointing with { SignalsEverySteps = 1 },
        };
    }

    /// <summary>Trains until the rise is over, or goes on with that.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="run">The run folder; it may not be there yet.</param>
    /// <param name="moved">Whether the plan's data lies elsewhere than the run's did.</param>
    /// <param name="options">What surrounds the training.</param>
    /// <param name="cancellationToken">Asks it to finish the step, save and return.</param>
    /// <returns>The run's end: <see cref="RunEnd.Finished"/> when the rise is over.</returns>
    /// <exception cref="BadInputException">Data or network cannot be used.</exception>
    public static RunEnd Run(SweepPlan plan, RunFolder run, bool moved, RunOptions options, CancellationToken cancellationToken)
    {
        int steps = StepsOf(plan);
        RangeTestCurve seen = RangeTestCurve.Read(run, steps);
        if (seen.Over)
            return RunEnd.Finished;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        RunOptions watched = options with
        {
            Stepped = (step, result) =>
            {
                options.Stepped?.Invoke(step, result);
                // A resume takes again the steps that came after its checkpoint.
                int before = (int)step - 1;
                seen = seen with { Rates = [.. seen.Rates.Take(before), result.LearningRate], Losses = [.. seen.Losses.Take(before), result.Loss] };
                if (seen.Over)
                    stop.Cancel();
            },
        };
        try
        {
            Recipe? recipe = run.HasRun && !moved ? null : RecipeOf(plan, StepsPerEpoch(plan, options, cancellationToken));
            RunSummary summary = run.HasRun ? TrainingRun.Resume(run.Root, watched, recipe, stop.Token) : TrainingRun.Start(recipe!, run.Root, watched, stop.Token);
            return seen.Over ? RunEnd.Finished : summary.End;
        }
        catch (TrainingDivergedException)
        {
            // A loss that is no longer finite is what ends a rise.
            return RunEnd.Finished;
        }
    }

    /// <summary>Optimiser steps of an epoch of the plan's recipe.</summary>
    public static int StepsPerEpoch(SweepPlan plan, RunOptions options, CancellationToken cancellationToken)
    {
        (TrainingData data, Recipe resolved) = TrainingParts.Open(plan.Recipe, options with { Say = null }, cancellationToken);
        using BatchLoader loader = TrainingParts.Loader(resolved, data);
        return (loader.BatchesPerEpoch + resolved.Training.Accumulation - 1) / resolved.Training.Accumulation;
    }
}
