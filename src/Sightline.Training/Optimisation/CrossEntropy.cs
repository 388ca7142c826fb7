using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>Cross-entropy with label smoothing (Szegedy et al. 2016, section 7), against labels or soft targets.</summary>
public static class CrossEntropy
{
    /// <summary>The mean loss over a batch.</summary>
    /// <param name="logits"><c>[N, K] float32</c>.</param>
    /// <param name="labels"><c>[N] int64</c>.</param>
    /// <param name="softTargets"><c>[N, K] float32</c>, rows summing to 1; they replace the labels.</param>
    /// <param name="labelSmoothing">The share of the target that is spread evenly over all classes, in [0, 1).</param>
    /// <returns>A scalar, float32.</returns>
    public static Tensor Mean(Tensor logits, Tensor labels, Tensor? softTargets, double labelSmoothing) =>
        nn.functional.cross_entropy(logits, softTargets ?? labels, label_smoothing: labelSmoothing);
}
