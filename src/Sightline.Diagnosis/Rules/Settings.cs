namespace Sightline.Diagnosis.Rules;

/// <summary>What remedies set in a recipe, from what the log tells of the training.</summary>
internal static class Settings
{
    /// <summary>The rate that was set times a factor, or the highest of the log; nothing when neither is known.</summary>
    internal static IReadOnlyList<string> Rate(Curves c, double factor) =>
        (c.Facts.LearningRate ?? c.Rate.Highest) is double rate and > 0 ? [FormattableString.Invariant($"optimiser.learningRate={factor * rate:0.##e+0}")] : [];

    /// <summary>More epochs, by a factor on those that were planned.</summary>
    internal static IReadOnlyList<string> Epochs(Curves c, double factor) =>
        [FormattableString.Invariant($"training.epochs={Math.Ceiling(factor * (c.Facts.PlannedEpochs ?? c.LastEpoch)):0}")];
}
