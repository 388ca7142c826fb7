using Sightline.Training.Runs;

namespace Sightline.Training.Sweeping;

/// <summary>A trial and what it has come to.</summary>
/// <param name="Record">How it stands.</param>
/// <param name="Run">Its run folder.</param>
/// <param name="History">Its epochs so far, oldest first; may be empty.</param>
public sealed record TrialResult(TrialRecord Record, RunFolder Run, IReadOnlyList<EpochMetrics> History)
{
    /// <summary>The trial.</summary>
    public Trial Trial => Record.Trial;

    /// <summary>How it stands.</summary>
    public TrialState State => Record.State;

    /// <summary>The epoch with the best validation accuracy, ties go to the lower loss; null without any.</summary>
    public EpochMetrics? Best => EpochMetrics.BestOf(History);

    /// <summary>Seconds of its steps and validations.</summary>
    public double Seconds => History.Sum(e => e.Seconds);

    /// <summary>Reads what a trial has come to from its run folder.</summary>
    /// <param name="folder">The sweep's folder.</param>
    /// <param name="record">How the trial stands.</param>
    /// <returns>The trial with its epochs; none where its run has not begun.</returns>
    public static TrialResult Read(SweepFolder folder, TrialRecord record)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(record);
        RunFolder run = folder.RunOf(record.Trial);
        return new TrialResult(record, run, run.HasRun && File.Exists(run.Metrics) ? MetricsLog.Read(run.Metrics) : []);
    }

    /// <summary>What it had come to after some epochs.</summary>
    /// <param name="epochs">How many; later ones don't count.</param>
    /// <returns>The same trial with those.</returns>
    public TrialResult Until(int epochs) => this with { History = [.. History.Where(e => e.Epoch <= epochs)] };

    /// <summary>Puts results in order by what they reached alone: the best validation accuracy, ties by its loss, then by number.</summary>
    /// <param name="results">The results.</param>
    /// <returns>The best first; those without a validated epoch last.</returns>
    public static IReadOnlyList<TrialResult> ByScore(IEnumerable<TrialResult> results) =>
        [.. results.OrderByDescending(r => r.Best?.ValTop1 ?? -1).ThenBy(r => r.Best?.ValLoss is double loss && !double.IsNaN(loss) ? loss : double.PositiveInfinity).ThenBy(r => r.Trial.Number)];

    /// <summary>Puts results in the order of a table: by what they reached, those that diverged or failed last.</summary>
    /// <param name="results">The results.</param>
    /// <returns>The best first.</returns>
    public static IReadOnlyList<TrialResult> Ranked(IEnumerable<TrialResult> results) =>
        [.. ByScore(results).OrderBy(r => r.State is TrialState.Diverged or TrialState.Failed)];
}
