namespace Sightline.Metrics;

/// <summary>Student's t: how wide an interval from few repeats has to be.</summary>
public static class StudentQuantile
{
    private static readonly double[] Quantiles =
        [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101];

    /// <summary>The two-sided 95 % quantile.</summary>
    /// <param name="freedom">Degrees of freedom, at least 1.</param>
    /// <returns>The quantile; of 19 to 30 degrees 2.1, beyond them the normal one, 1.96.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no degree of freedom.</exception>
    public static double TwoSided95(int freedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(freedom, 1);
        return freedom <= Quantiles.Length ? Quantiles[freedom - 1] : freedom <= 30 ? 2.1 : 1.96;
    }
}
