namespace Sightline.Diagnosis.Rules;

/// <summary>Training images stand among the validation images: what is learnt by heart is known there too.</summary>
internal sealed class LeakRule : Rule
{
    internal override string Code => "leak";

    internal override IReadOnlyList<string> Explains => ["validation-above-training", "overfitting", "noisy-validation", "label-noise"];

    internal override Finding? Look(Curves c)
    {
        // Learnt by heart, and yet no worse on "new" images: all of them are old.
        // Without augmentation and dropout, training loss is that of the images themselves: new ones cost more, long before all is known by heart.
        bool plain = c.Facts.Augments == false && !(c.Facts.Dropout > 0), harder = c.Facts.Augments == true || c.Facts.Dropout > 0;
        double byHeart = Ramp(c.Learned, 0.75, 0.9), all = (plain ? Ramp(c.Learned, 0.6, 0.8) : byHeart) * Ramp(c.ValLoss.Last / Math.Max(1e-9, c.Honest(c.TrainLoss.Last)), 1.6, 1.2) * Ramp(c.AccuracyGap, 0.05, 0.015);
        if (harder)
            all *= 0.3;
        // Some of them are old: nearly all validation images cost nothing, the others as much as for an overfitted network.
        EpochSignals? last = c.Signals.Count > 0 ? c.Signals[^1] : null;
        double spread = last is null ? double.NaN : last.ValLossP90 / Math.Max(1e-6, last.ValLossMedian), middle = last is null ? double.NaN : last.ValLossMedian / Math.Max(1e-6, last.Steps.LossMedian);
        double some = byHeart * Ramp(Math.Log10(middle), 0.7, 0.3) * Ramp(Math.Log10(spread), 0.9, 1.1) * Ramp(c.LossGap, 0.03, 0.1);
        double own = Math.Max(all, some);
        if (own == 0)
            return null;
        return Found(0.95 * own, (c.ValLoss.X[c.ValLoss.Count / 2], c.LastEpoch), ShownBy.Loss, all >= some
                ? (FormattableString)$"Training loss ends at {c.TrainLoss.Last:0.####} and validation loss at {c.ValLoss.Last:0.####}: the training images are learnt by heart, and the validation images are known as well."
                : $"Half of the validation images cost at most {last!.ValLossMedian:0.####}, as training images do ({last.Steps.LossMedian:0.####}), and a tenth at least {last.ValLossP90:0.##}, {spread:0} times as much: one part is known by heart, the other is not.",
            "Compare the images of both splits by content: `sightline data audit` names those that stand in both.",
            new Remedy("Split by drive, never by frame, and remove images that stand in both splits.", "data.split.by=group"),
            new Remedy("Look at near duplicates as well: neighbouring frames are the same image to a network."));
    }
}
