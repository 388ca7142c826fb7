using System.Globalization;

namespace Sightline.Training.Runs;

/// <summary>One epoch's row of <c>metrics.csv</c>.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">Optimiser steps taken by its end.</param>
/// <param name="LearningRate">The rate of its last step.</param>
/// <param name="TrainLoss">Mean training loss, as the weights were moving, augmentation and label smoothing included.</param>
/// <param name="TrainTop1">Training accuracy likewise, a fraction.</param>
/// <param name="ValLoss">Mean cross-entropy on the validation images, without label smoothing; NaN without validation.</param>
/// <param name="ValTop1">Validation accuracy, a fraction; of the averaged weights if kept; NaN without validation.</param>
/// <param name="GradientNorm">Mean of the measured global gradient norms before clipping; NaN when none was measured.</param>
/// <param name="Seconds">Seconds of training steps and validation.</param>
/// <param name="SamplesPerSecond">Training images per second of training steps.</param>
public sealed record EpochMetrics(int Epoch, long Step, double LearningRate, double TrainLoss, double TrainTop1, double ValLoss, double ValTop1, double GradientNorm, double Seconds, double SamplesPerSecond)
{
    /// <summary>The epoch with the best validation accuracy, ties go to the lower loss, then to the earlier.</summary>
    /// <param name="epochs">The epochs of a run.</param>
    /// <returns>The epoch; null without validation.</returns>
    public static EpochMetrics? BestOf(IEnumerable<EpochMetrics> epochs) => epochs.Where(e => !double.IsNaN(e.ValTop1)).OrderByDescending(e => e.ValTop1).ThenBy(e => e.ValLoss).FirstOrDefault();
}

/// <summary>
/// <c>metrics.csv</c>: one row per epoch. Version <see cref="Version"/> of its columns; an empty cell means "not measured". All but
/// <c>seconds</c> and <c>samples_per_second</c> are equal in equal runs.
/// </summary>
public static class MetricsLog
{
    /// <summary>The version of the columns, also in environment.json.</summary>
    public const int Version = 1;

    /// <summary>The columns.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["epoch", "step", "learning_rate", "train_loss", "train_top1", "val_loss", "val_top1", "gradient_norm", "seconds", "samples_per_second"];

    /// <summary>The cells of a row.</summary>
    /// <param name="m">The epoch.</param>
    /// <returns>One cell per column.</returns>
    public static IReadOnlyList<string> Cells(EpochMetrics m)
    {
        ArgumentNullException.ThrowIfNull(m);
        return
        [
            m.Epoch.ToString(CultureInfo.InvariantCulture), m.Step.ToString(CultureInfo.InvariantCulture), CsvNumber.Write(m.LearningRate), CsvNumber.Write(m.TrainLoss),
            CsvNumber.Write(m.TrainTop1), CsvNumber.Write(m.ValLoss), CsvNumber.Write(m.ValTop1), CsvNumber.Write(m.GradientNorm),
            m.Seconds.ToString("0.###", CultureInfo.InvariantCulture), m.SamplesPerSecond.ToString("0.#", CultureInfo.InvariantCulture),
        ];
    }

    /// <summary>Reads the rows.</summary>
    /// <param name="path">A <c>metrics.csv</c> of version <see cref="Version"/>.</param>
    /// <returns>The epochs.</returns>
    /// <exception cref="BadInputException">It has other columns, or a cell is no number.</exception>
    public static IReadOnlyList<EpochMetrics> Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        if (lines.Length == 0 || lines[0] != string.Join(',', Columns))
            throw new BadInputException("metrics-columns", $"Expected the columns {string.Join(',', Columns)}.", path, 1);
        var rows = new List<EpochMetrics>();
        for (int i = 1; i < lines.Length; i++)
        {
            string[] c = lines[i].Split(',');
            if (c.Length != Columns.Count)
                throw new BadInputException("metrics-row", $"The row has {c.Length} cells, expected {Columns.Count}.", path, i + 1);
            double[] v = [.. c.Select((cell, k) => CsvNumber.Read(cell, path, i + 1, Columns[k]))];
            rows.Add(new EpochMetrics((int)v[0], (long)v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]));
        }
        return rows;
    }
}
