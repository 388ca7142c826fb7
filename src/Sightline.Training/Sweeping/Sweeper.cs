using System.Diagnostics;
using System.Runtime.InteropServices;
using Sightline.Training.Loop;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Training.Sweeping;

/// <summary>
/// Trains the trials of a sweep one after the other, each in a run folder of its own by what <c>train</c> itself uses, so that a sweep
/// that was interrupted or killed loses no more than a training would, and ends with the same table.
/// </summary>
public sealed class Sweeper
{
    // What is wrong with the machine or the folder and not with the trial: the sweep stops, to be gone on with.
    private static readonly string[] NotTheTrial = ["run-busy", "run-folder-unwritable"];

    private readonly SweepFolder folder;
    private readonly SweepPlan plan;
    private readonly RunOptions options;
    private readonly Recipe[] recipes;
    private readonly TrialRecord[] records;
    private readonly bool moved;

    private Sweeper(SweepFolder folder, SweepPlan plan, IReadOnlyList<TrialRecord> records, RunOptions options, bool moved)
    {
        (this.folder, this.plan, this.moved) = (folder, plan, moved);
        this.options = options with { RecipePath = plan.RecipePath };
        this.records = [.. records];
        recipes = [.. records.Select(r => plan.RecipeOf(r.Trial))];
    }

    /// <summary>Begins a sweep in a new folder.</summary>
    /// <param name="plan">What it is.</param>
    /// <param name="path">The folder to create.</param>
    /// <param name="options">What surrounds each training; <see cref="RunOptions.UntilEpoch"/> and the recipe's path are the sweep's own.</param>
    /// <param name="cancellationToken">Asks it to finish the step, save and return.</param>
    /// <returns>What it came to.</returns>
    /// <exception cref="BadInputException">The plan, a trial's recipe, the data or the folder cannot be used; nothing was trained.</exception>
    public static SweepOutcome Start(SweepPlan plan, string path, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan = plan.Placed();
        options = (options ?? new RunOptions()) with { RecipePath = plan.RecipePath };
        var folder = new SweepFolder(path);
        folder.RequireFree();
        IReadOnlyList<Trial> trials = plan.CheckedTrials(options, cancellationToken);
        var sweeper = new Sweeper(folder, plan.Timed(trials, options, cancellationToken), [.. trials.Select(t => new TrialRecord(t, TrialState.Waiting))], options, moved: false);
        using IDisposable alone = folder.Lock();
        folder.RequireFree();
        return sweeper.Run(cancellationToken);
    }

    /// <summary>Goes on with a sweep where it stood.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="options">What surrounds each training.</param>
    /// <param name="same">A plan to compare with the sweep's; null compares nothing. Its data path may be another: where the same data lies now.</param>
    /// <param name="cancellationToken">Asks it to finish the step, save and return.</param>
    /// <returns>What it came to; a finished sweep is finished already.</returns>
    /// <exception cref="BadInputException">There is no sweep, or its plan is another; the message names the difference.</exception>
    public static SweepOutcome Resume(string path, RunOptions? options = null, SweepPlan? same = null, CancellationToken cancellationToken = default)
    {
        var folder = new SweepFolder(path);
        folder.RequireSweep();
        using IDisposable alone = folder.Lock();
        folder.RemoveLeftovers();
        (SweepPlan plan, IReadOnlyList<TrialRecord> records) = SweepFile.Read(folder);
        bool moved = false;
        if (same is not null)
        {
            PlanDifference.RequireNone(plan, same, folder);
            same = same.Placed();
            moved = same.Recipe.Data.Path != plan.Recipe.Data.Path;
            plan = plan with { Recipe = same.Recipe, RecipePath = same.RecipePath ?? plan.RecipePath };
        }
        return new Sweeper(folder, plan, records, options ?? new RunOptions(), moved).Run(cancellationToken);
    }

