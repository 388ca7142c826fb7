namespace Sightline.Diagnosis;

/// <summary>One curve of a log with what rules ask of it. Values that are no finite number are passed over.</summary>
/// <param name="X">Epochs.</param>
/// <param name="Y">Values, as many.</param>
/// <remarks>Loops in the place of queries: a diagnosis of a short log is mostly compilation, and each query over numbers compiles a handful of methods.</remarks>
public sealed record Series(IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    private const int MostForPairs = 100;

    /// <summary>The finite points alone.</summary>
    /// <param name="x">Epochs.</param>
    /// <param name="y">Values.</param>
    /// <returns>The series.</returns>
    public static Series Of(IEnumerable<double> x, IEnumerable<double> y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        List<double> places = [], values = [];
        using IEnumerator<double> place = x.GetEnumerator();
        foreach (double value in y)
        {
            if (!place.MoveNext())
                break;
            if (!double.IsFinite(value))
                continue;
            places.Add(place.Current);
            values.Add(value);
        }
        return new Series(places, values);
    }

    /// <summary>How many points.</summary>
    public int Count => Y.Count;

    /// <summary>The first value; NaN of none.</summary>
    public double First => Count > 0 ? Y[0] : double.NaN;

    /// <summary>The last value; NaN of none.</summary>
    public double Last => Count > 0 ? Y[^1] : double.NaN;

    /// <summary>The lowest value; NaN of none.</summary>
    public double Lowest => Count > 0 ? Y[LowestAt] : double.NaN;

    /// <summary>The highest value; NaN of none.</summary>
    public double Highest => Count > 0 ? Y[HighestAt] : double.NaN;

    /// <summary>Where the lowest value stands, the first of equal ones; -1 of none.</summary>
    public int LowestAt => ExtremeAt(-1);

    /// <summary>Where the highest value stands, the first of equal ones; -1 of none.</summary>
    public int HighestAt => ExtremeAt(1);

    /// <summary>The curve without its jumps: the median of three neighbours, then the mean of five.</summary>
    /// <returns>As many points.</returns>
    public Series Smooth()
    {
        double[] medians = new double[Count], means = new double[Count];
        for (int i = 0; i < Count; i++)
        {
            // Two at an end have their mean in the middle.
            medians[i] = i > 0 && i < Count - 1 ? Math.Max(Math.Min(Y[i - 1], Y[i]), Math.Min(Math.Max(Y[i - 1], Y[i]), Y[i + 1]))
                : Count == 1 ? Y[0] : i == 0 ? (Y[0] + Y[1]) / 2 : (Y[i - 1] + Y[i]) / 2;
        }
        for (int i = 0; i < Count; i++)
            means[i] = MeanOf(medians, Math.Max(0, i - 2), Math.Min(Count, i + 3));
        return this with { Y = means };
    }

    /// <summary>The part between two places.</summary>
    /// <param name="from">The first.</param>
    /// <param name="to">The one after the last.</param>
    /// <returns>The part.</returns>
    public Series Part(int from, int to)
    {
        from = Math.Clamp(from, 0, Count);
        to = Math.Clamp(to, from, Count);
        double[] x = new double[to - from], y = new double[to - from];
        for (int i = from; i < to; i++)
            (x[i - from], y[i - from]) = (X[i], Y[i]);
        return new Series(x, y);
    }

    /// <summary>The last part, a share of the points but at least three where there are as many.</summary>
    /// <param name="share">The share.</param>
    /// <returns>The part.</returns>
    public Series End(double share) => Part(Count - Math.Max(Math.Min(3, Count), (int)Math.Ceiling(share * Count)), Count);

    /// <summary>The mean of the values; NaN of none.</summary>
    public double Mean => Count > 0 ? MeanOf(Y, 0, Count) : double.NaN;

    /// <summary>The median of the values; NaN of none.</summary>
    public double Middle => Count > 0 ? Median([.. Y]) : double.NaN;

    /// <summary>The slope by an epoch: the median over all pairs of points (Theil 1950, Sen 1968), which single outliers don't move; 0 of fewer than two.</summary>
    public double Slope
    {
        get
        {
            // A log by steps has thousands of points, and their pairs are too many.
            if (Count > MostForPairs)
                return Thinned().Slope;
            double[] slopes = new double[Count * (Count - 1) / 2];
            int n = 0;
            for (int i = 0; i < Count; i++)
            {
                for (int j = i + 1; j < Count; j++)
                    slopes[n++] = (Y[j] - Y[i]) / (X[j] - X[i]);
            }
            return n > 0 ? Median(slopes) : 0;
        }
    }

    /// <summary>How far the curve jumps from point to point: the median distance of a point from the mean of its neighbours, scaled to a
    /// deviation; 0 of fewer than three.</summary>
    public double Roughness
    {
        get
        {
            if (Count < 3)
                return 0;
            double[] off = new double[Count - 2];
            for (int i = 0; i < off.Length; i++)
                off[i] = Math.Abs(Y[i + 1] - (Y[i] + Y[i + 2]) / 2);
            // Of independent noise of deviation σ this difference has 1.2247 σ, and the median of its size is 0.6745 of that.
            return Median(off) / (0.6745 * Math.Sqrt(1.5));
        }
    }

    private int ExtremeAt(int sign)
    {
        int at = -1;
        for (int i = 0; i < Count; i++)
        {
            if (at < 0 || sign * Y[i] > sign * Y[at])
                at = i;
        }
        return at;
    }

    // Neighbours together: their middle place, their median.
    private Series Thinned()
    {
        int size = (Count + MostForPairs - 1) / MostForPairs, parts = (Count + size - 1) / size;
        double[] x = new double[parts], y = new double[parts];
        for (int p = 0; p < parts; p++)
        {
            int from = p * size, to = Math.Min(Count, from + size);
            x[p] = MeanOf(X, from, to);
            y[p] = Part(from, to).Middle;
        }
        return new Series(x, y);
    }

    private static double MeanOf(IReadOnlyList<double> values, int from, int to)
    {
        double sum = 0;
        for (int i = from; i < to; i++)
            sum += values[i];
        return sum / (to - from);
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
