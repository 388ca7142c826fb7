namespace Sightline.Diagnosis.Rules;

/// <summary>The loss no longer falls while the rate stays high: the noise of the steps holds it up.</summary>
internal sealed class PlateauRule : Rule
{
    internal override string Code => "plateau";

    internal override IReadOnlyList<string> Explains => ["underfitting", "noisy-validation", "label-noise", "learning-rate-too-high", "dead-units", "validation-above-training"];

    internal override Finding? Look(Curves c)
    {
        if (c.Epochs < 10 || c.Rate.Count < c.Epochs || c.IsBefore(0.7))
            return null;
        double high = Ramp(c.RateLeft, 0.3, 0.6), fall = c.FallAtEnd, flat = Ramp(fall, 0.012, 0.004);
        // After its first rise the rate never falls, and what the last half of the epochs brought is little beside the first.
        double own = high * flat * Ramp(c.Learned, 0.95, 0.8);
        if (own == 0)
            return null;
        Series end = c.TrainLoss.End(0.2);
        return Found(0.94 * own, (end.X[0], c.LastEpoch), ShownBy.LearningRate,
            $"At the end the rate is {c.Rate.Last:0.##e+0}, {c.RateLeft:P0} of its highest, and training loss moves by {Math.Abs(fall):P1} of the guess's loss an epoch around {end.Mean:0.###}.",
            "A tenth of the rate for some epochs lowers the loss at once.",
            new Remedy("Let the rate fall over the training, e.g. by a cosine to zero.", "schedule.name=cosine"),
            new Remedy("Drop it tenfold where the loss no longer falls.", "schedule.name=step", FormattableString.Invariant($"schedule.milestones=[{Math.Round(0.6 * c.LastEpoch)}, {Math.Round(0.85 * c.LastEpoch)}]")));
    }
}
