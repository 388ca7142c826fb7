using Sightline.Onnx.Graph;

namespace Sightline.Verification;

/// <summary>The values of one activation over all calibration images: their extent first, then how often each of 2,048 equal parts of it was met.</summary>
internal sealed class ActivationHistogram
{
    private const int Bins = 2048, Levels = 256;
    private const double Tail = 1e-4;

    // With fewer values the parts are so empty that chance decides their divergence.
    private const long EnoughForEntropy = 16 * Bins;

    private readonly long[] counts = new long[Bins];
    private float low = float.PositiveInfinity, high = float.NegativeInfinity;

    /// <summary>Widens the extent.</summary>
    /// <param name="values">Values of one input.</param>
    /// <exception cref="InvalidDataException">One of them is no finite number.</exception>
    public void Extend(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                throw new InvalidDataException($"a value is {value}");
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
    }

    /// <summary>Counts, after the extent is known.</summary>
    /// <param name="values">Values of one input.</param>
    public void Count(ReadOnlySpan<float> values)
    {
        double scale = high > low ? Bins / ((double)high - low) : 0;
        foreach (float value in values)
            counts[Math.Clamp((int)((value - (double)low) * scale), 0, Bins - 1)]++;
    }

    /// <summary>Chooses the range.</summary>
    /// <param name="method">How.</param>
    /// <returns>The range; where nothing was seen, 0 to 0.</returns>
    public ActivationRange Range(RangeMethod method)
    {
        if (!(high > low))
            return high < low ? default : new ActivationRange(Math.Min(low, 0), Math.Max(high, 0));
        return method switch
        {
            RangeMethod.MinMax => new ActivationRange(low, high),
            RangeMethod.Entropy when counts.Sum() < EnoughForEntropy => new ActivationRange(low, high),
            RangeMethod.Percentile => Percentile(),
            RangeMethod.MeanSquaredError => Best(SquaredError),
            _ => Best(Divergence),
        };
    }

    private int Zero() => low <= 0 && high >= 0 ? Math.Clamp((int)(-low * (Bins / ((double)high - low))), 0, Bins - 1) : -1;

    private double Centre(int bin) => low + (bin + 0.5) * ((double)high - low) / Bins;

    private ActivationRange Percentile()
    {
        long total = counts.Sum(), cut = (long)(Tail * total), below = 0, above = 0;
        int first = 0, last = Bins - 1;
        while (below + counts[first] <= cut)
            below += counts[first++];
        while (above + counts[last] <= cut)
            above += counts[last--];
        double width = ((double)high - low) / Bins;
        return new ActivationRange((float)(low + first * width), (float)(low + (last + 1) * width));
    }

    // Both ends are drawn in by the same share: 0 stays where it is.
    private ActivationRange Best(Func<ActivationRange, double> cost)
    {
        ActivationRange best = new(low, high);
        double least = cost(best);
        for (int percent = 99; percent >= 10; percent--)
        {
            ActivationRange range = new(low * percent / 100f, high * percent / 100f);
            if (cost(range) is double now && now < least)
                (best, least) = (range, now);
        }
        return best;
    }

    private double SquaredError(ActivationRange range)
    {
        double error = 0, step = range.Scale;
        for (int i = 0; i < Bins; i++)
        {
            if (counts[i] == 0)
                continue;
            double value = Centre(i), rounded = (Math.Clamp(Math.Round(value / step) + range.ZeroPoint, 0, Levels - 1) - range.ZeroPoint) * step;
            error += counts[i] * (value - rounded) * (value - rounded);
        }
        return error;
    }

    // What is 0, half of all behind a ReLU, has a level of its own whatever the cut, and takes no part. P: the counts, what is cut off added to the outermost parts that stay. Q: each level's count spread over those of its parts that are not empty.
    private double Divergence(ActivationRange range)
    {
        double[] p = new double[Bins], level = new double[Levels], kept = new double[Bins];
        int[] of = new int[Bins], filled = new int[Levels];
        double step = range.Scale;
        int first = -1, last = -1, zero = Zero();
        for (int i = 0; i < Bins; i++)
        {
            if (i == zero)
                continue;
            double place = Math.Round(Centre(i) / step) + range.ZeroPoint;
            of[i] = place is >= 0 and < Levels ? (int)place : -1;
            if (of[i] < 0)
                continue;
            first = first < 0 ? i : first;
            last = i;
            p[i] = kept[i] = counts[i];
        }
        if (first < 0)
            return double.PositiveInfinity;
        p[first] += counts.Where((_, i) => i < first && i != zero).Sum();
        p[last] += counts.Where((_, i) => i > last && i != zero).Sum();
        for (int i = first; i <= last; i++)
        {
            if (kept[i] > 0)
                (level[of[i]], filled[of[i]]) = (level[of[i]] + kept[i], filled[of[i]] + 1);
        }
        double total = p.Sum(), within = kept.Sum(), divergence = 0;
        if (within == 0)
            return double.PositiveInfinity;
        for (int i = first; i <= last; i++)
        {
            if (p[i] == 0)
                continue;
            double q = kept[i] > 0 ? level[of[i]] / filled[of[i]] / within : 1e-9;
            divergence += p[i] / total * Math.Log(p[i] / total / q);
        }
        return divergence;
    }
}
