namespace Sightline.Diagnosis;

/// <summary>What was measured in one epoch beside its curves; NaN where nothing was.</summary>
public sealed record EpochSignals
{
    /// <summary>The epoch, from 1.</summary>
    public required double Epoch { get; init; }

    /// <summary>The measured steps in it.</summary>
    public SignalSummary Steps { get; init; } = SignalSummary.None;

    /// <summary>Mean cross-entropy of the probe, a few training images that are always the same, in evaluation mode.</summary>
    public double ProbeLoss { get; init; } = double.NaN;

    /// <summary>Its accuracy, a fraction.</summary>
    public double ProbeTop1 { get; init; } = double.NaN;

    /// <summary>Mean cross-entropy of the probe with BatchNorms on the probe's own statistics.</summary>
    public double ProbeBatchLoss { get; init; } = double.NaN;

    /// <summary>Its accuracy likewise.</summary>
    public double ProbeBatchTop1 { get; init; } = double.NaN;

    /// <summary>Share of the validation images for which another class than the label's got a probability of 0.9 or more.</summary>
    public double ValConfidentlyWrong { get; init; } = double.NaN;

    /// <summary>The median of the validation images' losses.</summary>
    public double ValLossMedian { get; init; } = double.NaN;

    /// <summary>The loss that nine of ten validation images stay below.</summary>
    public double ValLossP90 { get; init; } = double.NaN;

    /// <summary>How many validation images were taken for each class; empty when it isn't known.</summary>
    public IReadOnlyList<int> ValPredictions { get; init; } = [];

    /// <summary>The network's blocks, from the image to the classifier layer.</summary>
    public IReadOnlyList<BlockSignals> Blocks { get; init; } = [];
}

/// <summary>The measured optimiser steps of one epoch.</summary>
/// <param name="FirstLoss">Loss of the first.</param>
/// <param name="MeanLoss">Mean of their losses.</param>
/// <param name="LossDeviation">Deviation of their losses; 0 for one step.</param>
/// <param name="HighestLoss">The highest of their losses.</param>
/// <param name="GradientNorm">Mean of their global gradient norms before clipping.</param>
/// <param name="HighestGradientNorm">The highest of these.</param>
/// <param name="WeightNorm">Mean norm of the weights.</param>
/// <param name="UpdateNorm">Mean norm of what the steps added.</param>
/// <param name="MomentumCosine">Mean cosine between the gradient and what the optimiser remembers of those before.</param>
/// <param name="ConfidentlyWrong">Mean share of training images for which another class than the label's got 0.9 or more.</param>
/// <param name="LossMedian">Mean of the medians of the images' losses.</param>
/// <param name="LossP90">Mean of the losses that nine of ten images stay below.</param>
/// <param name="TopLabelShare">Mean share of a step's images that bear the commonest label among them.</param>
public sealed record SignalSummary(
    double FirstLoss, double MeanLoss, double LossDeviation, double HighestLoss, double GradientNorm, double HighestGradientNorm,
    double WeightNorm, double UpdateNorm, double MomentumCosine, double ConfidentlyWrong, double LossMedian, double LossP90, double TopLabelShare)
{
    /// <summary>No step was measured.</summary>
    public static SignalSummary None { get; } = new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);

    /// <summary>Puts the measured steps of an epoch together.</summary>
    /// <param name="steps">The steps, in their order.</param>
    /// <returns>The summary; <see cref="None"/> of no step.</returns>
    public static SignalSummary Of(IReadOnlyList<StepPoint> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        if (steps.Count == 0)
            return None;
        double mean = steps.Average(s => s.Loss);
        return new SignalSummary(steps[0].Loss, mean, Math.Sqrt(steps.Average(s => (s.Loss - mean) * (s.Loss - mean))), steps.Max(s => s.Loss),
            Mean(steps, s => s.GradientNorm), steps.Max(s => s.GradientNorm), Mean(steps, s => s.WeightNorm), Mean(steps, s => s.UpdateNorm),
            Mean(steps, s => s.MomentumCosine), Mean(steps, s => s.ConfidentlyWrong), Mean(steps, s => s.LossMedian), Mean(steps, s => s.LossP90), Mean(steps, s => s.TopLabelShare));
    }

    // Mean of the numbers that are there: mixed labels leave some empty.
    private static double Mean(IReadOnlyList<StepPoint> steps, Func<StepPoint, double> value)
    {
        double[] known = [.. steps.Select(value).Where(v => !double.IsNaN(v))];
        return known.Length == 0 ? double.NaN : known.Average();
    }
}

/// <summary>One measured optimiser step; NaN where nothing was measured.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Epoch">Its epoch, from 1.</param>
/// <param name="Loss">Mean loss of its images.</param>
/// <param name="GradientNorm">Global gradient norm before clipping.</param>
/// <param name="WeightNorm">Norm of the weights.</param>
/// <param name="UpdateNorm">Norm of what it added.</param>
/// <param name="MomentumCosine">Cosine between the gradient and what the optimiser remembers of those before.</param>
/// <param name="ConfidentlyWrong">Share of its images for which another class than the label's got 0.9 or more.</param>
/// <param name="LossMedian">The median of its images' losses.</param>
/// <param name="LossP90">The loss that nine of ten of them stay below.</param>
/// <param name="TopLabelShare">Share of its images that bear the commonest label among them.</param>
public sealed record StepPoint(long Step, double Epoch, double Loss, double GradientNorm, double WeightNorm, double UpdateNorm, double MomentumCosine,
    double ConfidentlyWrong, double LossMedian, double LossP90, double TopLabelShare);

/// <summary>One block of a network in one epoch; NaN where nothing was measured.</summary>
/// <param name="Name">Its path, e.g. <c>layer1.0</c>.</param>
/// <param name="GradientNorm">Mean norm of its gradient.</param>
/// <param name="UpdateRatio">Mean norm of its updates by the norm of its weights.</param>
/// <param name="ActivationDeviation">Deviation of what its last layer gives for the probe.</param>
/// <param name="DeadShare">Share of its units that no image of the probe wakes.</param>
public sealed record BlockSignals(string Name, double GradientNorm, double UpdateRatio, double ActivationDeviation, double DeadShare);
