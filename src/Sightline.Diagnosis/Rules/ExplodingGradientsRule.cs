namespace Sightline.Diagnosis.Rules;

/// <summary>First weights so large that values and gradients grow from layer to layer: the first loss is far above a guess.</summary>
internal sealed class ExplodingGradientsRule : Rule
{
    internal override string Code => "exploding-gradients";

    internal override IReadOnlyList<string> Explains => ["diverged", "learning-rate-too-high", "missing-warmup", "dead-units", "underfitting", "class-collapse", "plateau", "label-noise", "learning-rate-too-low", "overfitting", "noisy-validation", "batchnorm-gap"];

    internal override Finding? Look(Curves c)
    {
        if (c.Classes is not int classes || c.Signals.Count == 0)
            return null;
        // No guess on known shares: the first step is told by even classes.
        double first = c.Signals[0].Steps.FirstLoss / Math.Log(classes), gradient = c.Signals[0].Steps.HighestGradientNorm;
        // Counted from the guess, not by it: two classes' first losses are as far off as a hundred's.
        double own = Ramp(c.Signals[0].Steps.FirstLoss - Math.Log(classes), 0.5, 1.2) * Ramp(gradient, 1.5, 4);
        if (own == 0)
            return null;
        return Found(0.97 * own, (c.FirstEpoch, Math.Min(c.LastEpoch, c.FirstEpoch + 2)), ShownBy.GradientNorm,
            $"The loss of the very first step is {c.Signals[0].Steps.FirstLoss:0.##}, {first:0.0} times what guessing costs ({Math.Log(classes):0.##}), and the gradient's norm reaches {gradient:0.##} in the first epoch: the network starts sure of nonsense.",
            "The deviation of what each block gives for the first batch grows from block to block.",
            new Remedy("Initialise by He's rule (our networks do), or put normalisation between the layers."),
            new Remedy("Limit the gradient's norm.", "training.clipNorm=1"),
            new Remedy("Let the rate rise from a small one.", "schedule.warmupEpochs=3"));
    }
}
