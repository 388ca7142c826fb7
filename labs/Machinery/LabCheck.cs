namespace Sightline.Labs;

/// <summary>A rerun of a cell held against what is committed for its setting.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Value">What the rerun gave.</param>
/// <param name="Low">The low end of the interval that one more run falls into with 95 % confidence.</param>
/// <param name="High">The high end.</param>
/// <param name="Runs">Committed runs of this setting.</param>
public sealed record LabCheck(string Metric, double Value, double Low, double High, int Runs)
{
    // Runs on another processor round differently and so end elsewhere, even with the same seed: no interval is narrower than this.
    private const double LeastRate = 0.01;
    private const double LeastShare = 0.1;

    /// <summary>Whether the rerun lies in the interval.</summary>
    public bool Holds => Value >= Low && Value <= High;

    /// <summary>
    /// Compares. The spread between seeds is pooled over all settings of the lab that ran more than once, since two or three seeds of one
    /// setting can agree by chance; this supposes that settings spread alike.
    /// </summary>
    /// <param name="results">The committed results.</param>
    /// <param name="rerun">The rerun.</param>
    /// <param name="metric">The metric.</param>
    /// <returns>The check, or null when the setting has no committed run.</returns>
    public static LabCheck? Against(LabResults results, LabRecord rerun, string metric)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(rerun);
        SeedStatistics? own = results.Statistics(rerun.Group, metric);
        if (own is null)
            return null;
        double squares = 0;
        int freedom = 0;
        foreach (string group in results.Records.Select(r => r.Group).Distinct())
        {
            if (results.Statistics(group, metric) is { Values.Count: > 1 } s)
            {
                squares += s.Deviation * s.Deviation * (s.Values.Count - 1);
                freedom += s.Values.Count - 1;
            }
        }
        double half = freedom == 0 ? 0 : Metrics.StudentQuantile.TwoSided95(freedom) * Math.Sqrt(squares / freedom) * Math.Sqrt(1 + 1.0 / own.Values.Count);
        half = Math.Max(half, own.IsRate ? LeastRate : LeastShare * Math.Abs(own.Mean));
        return new LabCheck(metric, rerun.Metrics[metric], own.Mean - half, own.Mean + half, own.Values.Count);
    }
}
