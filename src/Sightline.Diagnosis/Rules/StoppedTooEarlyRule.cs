namespace Sightline.Diagnosis.Rules;

/// <summary>The log ends while everything still gets better.</summary>
internal sealed class StoppedTooEarlyRule : Rule
{
    internal override string Code => "stopped-too-early";

    internal override IReadOnlyList<string> Explains => ["underfitting", "learning-rate-too-low", "label-noise", "plateau"];

    internal override Finding? Look(Curves c)
    {
        if (c.Facts.Running || c.RawTrainLoss.Count < 3)
            return null;
        Series loss = c.RawTrainLoss, end = loss.Part(loss.Count - Math.Max(3, loss.Count / 4), loss.Count), val = c.ValLoss.End(0.3);
        double fall = -end.Slope / c.GuessLoss, still = Ramp(fall, 0.004, 0.012) * Ramp(val.Slope / c.GuessLoss, 0.004, -0.002);
        double stopped = c.Facts.PlannedEpochs is null ? 0.65 * Ramp(c.Epochs, 15, 8) * Ramp(c.Epochs, 3, 6) : Ramp(c.Done, 0.9, 0.6);
        double own = still * stopped * Ramp(double.IsNaN(c.RateLeft) ? 1 : c.RateLeft, 0.2, 0.5) * Ramp(c.Learned, 0.9, 0.75);
        // A plan that was cut to a fraction says it by itself.
        own = Math.Max(own, 0.9 * Ramp(c.Done, 0.4, 0.25) * Ramp(fall, 0, 0.003));
        if (own == 0)
            return null;
        string plan = c.Facts.PlannedEpochs is int planned ? FormattableString.Invariant($" of {planned} planned epochs") : "";
        return Found(0.93 * own, (end.X[0], c.LastEpoch), ShownBy.Loss,
            $"It ends at epoch {c.LastEpoch:0.##}{plan}, where training loss still falls by {fall:P1} of the guess's loss an epoch and validation loss hasn't turned.",
            "Resuming the run lowers both losses further.",
            new Remedy("Go on to the planned end: `sightline train --resume RUN`."),
            new Remedy("Plan more epochs, with the rate falling to the end.", Settings.Epochs(c, 3)));
    }
}
