using System.Globalization;
using Sightline.Training.Loop;
using Sightline.Training.Signals;

namespace Sightline.Training.Runs;

/// <summary><c>signals.csv</c>: one row every few optimiser steps, what a diagnosis needs. Equal in equal runs.</summary>
public static class SignalsLog
{
    /// <summary>The columns that every run has.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["step", "epoch", "learning_rate", "loss", "gradient_norm", "weight_norm", "update_norm", "momentum_cosine", "confidently_wrong", "loss_median", "loss_p90", "top_label_share"];

    /// <summary>The columns that follow for each block of the network, its name after a slash.</summary>
    public static IReadOnlyList<string> BlockColumns { get; } = ["gradient_norm", "update_ratio"];

    /// <summary>The header of a run.</summary>
    /// <param name="blocks">The network's blocks.</param>
    /// <returns>Every column.</returns>
    public static IReadOnlyList<string> Header(IReadOnlyList<NetworkBlock> blocks) => [.. Columns, .. blocks.SelectMany(b => BlockColumns.Select(c => $"{c}/{b.Name}"))];

    /// <summary>The cells of a row.</summary>
    /// <param name="step">The optimiser step, from 1.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="result">What the step saw, measured.</param>
    /// <returns>One cell per column.</returns>
    public static IReadOnlyList<string> Cells(long step, int epoch, StepResult result)
    {
        StepSignals signals = result.Signals ?? throw new ArgumentException("The step was not measured.", nameof(result));
        return
        [
            step.ToString(CultureInfo.InvariantCulture), epoch.ToString(CultureInfo.InvariantCulture), CsvNumber.Write(result.LearningRate), CsvNumber.Write(result.Loss),
            CsvNumber.Write(signals.GradientNorm), CsvNumber.Write(signals.WeightNorm), CsvNumber.Write(signals.UpdateNorm),
            CsvNumber.Write(signals.MomentumCosine), CsvNumber.Write(signals.Images.ConfidentlyWrong), CsvNumber.Write(signals.Images.LossMedian), CsvNumber.Write(signals.Images.LossP90),
            CsvNumber.Write(signals.Images.TopLabelShare),
            .. signals.Blocks.SelectMany(b => new[] { CsvNumber.Write(b.GradientNorm), CsvNumber.Write(b.UpdateRatio) }),
        ];
    }
}