    private SweepOutcome Run(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        Keep();
        bool through;
        try
        {
            through = plan.Method == SweepMethod.RangeTest ? RangeTest(cancellationToken) : Trials(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Between trainings, or before one's first checkpoint: there is nothing more to save.
            through = false;
        }
        Keep();
        var outcome = new SweepOutcome(folder, plan, through ? RunEnd.Finished : RunEnd.Interrupted, TrialResult.Ranked(Results()), clock.Elapsed.TotalSeconds)
        {
            Rise = plan.Method == SweepMethod.RangeTest ? RangeTestCurve.Read(folder.RunOf(records[0].Trial), RangeTestTraining.StepsOf(plan)) : null,
        };
        SweepPage.Write(folder.Page, outcome);
        return outcome;
    }

    // False when interrupted.
    private bool RangeTest(CancellationToken cancellationToken)
    {
        if (records[0].Over)
            return true;
        Keep(0, records[0] with { State = TrialState.Running });
        RunEnd end = RangeTestTraining.Run(plan, folder.RunOf(records[0].Trial), moved, options, cancellationToken);
        Keep(0, records[0] with { State = end == RunEnd.Finished ? TrialState.Finished : TrialState.Paused, Epochs = TrialResult.Read(folder, records[0]).History.Count });
        return end == RunEnd.Finished;
    }

    // Rung by rung; without halving there is one, and it is every training's end. False when interrupted.
    private bool Trials(CancellationToken cancellationToken)
    {
        IReadOnlyList<Rung> rungs = plan.Method == SweepMethod.Halving ? plan.Rungs(records.Length) : [new Rung(records.Length, int.MaxValue)];
        int[] still = [.. Enumerable.Range(0, records.Length)];
        for (int r = 0; r < rungs.Count; r++)
        {
            foreach (int i in still)
            {
                bool there = records[i].Over || (records[i].State == TrialState.Paused && records[i].Epochs >= rungs[r].Epochs);
                if (!there && !GoOn(i, r == rungs.Count - 1 ? null : rungs[r].Epochs, cancellationToken))
                    return false;
            }
            if (r < rungs.Count - 1)
                still = Drop(still, rungs[r].Epochs, rungs[r + 1].Trials);
        }
        return true;
    }

    // Decided by the epochs up to the rung alone, so that a sweep that goes on decides again as it did.
    private int[] Drop(int[] still, int epochs, int kept)
    {
        TrialResult[] there = [.. still.Where(i => records[i].CameThrough(epochs)).Select(i => TrialResult.Read(folder, records[i]).Until(epochs))];
        int[] best = [.. TrialResult.ByScore(there).Take(kept).Select(t => t.Trial.Number - 1).Order()];
        foreach (int i in still.Except(best).Where(i => !records[i].Over))
            records[i] = records[i] with { State = TrialState.Dropped };
        Keep();
        options.Say?.Invoke($"After {epochs} epoch{(epochs == 1 ? "" : "s")}: {string.Join(", ", best.Select(i => records[i].Trial.Name))} of {still.Length} trials go on.");
        return best;
    }

    // Trains until an epoch or the end. False when interrupted.
    private bool GoOn(int index, int? until, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TrialRecord record = records[index];
        RunFolder run = folder.RunOf(record.Trial);
        options.Say?.Invoke($"{record.Trial.Name} of {records.Length}: {record.Trial.Description}");
        Keep(index, record with { State = TrialState.Running });
        RunOptions own = options with { UntilEpoch = until, Progress = options.Progress is { } progress ? new TrialProgress(progress, record.Trial) : null };
        try
        {
            RunSummary summary = run.HasRun
                ? TrainingRun.Resume(run.Root, own, moved ? recipes[index] : null, cancellationToken)
                : TrainingRun.Start(recipes[index], run.Root, own, cancellationToken);
            Keep(index, record with { State = summary.End == RunEnd.Finished ? TrialState.Finished : TrialState.Paused, Epochs = summary.Epochs });
            return summary.End != RunEnd.Interrupted;
        }
        catch (TrainingDivergedException exception)
        {
            Lost(index, TrialState.Diverged, exception);
        }
        catch (Exception exception) when (exception is ExternalException || (exception is BadInputException { Code: var code } && !NotTheTrial.Contains(code)))
        {
            Lost(index, TrialState.Failed, exception);
        }
        return true;
    }

    // One trial that is lost is a result, and the others are still wanted.
    private void Lost(int index, TrialState state, Exception exception)
    {
        TrialRecord record = records[index] with { State = state, Message = exception.Message };
        Keep(index, record with { Epochs = TrialResult.Read(folder, record).History.Count });
        options.Say?.Invoke($"{record.Trial.Name}: {exception.Message}");
    }

    private void Keep(int index, TrialRecord record)
    {
        records[index] = record;
        Keep();
    }

    private void Keep() => SweepFile.Write(folder, plan, Results());

    private TrialResult[] Results() => [.. records.Select(r => TrialResult.Read(folder, r))];
}
