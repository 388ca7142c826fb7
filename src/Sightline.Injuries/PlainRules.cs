using Sightline.Diagnosis;

namespace Sightline.Injuries;

/// <summary>What anybody would write in ten minutes: the diagnosis has to be better than this.</summary>
public static class PlainRules
{
    private const double AboveLowest = 0.037, Gap = 0.15, Fall = 0.1, Above = 0.05, Most = 0.9;

    /// <summary>
    /// Overfitting if the smoothed validation loss ends 3.7 % or more above its lowest value, else healthy: the threshold that reaches
    /// F1 0.97 on a published set of overfitting curves.
    /// </summary>
    /// <param name="log">A log.</param>
    /// <returns>The code, or <see cref="DiagnosedRun.Healthy"/>.</returns>
    public static string SmoothedLoss(TrainingLog log) => Rises(log) ? "overfitting" : DiagnosedRun.Healthy;

    /// <summary>The rules of thumb of textbooks, the first that holds.</summary>
    /// <param name="log">A log, with whether it diverged and with the histogram of predictions.</param>
    /// <returns>The code, or <see cref="DiagnosedRun.Healthy"/>.</returns>
    public static string Textbook(TrainingLog log)
    {
        if (log.Facts.Diverged is not null || log.Epochs.Count == 0 || log.Epochs.Any(e => !double.IsFinite(e.TrainLoss) || !double.IsFinite(e.ValLoss)))
            return "diverged";
        EpochPoint first = log.Epochs[0], last = log.Epochs[^1];
        IReadOnlyList<int> predictions = log.Signals.Count > 0 ? log.Signals[^1].ValPredictions : [];
        return Rises(log) || last.TrainAccuracy - last.ValAccuracy > Gap ? "overfitting"
            : last.TrainLoss > first.TrainLoss ? "learning-rate-too-high"
            : last.TrainLoss > (1 - Fall) * first.TrainLoss ? "learning-rate-too-low"
            : last.ValAccuracy > last.TrainAccuracy + Above ? "validation-above-training"
            : predictions.Count > 0 && predictions.Max() > Most * predictions.Sum() ? "class-collapse"
            : DiagnosedRun.Healthy;
    }

    /// <summary>Takes what a rule said for an assessment.</summary>
    /// <param name="said">A code, or <see cref="DiagnosedRun.Healthy"/>.</param>
    /// <returns>The assessment.</returns>
    public static Assessment Assessment(string said) => said == DiagnosedRun.Healthy
        ? new Assessment(Verdict.Healthy, [], null)
        : new Assessment(Verdict.Sick, [new Finding { Code = said, Confidence = 1, FirstEpoch = 1, LastEpoch = 1, Evidence = "A plain rule.", ShownBy = ShownBy.Loss, Remedies = [], Confirmation = "" }], null);

    private static bool Rises(TrainingLog log)
    {
        Series loss = Series.Of(log.Epochs.Select(e => e.Epoch), log.Epochs.Select(e => e.ValLoss)).Smooth();
        return loss.Count > 0 && loss.Last >= (1 + AboveLowest) * loss.Lowest;
    }
}
