namespace Sightline.Diagnosis.Rules;

/// <summary>Steps so large that they undo each other, or threw the network to where it learns no more.</summary>
internal sealed class LearningRateTooHighRule : Rule
{
    internal override string Code => "learning-rate-too-high";

    internal override IReadOnlyList<string> Explains => ["plateau", "underfitting", "dead-units", "class-collapse", "noisy-validation", "label-noise", "batchnorm-gap", "missing-warmup", "learning-rate-too-low", "over-regularised", "validation-above-training", "vanishing-gradients", "stopped-too-early"];

    internal override Finding? Look(Curves c)
    {
        Series ratio = c.UpdateRatio;
        double highest = ratio.Highest, dead = c.Signals.Count == 0 ? 0 : c.Signals[^1].Blocks.SkipLast(1).Select(b => b.DeadShare).Where(d => !double.IsNaN(d)).DefaultIfEmpty(0).Max();
        double large = Ramp(highest, 0.022, 0.031), poor = Ramp(c.Learned, 0.75, 0.45);
        // From curves alone: the loss gets worse while the rate is high, and comes back when it falls.
        double back = Worse(c);
        double own = Math.Max(large * poor, Math.Max(0.75 * back, Ramp(dead, 0.6, 0.9) * Ramp(c.Learned, 0.35, 0.15) * Ramp(highest, 0.01, 0.02)));
        if (own == 0)
            return null;
        int at = ratio.HighestAt;
        return Found(0.95 * own, (at >= 0 ? ratio.X[at] : c.FirstEpoch, c.LastEpoch), at >= 0 ? ShownBy.UpdateRatio : ShownBy.Loss, at >= 0
                ? (FormattableString)$"A step changes the weights by up to {highest:P1} of their norm (epoch {ratio.X[at]:0.##}; healthy is about 0.1 to 1 %), and training took only {Math.Max(0, c.Learned):P0} of the guess's loss away."
                : $"Training took only {Math.Max(0, c.Learned):P0} of the guess's loss away; while the rate was high the loss rose from {c.TrainLoss.Lowest:0.###}.",
            "A learning-rate range test: its loss turns up below the rate of this training.",
            new Remedy("Lower the learning rate three- to tenfold.", Settings.Rate(c, 0.2)),
            new Remedy("Find it by a range test: `sightline sweep RECIPE --method range-test --over lr=1e-5..1e0:log`."),
            new Remedy("Let the rate rise over the first epochs, and limit the gradient's norm.", "schedule.warmupEpochs=3", "training.clipNorm=1"));
    }

    private static double Worse(Curves c)
    {
        if (c.TrainLoss.Count < 6)
            return 0;
        double up = 0, low = c.TrainLoss.First;
        foreach (double y in c.TrainLoss.Y)
        {
            low = Math.Min(low, y);
            up = Math.Max(up, y - low);
        }
        return Ramp(up / c.GuessLoss, 0.02, 0.08);
    }
}
