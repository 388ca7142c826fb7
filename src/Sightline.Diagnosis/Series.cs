namespace Sightline.Diagnosis;

/// <summary>One curve of a log with what rules ask of it. Values that are no finite number are passed over.</summary>
/// <param name="X">Epochs.</param>
/// <param name="Y">Values, as many.</param>
public sealed record Series(IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    private const int MostForPairs = 400;

    /// <summary>The finite points alone.</summary>
    /// <param name="x">Epochs.</param>
    /// <param name="y">Values.</param>
    /// <returns>The series.</returns>
    public static Series Of(IEnumerable<double> x, IEnumerable<double> y)
    {
        (double X, double Y)[] known = [.. x.Zip(y).Where(p => double.IsFinite(p.Second))];
        return new Series([.. known.Select(p => p.X)], [.. known.Select(p => p.Y)]);
    }

    /// <summary>How many points.</summary>
    public int Count => Y.Count;

    /// <summary>The first value; NaN of none.</summary>
    public double First => Count > 0 ? Y[0] : double.NaN;

    /// <summary>The last value; NaN of none.</summary>
    public double Last => Count > 0 ? Y[^1] : double.NaN;

    /// <summary>The lowest value; NaN of none.</summary>
    public double Lowest => Count > 0 ? Y.Min() : double.NaN;

    /// <summary>The highest value; NaN of none.</summary>
    public double Highest => Count > 0 ? Y.Max() : double.NaN;

    /// <summary>Where the lowest value stands; the first of equal ones.</summary>
    public int LowestAt => Count > 0 ? Enumerable.Range(0, Count).MinBy(i => Y[i]) : -1;

    /// <summary>Where the highest value stands; the first of equal ones.</summary>
    public int HighestAt => Count > 0 ? Enumerable.Range(0, Count).MaxBy(i => Y[i]) : -1;

    /// <summary>The curve without its jumps: the median of three neighbours, then the mean of five.</summary>
    /// <returns>As many points.</returns>
    public Series Smooth()
    {
        double[] medians = [.. Enumerable.Range(0, Count).Select(i => Median(Around(Y, i, 1)))];
        return this with { Y = [.. Enumerable.Range(0, Count).Select(i => Around(medians, i, 2).Average())] };
    }

    /// <summary>The part between two places.</summary>
    /// <param name="from">The first.</param>
    /// <param name="to">The one after the last.</param>
    /// <returns>The part.</returns>
    public Series Part(int from, int to)
    {
        from = Math.Clamp(from, 0, Count);
        to = Math.Clamp(to, from, Count);
        return new Series([.. X.Skip(from).Take(to - from)], [.. Y.Skip(from).Take(to - from)]);
    }

    /// <summary>The last part, a share of the points but at least three where there are as many.</summary>
    /// <param name="share">The share.</param>
    /// <returns>The part.</returns>
    public Series End(double share) => Part(Count - Math.Max(Math.Min(3, Count), (int)Math.Ceiling(share * Count)), Count);

    /// <summary>The mean of the values; NaN of none.</summary>
    public double Mean => Count > 0 ? Y.Average() : double.NaN;

    /// <summary>The median of the values; NaN of none.</summary>
    public double Middle => Count > 0 ? Median(Y) : double.NaN;

    /// <summary>The slope by an epoch: the median over all pairs of points (Theil 1950, Sen 1968), which single outliers don't move; 0 of fewer than two.</summary>
    public double Slope
    {
        get
        {
            // A log by steps has thousands of points, and their pairs are too many.
            if (Count > MostForPairs)
                return Thinned().Slope;
            var slopes = new List<double>(Count * (Count - 1) / 2);
            for (int i = 0; i < Count; i++)
            {
                for (int j = i + 1; j < Count; j++)
                    slopes.Add((Y[j] - Y[i]) / (X[j] - X[i]));
            }
            return slopes.Count > 0 ? Median(slopes) : 0;
        }
    }

    /// <summary>How far the curve jumps from point to point: the median distance of a point from the mean of its neighbours, scaled to a
    /// deviation; 0 of fewer than three.</summary>
    public double Roughness
    {
        get
        {
            double[] off = [.. Enumerable.Range(1, Math.Max(0, Count - 2)).Select(i => Math.Abs(Y[i] - (Y[i - 1] + Y[i + 1]) / 2))];
            // Of independent noise of deviation σ this difference has 1.2247 σ, and the median of its size is 0.6745 of that.
            return off.Length > 0 ? Median(off) / (0.6745 * Math.Sqrt(1.5)) : 0;
        }
    }

    // Neighbours together: their middle place, their median.
    private Series Thinned()
    {
        int size = (Count + MostForPairs - 1) / MostForPairs;
        return new Series([.. X.Chunk(size).Select(x => x.Average())], [.. Y.Chunk(size).Select(y => Median(y))]);
    }

    private static IEnumerable<double> Around(IReadOnlyList<double> values, int i, int reach)
    {
        for (int k = Math.Max(0, i - reach); k <= Math.Min(values.Count - 1, i + reach); k++)
            yield return values[k];
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
