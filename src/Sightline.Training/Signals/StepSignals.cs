namespace Sightline.Training.Signals;

/// <summary>What was measured on one optimiser step beside its loss.</summary>
/// <param name="Blocks">Gradient, weights and update of each block.</param>
/// <param name="MomentumCosine">
/// Cosine of the angle between the gradient and what the optimiser remembers of those before; NaN while it remembers nothing. Below 0 the
/// steps overshoot; near 0 they are noise.
/// </param>
/// <param name="Images">What the network made of the step's images.</param>
public sealed record StepSignals(IReadOnlyList<BlockStep> Blocks, double MomentumCosine, StepImages Images)
{
    /// <summary>Global L2 norm of the gradients before clipping.</summary>
    public double GradientNorm => StepMeter.Together(Blocks.Select(b => b.GradientNorm));

    /// <summary>Global L2 norm of the trainable weights before the step.</summary>
    public double WeightNorm => StepMeter.Together(Blocks.Select(b => b.WeightNorm));

    /// <summary>Global L2 norm of what the step added to the weights.</summary>
    public double UpdateNorm => StepMeter.Together(Blocks.Select(b => b.UpdateNorm));
}

/// <summary>The images of one measured step. All but the last number are NaN where labels were mixed.</summary>
/// <param name="ConfidentlyWrong">
/// Share for which another class than the label's got a probability of 0.9 or more.
/// </param>
/// <param name="LossMedian">The median of their cross-entropies.</param>
/// <param name="LossP90">The cross-entropy that nine of ten stay below: far above the median where labels are wrong, until they are learnt by heart.</param>
/// <param name="TopLabelShare">Share that bears the commonest label among them: near 1 when images come sorted by class.</param>
public sealed record StepImages(double ConfidentlyWrong, double LossMedian, double LossP90, double TopLabelShare);
