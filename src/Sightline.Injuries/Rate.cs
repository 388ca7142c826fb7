using Sightline.Metrics;

namespace Sightline.Injuries;

/// <summary>How many of how many, with Wilson's interval at 95 %.</summary>
/// <param name="Hits">How many.</param>
/// <param name="Of">Of how many.</param>
public readonly record struct Rate(int Hits, int Of)
{
    /// <summary>How many of some runs are so.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="so">Whether one is.</param>
    /// <returns>The rate.</returns>
    public static Rate Among(IReadOnlyCollection<DiagnosedRun> runs, Func<DiagnosedRun, bool> so) => new(runs.Count(so), runs.Count);

    /// <summary>The share; NaN of none.</summary>
    public double Share => Of > 0 ? (double)Hits / Of : double.NaN;

    /// <summary>The interval; null of none.</summary>
    public Interval? Range => Of > 0 ? Interval.Wilson(Hits, Of) : null;

    /// <summary>In percent, e.g. <c>93.3 % (70–99)</c>.</summary>
    /// <returns>The text; a dash of none.</returns>
    public override string ToString() => Range is { } range ? FormattableString.Invariant($"{100 * Share:0.0} % ({100 * range.Low:0.#}–{100 * range.High:0.#})") : "–";
}
