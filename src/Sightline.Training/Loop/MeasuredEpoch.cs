using Sightline.Diagnosis;
using Sightline.Metrics;
using Sightline.Training.Signals;

namespace Sightline.Training.Loop;

/// <summary>What a training measured in one epoch beside its curves.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Steps">The measured optimiser steps, each with its number from 1; all of them have signals.</param>
/// <param name="Probe">The probe at its end.</param>
/// <param name="ValScore">The validation at its end; null without one.</param>
public sealed record MeasuredEpoch(int Epoch, IReadOnlyList<(long Step, StepResult Result)> Steps, ProbeReading Probe, LogitScore? ValScore)
{
    /// <summary>The same as a diagnosis reads it.</summary>
    /// <returns>The signals; NaN where nothing was measured.</returns>
    public EpochSignals Signals() => new()
    {
        Epoch = Epoch,
        Steps = SignalSummary.Of([.. Steps.Select(s => Point(s.Step, s.Result, s.Result.Signals!))]),
        ProbeLoss = Probe.Loss,
        ProbeTop1 = Probe.Top1,
        ProbeBatchLoss = Probe.BatchLoss,
        ProbeBatchTop1 = Probe.BatchTop1,
        ValConfidentlyWrong = ValScore?.ConfidentlyWrong ?? double.NaN,
        ValLossMedian = ValScore?.LossMedian ?? double.NaN,
        ValLossP90 = ValScore?.LossP90 ?? double.NaN,
        ValPredictions = ValScore?.Predictions ?? [],
        Blocks = [.. Probe.Blocks.Select((b, i) => new BlockSignals(b.Block, Mean(s => s.Blocks[i].GradientNorm), Mean(s => s.Blocks[i].UpdateRatio), b.Deviation, b.DeadShare))],
    };

    private StepPoint Point(long step, StepResult result, StepSignals measured) => new(step, Epoch, result.Loss, measured.GradientNorm, measured.WeightNorm, measured.UpdateNorm,
        measured.MomentumCosine, measured.Images.ConfidentlyWrong, measured.Images.LossMedian, measured.Images.LossP90, measured.Images.TopLabelShare);

    // Of the steps that have the value.
    private double Mean(Func<StepSignals, double> value)
    {
        double[] known = [.. Steps.Select(s => value(s.Result.Signals!)).Where(v => !double.IsNaN(v))];
        return known.Length > 0 ? known.Average() : double.NaN;
    }
}
