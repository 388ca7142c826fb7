namespace Sightline.Diagnosis.Rules;

/// <summary>The full rate from the first step throws the first weights away before the gradient means anything.</summary>
internal sealed class MissingWarmupRule : Rule
{
    internal override string Code => "missing-warmup";

    internal override IReadOnlyList<string> Explains => ["learning-rate-too-high", "underfitting", "dead-units", "class-collapse", "noisy-validation", "label-noise"];

    internal override Finding? Look(Curves c)
    {
        Series ratio = c.UpdateRatio;
        if (c.Rate.Count == 0 || ratio.Count == 0 || c.Epochs < 4)
            return null;
        double first = c.Rate.First / c.Rate.Highest, own = Ramp(first, 0.8, 0.95) * Ramp(ratio.First, 0.006, 0.012) * Ramp(c.Learned, 0.5, 0.36);
        if (own == 0)
            return null;
        return Found(0.93 * own, (c.FirstEpoch, c.FirstEpoch + 2), ShownBy.UpdateRatio,
            $"The first epoch runs at {first:P0} of the highest rate, and its steps change the weights by {ratio.First:P1} of their norm (with a rise it is about 0.1 %); training took {Math.Max(0, c.Learned):P0} of the guess's loss away.",
            "The same training with the rate rising over its first epochs ends lower.",
            new Remedy("Let the rate rise over the first epochs.", FormattableString.Invariant($"schedule.warmupEpochs={Math.Max(1, Math.Round(0.1 * (c.Facts.PlannedEpochs ?? c.Epochs)))}")),
            new Remedy("Or lower the rate threefold.", Settings.Rate(c, 0.3)));
    }
}
