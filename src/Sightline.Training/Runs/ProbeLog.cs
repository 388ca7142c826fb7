using System.Globalization;
using Sightline.Metrics;
using Sightline.Training.Evaluation;
using Sightline.Training.Signals;

namespace Sightline.Training.Runs;

/// <summary>
/// <c>probe.csv</c>: one row per epoch, what the network makes of a few training images that are always the same, and what it predicts on
/// the validation images. Equal in equal runs.
/// </summary>
public static class ProbeLog
{
    /// <summary>The columns that every run has.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["epoch", "probe_loss", "probe_top1", "probe_batch_loss", "probe_batch_top1", "val_confidently_wrong", "val_loss_median", "val_loss_p90", "val_predictions"];

    /// <summary>The columns that follow for each block of the network, its name after a slash.</summary>
    public static IReadOnlyList<string> BlockColumns { get; } = ["activation_deviation", "dead_share"];

    /// <summary>The header of a run.</summary>
    /// <param name="blocks">The network's blocks.</param>
    /// <returns>Every column.</returns>
    public static IReadOnlyList<string> Header(IReadOnlyList<NetworkBlock> blocks) => [.. Columns, .. blocks.SelectMany(b => BlockColumns.Select(c => $"{c}/{b.Name}"))];

    /// <summary>The cells of a row.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="reading">What the network did with the probe.</param>
    /// <param name="validation">What it did with the validation images; null without any.</param>
    /// <returns>One cell per column.</returns>
    public static IReadOnlyList<string> Cells(int epoch, ProbeReading reading, LogitScore? validation)
    {
        ArgumentNullException.ThrowIfNull(reading);
        return
        [
            epoch.ToString(CultureInfo.InvariantCulture), CsvNumber.Write(reading.Loss), CsvNumber.Write(reading.Top1), CsvNumber.Write(reading.BatchLoss), CsvNumber.Write(reading.BatchTop1),
            CsvNumber.Write(validation?.ConfidentlyWrong ?? double.NaN), CsvNumber.Write(validation?.LossMedian ?? double.NaN), CsvNumber.Write(validation?.LossP90 ?? double.NaN),
            validation is null ? "" : string.Join(' ', validation.Predictions),
            .. reading.Blocks.SelectMany(b => new[] { CsvNumber.Write(b.Deviation), CsvNumber.Write(b.DeadShare) }),
        ];
    }
}
