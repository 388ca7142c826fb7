using Sightline.Imaging;

namespace Sightline.Training.Explanations;

/// <summary>How alike two maps are in what they rank high and low (Spearman 1904): unmoved by any stretching of their values.</summary>
public static class RankCorrelation
{
    /// <summary>Spearman's correlation: Pearson's of the ranks, equal values sharing the mean of theirs.</summary>
    /// <param name="first">One map.</param>
    /// <param name="second">Another of the same size.</param>
    /// <returns>−1–1; 0 where a map is constant, since it ranks nothing.</returns>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double Of(Plane<float> first, Plane<float> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Width != second.Width || first.Height != second.Height)
            throw new ArgumentException($"A map of {first.Width}×{first.Height} cannot be compared with one of {second.Width}×{second.Height}.", nameof(second));
        double[] a = Ranks(first.Values), b = Ranks(second.Values);
        double middle = (a.Length - 1) / 2.0, both = 0, ofA = 0, ofB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            (double x, double y) = (a[i] - middle, b[i] - middle);
            (both, ofA, ofB) = (both + x * y, ofA + x * x, ofB + y * y);
        }
        return ofA > 0 && ofB > 0 ? both / Math.Sqrt(ofA * ofB) : 0;
    }

    private static double[] Ranks(float[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        var ranks = new double[values.Length];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && values[order[end]] == values[order[start]];)
                end++;
            for (int i = start; i < end; i++)
                ranks[order[i]] = (start + end - 1) / 2.0;
        }
        return ranks;
    }
}
