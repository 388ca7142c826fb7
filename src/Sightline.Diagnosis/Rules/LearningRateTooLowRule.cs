namespace Sightline.Diagnosis.Rules;

/// <summary>Steps so small that the epochs don't suffice: all of them point the same way.</summary>
internal sealed class LearningRateTooLowRule : Rule
{
    internal override string Code => "learning-rate-too-low";

    internal override IReadOnlyList<string> Explains => ["underfitting", "stopped-too-early", "plateau", "label-noise", "class-collapse", "drop-too-early"];

    internal override Finding? Look(Curves c)
    {
        if (c.Epochs < 4)
            return null;
        Series ratio = c.UpdateRatio;
        double poor = Ramp(c.Learned, 0.5, 0.25), small = Ramp(Math.Log10(Math.Max(1e-9, ratio.Highest)), -2.5, -3), cosine = c.Signal(s => s.Steps.MomentumCosine).Middle;
        double signals = ratio.Count == 0 ? 0 : poor * small * Ramp(cosine, -0.05, 0.01);
        // From curves alone: little is learnt, without noise, and it is still falling or hardly moved.
        double smooth = Ramp(c.RawTrainLoss.Roughness / c.GuessLoss, 0.002, 0.0005);
        double curves = ratio.Count == 0 ? poor * smooth * Ramp(c.RawTrainLoss.First - c.TrainLoss.Last, 0, 0.002 * c.GuessLoss) * Ramp(c.LossGap, 0.05, 0.02) : 0;
        double own = Math.Max(signals, 0.8 * curves);
        if (own == 0)
            return null;
        return Found(0.95 * own, c.AllEpochs, ratio.Count > 0 ? ShownBy.UpdateRatio : ShownBy.Loss, ratio.Count > 0
                ? (FormattableString)$"A step changes the weights by at most {ratio.Highest:0.##e+0} of their norm (healthy is about 1e-3 to 1e-2), all steps point the same way (cosine {cosine:0.##} with those before), and {c.Epochs} epochs took {Math.Max(0, c.Learned):P0} of the guess's loss away."
                : $"In {c.Epochs} epochs training loss fell smoothly from {c.RawTrainLoss.First:0.###} to {c.TrainLoss.Last:0.###}, {Math.Max(0, c.Learned):P0} of what guessing costs.",
            "The first epochs at ten times the rate fall faster.",
            new Remedy("Raise the learning rate ten- to thirtyfold.", Settings.Rate(c, 20)),
            new Remedy("Find it by a range test: `sightline sweep RECIPE --method range-test --over lr=1e-5..1e0:log`."));
    }
}
