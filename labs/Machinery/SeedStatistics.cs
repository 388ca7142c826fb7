using System.Globalization;

namespace Sightline.Labs;

/// <summary>A metric over the seeds of one setting.</summary>
/// <param name="Metric">Its name; rates (by <see cref="IsRate"/>) are fractions.</param>
/// <param name="Values">One value a seed.</param>
/// <param name="Seeds">The seeds.</param>
/// <param name="Machine">The machine of the last of them.</param>
public sealed record SeedStatistics(string Metric, IReadOnlyList<double> Values, IReadOnlyList<ulong> Seeds, string Machine)
{
    /// <summary>Whether the metric is a share of something, between 0 and 1, by its name: <c>…Error…</c>, <c>…top1</c>, <c>…Share</c>,
    /// <c>share…</c>, <c>kept…</c>, <c>found</c>.</summary>
    public bool IsRate => Metric.Contains("Error", StringComparison.Ordinal) || Metric.EndsWith("top1", StringComparison.OrdinalIgnoreCase) || Metric.EndsWith("Share", StringComparison.Ordinal)
        || Metric.StartsWith("share", StringComparison.Ordinal) || Metric.StartsWith("kept", StringComparison.Ordinal) || Metric == "found";

    /// <summary>The mean.</summary>
    public double Mean => Values.Average();

    /// <summary>The sample standard deviation; 0 for one seed.</summary>
    public double Deviation => Values.Count < 2 ? 0 : Math.Sqrt(Values.Sum(v => (v - Mean) * (v - Mean)) / (Values.Count - 1));

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
        return Values.Count < 2 || Values.Distinct().Count() == 1 ? Significant(Mean) : $"{Significant(Mean)} ± {Significant(Deviation)}";
    }

    private static string Significant(double value)
    {
        if (value == 0)
            return "0";
        if (Math.Abs(value) is < 1e-4 or >= 1e9)
            return value.ToString("0.00e+0", CultureInfo.InvariantCulture);
        if (Math.Abs(value) >= 10_000)
            return value.ToString("N0", CultureInfo.InvariantCulture);
        int digits = Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 6);
        return value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
