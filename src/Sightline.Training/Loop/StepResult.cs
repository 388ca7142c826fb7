using Sightline.Training.Signals;

namespace Sightline.Training.Loop;

/// <summary>What one optimiser step saw.</summary>
/// <param name="Loss">Mean training loss over its images, before the step.</param>
/// <param name="Correct">Images whose largest logit was the label's.</param>
/// <param name="Images">How many images.</param>
/// <param name="LearningRate">The schedule's rate.</param>
/// <param name="GradientNorm">Global L2 norm before clipping; null when it was not measured.</param>
/// <param name="Signals">What was measured beside the loss; null when the step was not.</param>
public readonly record struct StepResult(double Loss, int Correct, int Images, double LearningRate, double? GradientNorm, StepSignals? Signals = null);
