namespace Sightline.Metrics;

/// <summary>An interval that covers the true value with probability <see cref="Level"/>, as far as its method's assumptions hold.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
/// <param name="Level">The confidence level as a fraction, e.g. 0.95.</param>
public readonly record struct Interval(double Low, double High, double Level)
{
    /// <summary>
    /// The score interval of a proportion (Wilson 1927): unlike p ± z·√(p(1−p)/n), it stays inside 0–1 and holds its level for small
    /// samples and for proportions near 0 or 1.
    /// </summary>
    /// <param name="successes">How many of the trials succeeded.</param>
    /// <param name="trials">How many trials there were, at least 1.</param>
    /// <param name="level">The confidence level as a fraction.</param>
    /// <returns>The interval, inside 0–1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No trial, successes outside 0–trials, or a level outside (0, 1).</exception>
    public static Interval Wilson(long successes, long trials, double level = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        double z = NormalQuantile.Of(0.5 + CheckLevel(level) / 2);
        double n = trials;
        double p = successes / n;
        double scale = 1 / (1 + z * z / n);
        double centre = scale * (p + z * z / (2 * n));
        double half = scale * z * Math.Sqrt(p * (1 - p) / n + z * z / (4 * n * n));
        // At 0 and at n successes one end is exact by algebra; rounding must not push it past the proportion.
        return new Interval(successes == 0 ? 0 : Math.Max(0, centre - half), successes == trials ? 1 : Math.Min(1, centre + half), level);
    }

    /// <summary>The percentile interval of bootstrap replicates (Efron 1979): the middle <paramref name="level"/> of their distribution.</summary>
    /// <param name="replicates">The statistic on each resample; not-a-number replicates (the statistic was undefined there) are left out.</param>
    /// <param name="level">The confidence level as a fraction.</param>
    /// <returns>The interval, by linear interpolation between order statistics; both ends NaN when no replicate is a number.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A level outside (0, 1).</exception>
    public static Interval Percentile(ReadOnlySpan<double> replicates, double level = 0.95)
    {
        CheckLevel(level);
        var sorted = new List<double>(replicates.Length);
        foreach (double value in replicates)
        {
            if (!double.IsNaN(value))
                sorted.Add(value);
        }
        sorted.Sort();
        return sorted.Count == 0
            ? new Interval(double.NaN, double.NaN, level)
            : new Interval(Quantile(sorted, (1 - level) / 2), Quantile(sorted, (1 + level) / 2), level);
    }

    /// <summary>Images below which the bootstrap is not used for an accuracy.</summary>
    public const int FewestForBootstrap = 100;

    /// <summary>Images of either outcome (right or wrong, agreeing or not) below which the bootstrap is not used: it cannot draw what hardly occurs.</summary>
    public const int FewestOfEither = 10;

    /// <summary>
    /// The one rule for the interval of an accuracy: the bootstrap's percentiles where there are enough images of both outcomes, else
    /// Wilson's, since resampling 24 images that are all right says [1, 1].
    /// </summary>
    /// <param name="successes">How many of the trials succeeded.</param>
    /// <param name="trials">How many trials there were, at least 1.</param>
    /// <param name="replicates">The proportion on each resample.</param>
    /// <param name="level">The confidence level as a fraction.</param>
    /// <returns>The interval, inside 0–1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">As for <see cref="Wilson"/>.</exception>
    public static Interval OfProportion(long successes, long trials, ReadOnlySpan<double> replicates, double level = 0.95) =>
        trials < FewestForBootstrap || Math.Min(successes, trials - successes) < FewestOfEither ? Wilson(successes, trials, level) : Percentile(replicates, level);

    /// <summary>
    /// The adjusted interval of a difference of paired proportions (Bonett and Price 2012): one image is added to each kind of
    /// disagreement, so that no disagreement seen is not taken for none possible.
    /// </summary>
    /// <param name="onlyFirst">Images that only the first decided rightly.</param>
    /// <param name="onlySecond">Images that only the second decided rightly.</param>
    /// <param name="images">All images, at least 1.</param>
    /// <param name="level">The confidence level as a fraction.</param>
    /// <returns>The interval of the second's proportion less the first's, inside −1–1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No image, counts outside 0–images, or a level outside (0, 1).</exception>
    public static Interval OfPairedDifference(long onlyFirst, long onlySecond, long images, double level = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(onlyFirst + onlySecond, images);
        double z = NormalQuantile.Of(0.5 + CheckLevel(level) / 2);
        double n = images + 2, first = (onlyFirst + 1) / n, second = (onlySecond + 1) / n;
        double centre = second - first, half = z * Math.Sqrt((first + second - centre * centre) / n);
        return new Interval(Math.Max(-1, centre - half), Math.Min(1, centre + half), level);
    }

    private static double CheckLevel(double level) =>
        level is > 0 and < 1 ? level : throw new ArgumentOutOfRangeException(nameof(level), level, "A confidence level lies between 0 and 1.");

    private static double Quantile(List<double> sorted, double q)
    {
        double at = q * (sorted.Count - 1);
        int below = (int)Math.Floor(at);
        int above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
