using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>For each code of the list a training that has this fault and no other.</summary>
internal static class PlantedFaults
{
    private static readonly TrainingFacts Facts = new PlantedLog().Facts;

    private static readonly Dictionary<string, PlantedLog> All = new()
    {
        ["overfitting"] = new() { Learned = e => 0.95 * (1 - Math.Exp(-e / 4)), LossGap = e => 0.04 * e, ValAbove = _ => 0.35, Facts = Facts with { Augments = false } },
        ["underfitting"] = new() { Learned = e => 0.2 * (1 - Math.Exp(-e / 5)), LossGap = _ => 0.01 },
        ["learning-rate-too-high"] = new() { Learned = e => 0.15 * (1 - Math.Exp(-e / 5)), LossGap = _ => 0.01, UpdateRatio = e => e < 3 ? 0.015 * e : 0.04 },
        ["learning-rate-too-low"] = new() { Learned = e => 0.002 * e, LossGap = _ => 0, UpdateRatio = _ => 5e-5, Cosine = 0.2 },
        ["drop-too-early"] = new() { Learned = e => e <= 5 ? 0.05 * e : 0.25 + 0.001 * e, LossGap = _ => 0.01, Rate = e => e <= 5 ? 1 : 0.01 },
        ["missing-warmup"] = new() { Learned = e => 0.33 * (1 - Math.Exp(-e / 7)), Rate = e => 0.5 * (1 + Math.Cos(Math.PI * (e - 1) / 30)), UpdateRatio = e => 0.02 * (1 - e / 40) },
        ["diverged"] = new() { Epochs = 4, Facts = Facts with { Diverged = "Training diverged: at step 200, the loss is NaN." } },
        ["plateau"] = new() { Learned = e => 0.3 * (1 - Math.Exp(-e / 3)), Rate = e => Math.Min(1, e / 3), UpdateRatio = _ => 0.015 },
        ["validation-above-training"] = new() { LossGap = _ => -0.12, ValAbove = _ => 0.02 },
        ["noisy-validation"] = new() { Facts = Facts with { ValidationImages = [.. Enumerable.Repeat(2, 10)] }, ValAbove = e => 0.1 * Math.Sin(7 * e) },
        ["leak"] = new() { Learned = e => 0.98 * (1 - Math.Exp(-e / 4)), LossGap = _ => 0, Facts = Facts with { Augments = false } },
        ["class-collapse"] = new() { Learned = e => 0.84, TopLabelShare = 0.93, TrainAbove = _ => -0.01, LossGap = e => 0.8 + 0.01 * e, CommonestPrediction = 1 },
        ["label-noise"] = new() { Learned = e => 0.2 * (1 - Math.Exp(-e / 7)), LossGap = _ => 0.07, TrainAbove = _ => 0.08, ValAbove = _ => 0.09 },
        ["dead-units"] = new() { Learned = e => 0.1 * (1 - Math.Exp(-e / 7)), DeadShare = 0.98, LossGap = _ => 0 },
        ["vanishing-gradients"] = new() { Learned = e => 0.05 * (1 - Math.Exp(-e / 7)), FirstBlockGradient = 2e-4, LossGap = _ => 0 },
        ["exploding-gradients"] = new() { FirstLoss = 14, GradientNorm = 30, Learned = e => 0.35 * (1 - Math.Exp(-e / 7)) },
        ["batch-too-small"] = new() { Learned = e => 0.25 * (1 - Math.Exp(-e / 7)), Facts = Facts with { BatchSize = 2 }, TopLabelShare = 0.55 },
        ["batchnorm-gap"] = new() { ProbeGap = 0.6, LossGap = _ => 0.5 },
        ["not-shuffled"] = new() { TopLabelShare = 0.95, Learned = e => 0.3 * (1 - Math.Exp(-e / 7)) },
        ["over-regularised"] = new() { Learned = e => 0.15 * (1 - Math.Exp(-e / 7)), LossGap = _ => -0.01, WeightNorm = e => 10 * Math.Exp(-e / 20), Facts = Facts with { WeightDecay = 0.05, Dropout = 0.6 } },
        ["stopped-too-early"] = new() { Epochs = 5, Learned = e => 0.03 * e, LossGap = _ => 0.01, Rate = e => Math.Min(1, e / 3), UpdateRatio = _ => 0.004 },
    };

    /// <summary>The training with a fault.</summary>
    public static PlantedLog Of(string code) => All[code];
}
