namespace Sightline.Metrics;

/// <summary>
/// Two models' decisions on the same images. Pairing removes what both find hard, so that far smaller differences show than by
/// comparing two intervals.
/// </summary>
/// <param name="Images">How many images both decided.</param>
/// <param name="BothRight">Images that both decided rightly.</param>
/// <param name="OnlyFirst">Images that only the first decided rightly.</param>
/// <param name="OnlySecond">Images that only the second decided rightly.</param>
/// <param name="Difference">Accuracy of the second less accuracy of the first, a fraction.</param>
/// <param name="DifferenceInterval">Interval of <see cref="Difference"/>: the paired bootstrap's percentiles, or with fewer than
/// <see cref="Interval.FewestOfEither"/> disagreements <see cref="Interval.OfPairedDifference"/>.</param>
/// <param name="PValue">
/// Two-sided exact McNemar test (McNemar 1947, exact binomial form): the probability of a split of the disagreements at least this
/// uneven if both models were equally often right. 1 when they never disagree.
/// </param>
public sealed record PairedComparison(
    int Images, int BothRight, int OnlyFirst, int OnlySecond, double Difference, Interval DifferenceInterval, double PValue)
{
    /// <summary>Compares two models.</summary>
    /// <param name="firstRight">For each image, whether the first model was right.</param>
    /// <param name="secondRight">For each image, whether the second model was right.</param>
    /// <param name="seed">The seed of the bootstrap; equal seeds give equal intervals.</param>
    /// <param name="replicates">How many resamples.</param>
    /// <param name="level">The confidence level as a fraction.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="ArgumentException">The spans are empty or their lengths differ.</exception>
    public static PairedComparison Of(
        ReadOnlySpan<bool> firstRight, ReadOnlySpan<bool> secondRight, ulong seed, int replicates = 1000, double level = 0.95)
    {
        if (firstRight.Length != secondRight.Length || firstRight.Length == 0)
            throw new ArgumentException($"Both models must have decided the same images, at least one; got {firstRight.Length} and {secondRight.Length}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 1);
        int n = firstRight.Length, both = 0, first = 0, second = 0;
        var differences = new sbyte[n];
        for (int i = 0; i < n; i++)
        {
            both += firstRight[i] && secondRight[i] ? 1 : 0;
            first += firstRight[i] && !secondRight[i] ? 1 : 0;
            second += secondRight[i] && !firstRight[i] ? 1 : 0;
            differences[i] = (sbyte)((secondRight[i] ? 1 : 0) - (firstRight[i] ? 1 : 0));
        }
        var resampled = new double[replicates];
        for (int r = 0; r < replicates; r++)
        {
            var stream = new SeedStream(seed, "paired-bootstrap", r);
            int sum = 0;
            for (int i = 0; i < n; i++)
                sum += differences[stream.NextInt(n)];
            resampled[r] = (double)sum / n;
        }
        return new PairedComparison(n, both, first, second, (double)(second - first) / n,
            first + second < Interval.FewestOfEither ? Interval.OfPairedDifference(first, second, n, level) : Interval.Percentile(resampled, level), McNemar(first, second));
    }

    /// <summary>The two-sided exact McNemar test.</summary>
    /// <param name="onlyFirst">How many cases only the first model had right.</param>
    /// <param name="onlySecond">How many cases only the second model had right.</param>
    /// <returns>The p-value; 1 when there is no disagreement.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public static double McNemar(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        int n = onlyFirst + onlySecond;
        int few = Math.Min(onlyFirst, onlySecond);
        // Σ_{k ≤ few} C(n, k) / 2ⁿ, in logarithms so that thousands of disagreements don't underflow.
        double logTerm = -n * Math.Log(2);
        double largest = logTerm, tail = 0;
        var logs = new double[few + 1];
        for (int k = 0; k <= few; k++)
        {
            logs[k] = logTerm;
            largest = Math.Max(largest, logTerm);
            logTerm += Math.Log((double)(n - k) / (k + 1));
        }
        foreach (double log in logs)
            tail += Math.Exp(log - largest);
        return Math.Min(1, 2 * tail * Math.Exp(largest));
    }
}
