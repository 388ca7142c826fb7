using Sightline.Training.Runs;

namespace Sightline.Training.Sweeping;

/// <summary>What a sweep came to.</summary>
/// <param name="Folder">The sweep's folder.</param>
/// <param name="Plan">The plan.</param>
/// <param name="End">How it ended: finished, or interrupted with every state saved.</param>
/// <param name="Results">All trials, the best first (<see cref="TrialResult.Ranked"/>).</param>
/// <param name="Seconds">Seconds this process spent.</param>
public sealed record SweepOutcome(SweepFolder Folder, SweepPlan Plan, RunEnd End, IReadOnlyList<TrialResult> Results, double Seconds)
{
    /// <summary>For a range test: its loss over the rate.</summary>
    public RangeTestCurve? Rise { get; init; }

    /// <summary>For a range test: what it says; null while it has too few steps.</summary>
    public RateSuggestion? Suggestion => Rise is null ? null : RateSuggestion.Of(Rise);

    /// <summary>What the table alone does not tell.</summary>
    public IReadOnlyList<string> Notes => Plan.Over.Any(o => o.Key.Path == "seed" || o.Key.Path.StartsWith("data.", StringComparison.Ordinal))
        ? ["The seed or the data vary: trials may have been validated on different images (where the split is drawn, or the set is another), and then their accuracies are no common measure."]
        : [];

    /// <summary>The trial with the best validation accuracy; null when none was trained to its end.</summary>
    public TrialResult? Best => Results.FirstOrDefault(r => r.State == TrialState.Finished);
}
