using System.Globalization;

namespace Sightline.Labs;

/// <summary>A metric over the seeds of one setting.</summary>
/// <param name="Metric">Its name; rates (names ending in <c>Error</c> or <c>top1</c>) are fractions.</param>
/// <param name="Values">One value a seed.</param>
/// <param name="Seeds">The seeds.</param>
/// <param name="Machine">The machine of the last of them.</param>
public sealed record SeedStatistics(string Metric, IReadOnlyList<double> Values, IReadOnlyList<ulong> Seeds, string Machine)
{
    // Student's t, two-sided 95 %, for 1 … 9 degrees of freedom.
    private static readonly double[] StudentT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

    /// <summary>Whether the metric is a rate between 0 and 1.</summary>
    public bool IsRate => Metric.EndsWith("Error", StringComparison.Ordinal) || Metric.EndsWith("top1", StringComparison.OrdinalIgnoreCase);

    /// <summary>The mean.</summary>
    public double Mean => Values.Average();

    /// <summary>The sample standard deviation; 0 for one seed.</summary>
    public double Deviation => Values.Count < 2 ? 0 : Math.Sqrt(Values.Sum(v => (v - Mean) * (v - Mean)) / (Values.Count - 1));

    /// <summary>
    /// Where one more run is expected with 95 % confidence: mean ± t · s · √(1 + 1/n), and never narrower than
    /// <paramref name="least"/> to either side, since two or three seeds can agree by chance.
    /// </summary>
    /// <param name="least">The least half-width.</param>
    /// <returns>Low and high end.</returns>
    public (double Low, double High) Prediction(double least)
    {
        int n = Values.Count;
        double half = n < 2 ? 2 * least : StudentT[Math.Min(n - 2, StudentT.Length - 1)] * Deviation * Math.Sqrt(1 + 1.0 / n);
        half = Math.Max(half, least);
        return (Mean - half, Mean + half);
    }

    /// <summary>The mean with its spread, for people: <c>12.3 % ± 0.4 (3 seeds)</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Short()} ({Values.Count} {(Values.Count == 1 ? "seed" : "seeds")})";

    /// <summary>The mean with its spread: <c>12.3 % ± 0.4</c>.</summary>
    /// <returns>The text.</returns>
    public string Short()
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        if (IsRate)
            return Values.Count < 2 ? string.Create(c, $"{100 * Mean:0.0} %") : string.Create(c, $"{100 * Mean:0.0} % ± {100 * Deviation:0.0}");
        return Values.Count < 2 ? Significant(Mean) : $"{Significant(Mean)} ± {Significant(Deviation)}";
    }

    private static string Significant(double value)
    {
        if (value == 0)
            return "0";
        int digits = Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 6);
        return value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
