namespace Sightline.Training.Reporting;

/// <summary>Round numbers along an axis (Heckbert 1990, "Nice numbers for graph labels").</summary>
internal static class AxisTicks
{
    /// <summary>Ticks at 1, 2 or 5 times a power of ten that cover a range.</summary>
    /// <param name="low">The least value.</param>
    /// <param name="high">The greatest value.</param>
    /// <param name="about">About how many.</param>
    /// <returns>At least two ticks, rising; the first ≤ <paramref name="low"/>, the last ≥ <paramref name="high"/>.</returns>
    internal static double[] Cover(double low, double high, int about = 5)
    {
        if (!(high > low))
            (low, high) = (low - Math.Max(Math.Abs(low) * 0.1, 1e-9), high + Math.Max(Math.Abs(high) * 0.1, 1e-9));
        double step = Step((high - low) / about);
        double first = Math.Floor(low / step + 1e-9), last = Math.Ceiling(high / step - 1e-9);
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
    }

    /// <summary>Whole-numbered ticks inside a range, for epochs.</summary>
    internal static int[] Whole(int low, int high, int about = 6)
    {
        int step = Math.Max(1, (int)Step((double)(high - low) / about));
        return [.. Enumerable.Range(low, high - low + 1).Where(i => i % step == 0 || (i == low && low % step != 0 && step - low % step > step / 2))];
    }

    private static double Step(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(rough, 1e-300))));
        double scaled = rough / power;
        return power * (scaled < 1.5 ? 1 : scaled < 3.5 ? 2 : scaled < 7.5 ? 5 : 10);
    }
}
