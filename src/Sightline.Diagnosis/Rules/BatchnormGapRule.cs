namespace Sightline.Diagnosis.Rules;

/// <summary>BatchNorm's running statistics aren't those of the network's values: it works in training mode and fails in evaluation.</summary>
internal sealed class BatchnormGapRule : Rule
{
    internal override string Code => "batchnorm-gap";

    internal override IReadOnlyList<string> Explains => ["overfitting", "noisy-validation", "underfitting", "label-noise", "class-collapse"];

    internal override Finding? Look(Curves c)
    {
        Series gap = c.Signal(s => (s.ProbeLoss - s.ProbeBatchLoss) / c.GuessLoss);
        if (gap.Count == 0)
            return null;
        double middle = gap.Middle, end = Curves.AtEnd(gap);
        double own = Math.Max(Ramp(middle, 0.08, 0.25), Ramp(end, 0.05, 0.2)) * Ramp(c.Learned, 0.02, 0.1);
        if (own == 0)
            return null;
        int at = gap.HighestAt;
        return Found(0.96 * own, (gap.X[0], gap.X[^1]), ShownBy.Probe,
            $"The same training images cost {c.Signals[at].ProbeLoss:0.###} with BatchNorm's running statistics and {c.Signals[at].ProbeBatchLoss:0.###} with their own (epoch {gap.X[at]:0.##}); over all epochs the middle of this gap is {middle:P0} of the guess's loss.",
            "Measure the running statistics anew over some hundred training batches: the validation loss falls at once.",
            new Remedy("Set BatchNorm's momentum to 0.1 (PyTorch's sense), so that running statistics follow within tens of steps."),
            new Remedy("Measure the statistics anew before evaluation, as stochastic weight averaging does.", FormattableString.Invariant($"training.swa.fromEpoch={Math.Floor(0.75 * (c.Facts.PlannedEpochs ?? c.LastEpoch)):0}")),
            new Remedy("Use larger batches, or GroupNorm where they must be small."));
    }
}
