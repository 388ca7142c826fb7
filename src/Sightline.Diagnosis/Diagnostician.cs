using Sightline.Diagnosis.Rules;

namespace Sightline.Diagnosis;

/// <summary>
/// Reads a training's log as an experienced engineer does: what is wrong, how sure that is, what shows it and what to try. Its rules and
/// their error rates were measured on trainings injured on purpose (<c>bench/diagnosis</c>).
/// </summary>
public static class Diagnostician
{
    /// <summary>Findings below this confidence are not told.</summary>
    public const double Doubt = 0.3;

    /// <summary>A training is called sick when a finding is at least this sure.</summary>
    public const double Sick = 0.5;

    private const int FewestEpochs = 3;

    // Causes before their symptoms.
    private static readonly Rule[] Rules =
    [
        new BatchTooSmallRule(), new NotShuffledRule(), new DivergedRule(), new ClassCollapseRule(), new DeadUnitsRule(), new VanishingGradientsRule(),
        new ExplodingGradientsRule(), new OverRegularisedRule(), new BatchnormGapRule(), new MissingWarmupRule(), new DropTooEarlyRule(), new PlateauRule(),
        new LearningRateTooHighRule(), new StoppedTooEarlyRule(), new LearningRateTooLowRule(), new LabelNoiseRule(), new LeakRule(),
        new OverfittingRule(), new NoisyValidationRule(), new ValidationAboveTrainingRule(), new UnderfittingRule(),
    ];

    /// <summary>Judges a training.</summary>
    /// <param name="log">Its log.</param>
    /// <returns>The verdict with its findings, the root cause first.</returns>
    public static Assessment Assess(TrainingLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var curves = new Curves(log);
        var found = new List<Finding>();
        foreach (Rule rule in Rules)
        {
            if (rule.Look(curves) is not { } finding || finding.Confidence < Doubt)
                continue;
            found.Add(Explained(finding, found));
        }
        Finding[] sorted = [.. found.OrderByDescending(f => f.Confidence).ThenBy(f => f.FollowsFrom is null ? 0 : 1)];
        if (sorted.Length > 0 && sorted[0].Confidence >= Sick)
            return new Assessment(Verdict.Sick, sorted, null);
        string? missing = curves.Missing(FewestEpochs);
        return new Assessment(missing is null && sorted.Length == 0 ? Verdict.Healthy : Verdict.NotEnoughEvidence, sorted,
            missing ?? (sorted.Length == 0 ? null : "What was found is not sure enough to call the training sick."));
    }

    // A symptom stands behind its cause, however clear it is by itself.
    private static Finding Explained(Finding finding, List<Finding> before)
    {
        Finding? cause = before.Where(f => f.FollowsFrom is null && Array.Exists(Rules, r => r.Code == f.Code && r.Explains.Contains(finding.Code))).MaxBy(f => f.Confidence);
        return cause is null || (cause.Confidence < Sick && cause.Confidence < finding.Confidence) ? finding : finding with { FollowsFrom = cause.Code, Confidence = Math.Round(Math.Min(finding.Confidence, 0.95 * cause.Confidence), 2) };
    }
}
