namespace Sightline.Diagnosis.Rules;

/// <summary>The rate falls while the loss still falls by itself: training freezes far from where it could end.</summary>
internal sealed class DropTooEarlyRule : Rule
{
    private const double Drop = 0.3;

    internal override string Code => "drop-too-early";

    internal override IReadOnlyList<string> Explains => ["underfitting", "learning-rate-too-low", "plateau", "stopped-too-early", "label-noise", "over-regularised"];

    internal override Finding? Look(Curves c)
    {
        if (c.Rate.Count != c.Epochs || c.Epochs < 6 || c.RawTrainLoss.Count != c.Epochs)
            return null;
        int at = Enumerable.Range(1, c.Epochs - 1).FirstOrDefault(i => c.Rate.Y[i] < Drop * c.Rate.Y[i - 1]);
        int left = c.Epochs - at;
        if (at == 0 || left < 3)
            return null;
        double early = Ramp((double)at / c.Epochs, 0.45, 0.3);
        // Before the drop every epoch still gained; after it hardly any does.
        double before = (c.RawTrainLoss.First - c.RawTrainLoss.Y[at - 1]) / Math.Max(1, at - 1) / c.GuessLoss;
        if (at == 1)
            before = (c.GuessLoss - c.RawTrainLoss.Y[0]) / c.GuessLoss;
        double last = (c.RawTrainLoss.Y[at] - c.RawTrainLoss.Last) / Math.Max(1, left - 1) / c.GuessLoss;
        double own = early * Ramp(c.Learned, 0.85, 0.7) * Ramp(last, 0.012, 0.006);
        if (own == 0)
            return null;
        return Found(0.94 * own, (c.Rate.X[at], c.LastEpoch), ShownBy.LearningRate,
            $"The rate falls from {c.Rate.Y[at - 1]:0.##e+0} to {c.Rate.Y[at]:0.##e+0} at epoch {c.Rate.X[at]:0.##} of {c.LastEpoch:0.##}. Before, training loss fell by {before:P1} of the guess's loss an epoch, after it by {last:P1}; it ends at {c.TrainLoss.Last:0.###}.",
            "The same training with the drop at two thirds of its epochs ends lower.",
            new Remedy("Drop the rate when the loss no longer falls, at about 60 and 85 % of the epochs.", "schedule.name=step", FormattableString.Invariant($"schedule.milestones=[{Math.Round(0.6 * c.LastEpoch)}, {Math.Round(0.85 * c.LastEpoch)}]")),
            new Remedy("Take a cosine, which has no drop to place.", "schedule.name=cosine"));
    }
}
