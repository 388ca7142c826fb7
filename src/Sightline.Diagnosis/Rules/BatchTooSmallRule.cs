namespace Sightline.Diagnosis.Rules;

/// <summary>A few images a step: steps that mostly follow chance, and BatchNorm statistics of a handful.</summary>
internal sealed class BatchTooSmallRule : Rule
{
    internal override string Code => "batch-too-small";

    internal override IReadOnlyList<string> Explains => ["learning-rate-too-high", "plateau", "underfitting", "noisy-validation", "batchnorm-gap", "dead-units", "class-collapse", "label-noise", "exploding-gradients", "missing-warmup", "overfitting", "diverged", "over-regularised", "not-shuffled", "validation-above-training", "vanishing-gradients"];

    internal override Finding? Look(Curves c)
    {
        if (c.Facts.BatchSize is not int batch || batch < 1)
            return null;
        double noise = c.Signal(s => s.Steps.LossDeviation / s.Steps.MeanLoss).Middle;
        double own = Ramp(batch, 6, 3) * Ramp(c.Learned, 0.9, 0.75);
        if (own == 0)
            return null;
        string jumps = double.IsNaN(noise) ? "" : FormattableString.Invariant($" From step to step the loss varies by {100 * noise:0} % of its mean.");
        return Found(0.9 * own, c.AllEpochs, ShownBy.Loss,
            $"A step sees {batch} {(batch == 1 ? "image" : "images")}, and training took only {Math.Max(0, c.Learned):P0} of the guess's loss away.{jumps}",
            "The same training with 32 images a step, at the same rate, ends lower.",
            new Remedy("Use larger batches; where memory doesn't allow them, gather gradients over several.", "training.batchSize=32"),
            new Remedy("Gather gradients over steps.", FormattableString.Invariant($"training.accumulation={Math.Max(2, 32 / batch)}")),
            new Remedy("Lower the learning rate in proportion.", Settings.Rate(c, batch / 32.0)));
    }
}
