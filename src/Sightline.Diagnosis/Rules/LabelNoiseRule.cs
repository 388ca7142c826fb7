namespace Sightline.Diagnosis.Rules;

/// <summary>A share of the labels is wrong: the network learns what the others say, and these few cost more and more.</summary>
internal sealed class LabelNoiseRule : Rule
{
    internal override string Code => "label-noise";

    internal override IReadOnlyList<string> Explains => ["underfitting", "overfitting", "plateau", "noisy-validation"];

    internal override Finding? Look(Curves c)
    {
        if (c.Epochs < 8 || c.IsBefore(0.7))
            return null;
        // Fitted to honest labels: a loss of 1 - 0.9 a for an accuracy a, both counted from a guess. Wrong labels cost more than they take accuracy.
        double train = c.Excess(c.Honest(c.TrainLoss.Last), c.TrainAccuracy.Last), val = c.Excess(c.ValLoss.Lowest, c.ValAccuracy.Count > 0 && c.ValLoss.Count > 0 ? c.ValAccuracy.Y[Math.Min(c.ValLoss.LowestAt, c.ValAccuracy.Count - 1)] : double.NaN);
        double own = Ramp(Math.Min(train, val), 0.035, 0.06) * Ramp(c.Learned, 0.02, 0.05) * Ramp(c.AccuracyGap, 0.3, 0.2) * Ramp(c.LossGap, 0, 0.03);
        if (own == 0)
            return null;
        return Found(0.9 * own, c.AllEpochs, ShownBy.Loss,
            $"Training accuracy ends at {c.TrainAccuracy.Last:P1} with a loss of {c.TrainLoss.Last:0.###}, {train:P0} of the guess's loss above what honest labels cost at that accuracy; on the validation images it is {val:P0}.",
            "Look at the hundred training images with the highest loss: many bear a wrong label.",
            new Remedy("Look through the training images that cost most, and correct their labels."),
            new Remedy("Smooth the labels, so that single wrong ones weigh less.", "loss.labelSmoothing=0.1"),
            new Remedy("Stop early: wrong labels are learnt last.", "training.earlyStoppingPatience=5"));
    }
}
