using System.Globalization;

namespace Sightline.Training.Sweeping;

/// <summary>How a range is divided.</summary>
public enum RangeScale
{
    /// <summary>By equal factors; drawn uniformly over the logarithm.</summary>
    Log,

    /// <summary>By equal steps; drawn uniformly.</summary>
    Linear,
}

/// <summary>Numbers from one to another. Without a number of values it is continuous where values are drawn, and a grid takes <see cref="GridPoints"/>.</summary>
/// <param name="Key">The key; its values are numbers.</param>
/// <param name="Low">The lower end, included.</param>
/// <param name="High">The upper end, included; larger.</param>
/// <param name="Scale">How it is divided.</param>
/// <param name="Steps">How many values; null when not said.</param>
public sealed record ValueRange(SweptKey Key, double Low, double High, RangeScale Scale, int? Steps) : SweptValues(Key)
{
    /// <summary>The most values of a range.</summary>
    public const int Most = 100_000;

    /// <summary>The values that a grid takes of a range that does not say how many.</summary>
    public const int GridPoints = 5;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Points
    {
        get
        {
            int n = Steps ?? GridPoints;
            return [.. Enumerable.Range(0, n).Select(i => i == 0 ? Written(Low, "R") : i == n - 1 ? Written(High, "R") : Written(Between((double)i / (n - 1)), "G4")).Distinct()];
        }
    }

    /// <inheritdoc/>
    public override long? Count => Steps is not null ? Points.Count : Key.Holds == SweptKind.WholeNumber ? (long)(Math.Floor(High) - Math.Ceiling(Low)) + 1 : null;

    /// <inheritdoc/>
    public override string At(double share)
    {
        if (Steps is null)
            return Written(Between(share), "G4");
        IReadOnlyList<string> points = Points;
        return points[(int)(share * points.Count)];
    }

    /// <inheritdoc/>
    protected override string Text => FormattableString.Invariant($"{Low}..{High}:{(Scale == RangeScale.Log ? "log" : "linear")}") + (Steps is int n ? FormattableString.Invariant($":{n}") : "");

    private double Between(double share) => Scale == RangeScale.Log ? Low * Math.Pow(High / Low, share) : Low + (High - Low) * share;

    // A few digits, so that a value can be typed again; never outside the ends.
    private string Written(double value, string format)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        if (Key.Holds == SweptKind.WholeNumber)
            return Math.Clamp(Math.Round(value), Math.Ceiling(Low), Math.Floor(High)).ToString("F0", c);
        return Math.Clamp(double.Parse(value.ToString(format, c), c), Low, High).ToString(c);
    }
}
