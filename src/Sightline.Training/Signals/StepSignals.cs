namespace Sightline.Training.Signals;

/// <summary>What was measured on one optimiser step beside its loss.</summary>
/// <param name="Blocks">Gradient, weights and update of each block.</param>
/// <param name="ConfidentlyWrong">
/// Share of its images for which another class than the label's got a probability of 0.9 or more; NaN where labels were mixed. On training
/// images it stays up when labels are wrong, until the network has learnt them by heart.
/// </param>
/// <param name="TopLabelShare">Share of its images that bear the commonest label among them: near 1 when images come sorted by class.</param>
public sealed record StepSignals(IReadOnlyList<BlockStep> Blocks, double ConfidentlyWrong, double TopLabelShare)
{
    /// <summary>Global L2 norm of the gradients before clipping.</summary>
    public double GradientNorm => StepMeter.Together(Blocks.Select(b => b.GradientNorm));

    /// <summary>Global L2 norm of the trainable weights before the step.</summary>
    public double WeightNorm => StepMeter.Together(Blocks.Select(b => b.WeightNorm));

    /// <summary>Global L2 norm of what the step added to the weights.</summary>
    public double UpdateNorm => StepMeter.Together(Blocks.Select(b => b.UpdateNorm));
}
