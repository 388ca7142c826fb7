using Sightline.Diagnosis;

namespace Sightline.Injuries;

/// <summary>The same runs, diagnosed in every way that is compared.</summary>
/// <param name="Signals">By curves, signals and facts.</param>
/// <param name="Curves">By curves alone.</param>
/// <param name="Textbook">By <see cref="PlainRules.Textbook"/>.</param>
/// <param name="SmoothedLoss">By <see cref="PlainRules.SmoothedLoss"/>.</param>
public sealed record MethodScores(DiagnosisScore Signals, DiagnosisScore Curves, DiagnosisScore Textbook, DiagnosisScore SmoothedLoss)
{
    /// <summary>Scores runs.</summary>
    /// <param name="runs">All runs of a half.</param>
    /// <param name="watched">Whether a watch follows each, epoch by epoch.</param>
    /// <returns>The scores.</returns>
    public static MethodScores Of(IReadOnlyList<StoredRun> runs, bool watched)
    {
        var harm = new HarmMeasure(runs);
        (StoredRun Run, HarmReading Harm)[] held = [.. runs.Select(r => (r, harm.Of(r)))];
        DiagnosisScore Diagnosed(bool curvesAlone) => new([.. held.Select(h => DiagnosedRun.Of(h.Run, h.Harm, curvesAlone, watched))]);
        DiagnosisScore Said(Func<TrainingLog, string> rule) => new([.. held.Select(h => new DiagnosedRun(h.Run, h.Harm, PlainRules.Assessment(rule(h.Run.Log))))]);
        return new MethodScores(Diagnosed(curvesAlone: false), Diagnosed(curvesAlone: true), Said(PlainRules.Textbook), Said(PlainRules.SmoothedLoss));
    }

    /// <summary>The scores with their names.</summary>
    public IReadOnlyList<(string Name, DiagnosisScore Score)> Named =>
        [("curves and signals", Signals), ("curves alone", Curves), ("textbook rules", Textbook), ("smoothed validation loss 3.7 % up", SmoothedLoss)];
}
