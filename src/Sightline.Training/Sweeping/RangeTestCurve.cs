using Sightline.Training.Runs;

namespace Sightline.Training.Sweeping;

/// <summary>The training loss over a rising learning rate.</summary>
/// <param name="Steps">How many steps the rise has.</param>
/// <param name="Rates">The rate of each step taken.</param>
/// <param name="Losses">The loss of each step, before it; as many.</param>
public sealed record RangeTestCurve(int Steps, IReadOnlyList<double> Rates, IReadOnlyList<double> Losses)
{
    /// <summary>The rise ends early when the smoothed loss is above this many times its minimum.</summary>
    public const double Limit = 4;

    private const int ShareOfSteps = 20, FewestAveraged = 5;

    /// <summary>Over about how many steps the smoothing looks back.</summary>
    internal int Averaged => Math.Max(FewestAveraged, Steps / ShareOfSteps);

    /// <summary>The losses smoothed: an exponential mean over about a twentieth of the steps (at least 5), its first values corrected for
    /// having begun at 0 (Kingma and Ba 2015, section 3).</summary>
    public IReadOnlyList<double> Smoothed => Smooth(Losses, 1 - 1.0 / Averaged);

    /// <summary>Whether the rise is over: all steps are taken, or the smoothed loss is above <see cref="Limit"/> times its minimum or not finite.</summary>
    public bool Over => Losses.Count >= Steps || Exploded;

    /// <summary>Whether the loss ended the rise.</summary>
    public bool Exploded => Smoothed is { Count: > 0 } smoothed && !(smoothed[^1] <= Limit * smoothed.Min());

    /// <summary>Reads the curve of a run whose every step was logged.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="steps">How many steps the rise has.</param>
    /// <returns>The curve; empty before the first step.</returns>
    /// <exception cref="BadInputException">signals.csv has other columns, or a cell is no number.</exception>
    public static RangeTestCurve Read(RunFolder run, int steps)
    {
        ArgumentNullException.ThrowIfNull(run);
        string[] lines = File.Exists(run.Signals) ? File.ReadAllLines(run.Signals) : [];
        string[] columns = lines.Length > 0 ? lines[0].Split(',') : [.. SignalsLog.Columns];
        int rate = Array.IndexOf(columns, "learning_rate"), loss = Array.IndexOf(columns, "loss");
        if (rate < 0 || loss < 0)
            throw new BadInputException("signals-columns", "Expected the columns learning_rate and loss.", run.Signals, 1);
        double[][] rows = [.. lines.Skip(1).Take(steps).Select((line, i) => line.Split(',') is var cells && cells.Length == columns.Length
            ? new[] { CsvNumber.Read(cells[rate], run.Signals, i + 2, "learning_rate"), CsvNumber.Read(cells[loss], run.Signals, i + 2, "loss") }
            : throw new BadInputException("signals-row", $"The row has {cells.Length} cells, expected {columns.Length}.", run.Signals, i + 2))];
        return new RangeTestCurve(steps, [.. rows.Select(r => r[0])], [.. rows.Select(r => r[1])]);
    }

    private static double[] Smooth(IReadOnlyList<double> losses, double keep)
    {
        var smoothed = new double[losses.Count];
        double mean = 0, weight = 0;
        for (int i = 0; i < smoothed.Length; i++)
        {
            mean = keep * mean + (1 - keep) * losses[i];
            weight = keep * weight + (1 - keep);
            smoothed[i] = mean / weight;
        }
        return smoothed;
    }
}
