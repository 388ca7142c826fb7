namespace Sightline.Pages;

/// <summary>Round numbers along an axis (Heckbert 1990, "Nice numbers for graph labels").</summary>
public static class AxisTicks
{
    /// <summary>Ticks at 1, 2 or 5 times a power of ten that cover a range.</summary>
    /// <param name="low">The least value.</param>
    /// <param name="high">The greatest value.</param>
    /// <param name="about">About how many.</param>
    /// <returns>At least two ticks, rising; the first ≤ <paramref name="low"/>, the last ≥ <paramref name="high"/>.</returns>
    public static double[] Cover(double low, double high, int about = 5)
    {
        if (!(high > low))
            (low, high) = (low - Math.Max(Math.Abs(low) * 0.1, 1e-9), high + Math.Max(Math.Abs(high) * 0.1, 1e-9));
        double step = Step((high - low) / about);
        double first = Math.Floor(low / step + 1e-9), last = Math.Ceiling(high / step - 1e-9);
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
    }

    /// <summary>Ticks inside a range of epochs: whole numbers where it spans as many, and the first epoch where there is room.</summary>
    /// <param name="low">The first epoch.</param>
    /// <param name="high">The last.</param>
    /// <param name="about">About how many.</param>
    /// <returns>The ticks, rising; maybe none of a range without width between whole numbers.</returns>
    public static double[] Epochs(double low, double high, int about = 6)
    {
        double step = Step((high - low) / about);
        if (high - low >= 1 || high == low)
            step = Math.Max(1, step);
        double first = Math.Ceiling(low / step - 1e-9), last = Math.Floor(high / step + 1e-9);
        double[] ticks = [.. Enumerable.Range(0, Math.Max(0, (int)(last - first) + 1)).Select(i => (first + i) * step)];
        return low == Math.Floor(low) && first * step - low > step / 2 ? [low, .. ticks] : ticks;
    }

    private static double Step(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(rough, 1e-300))));
        double scaled = rough / power;
        return power * (scaled < 1.5 ? 1 : scaled < 3.5 ? 2 : scaled < 7.5 ? 5 : 10);
    }
}
