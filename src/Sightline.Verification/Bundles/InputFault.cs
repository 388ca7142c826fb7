using System.Globalization;
using Sightline.Imaging;

namespace Sightline.Verification;

/// <summary>
/// What would turn the right input tensor into the one that was seen. The usual faults of a second pre-processing are tried one by one, and
/// named when they explain the difference.
/// </summary>
internal static class InputFault
{
    private const double Explained = 0.01, Alike = 0.85;
    private static readonly int[][] orders = [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1]];

    /// <summary>Explains a difference.</summary>
    /// <param name="right">The input as it has to be, <c>[3, H, W] float32</c>.</param>
    /// <param name="seen">The input as it was.</param>
    /// <param name="preprocessing">What should have made it.</param>
    /// <param name="image">The decoded image.</param>
    /// <returns>One sentence.</returns>
    public static string Explain(float[] right, float[] seen, Preprocessing preprocessing, RgbImage image)
    {
        if (seen.Length != right.Length)
            return Text($"It has {seen.Length} numbers; [3, {preprocessing.Height}, {preprocessing.Width}] has {right.Length}.");
        if (seen.Any(v => !float.IsFinite(v)))
            return "It holds numbers that are not finite.";
        return Channels(right, seen, preprocessing)
            ?? (Channels(right, Planes(seen, preprocessing), preprocessing) is { } within ? $"Its layout is [H, W, 3] where [3, H, W] is expected{(within == Same ? "." : $"; and: {within}")}" : null)
            ?? Resized(seen, preprocessing, image)
            ?? (Correlation(right, seen, preprocessing) > Alike ? "It shows the same view, resampled otherwise: another interpolation, or no anti-aliasing." : "It shows something else: other pixels, another cut, or mirrored.");
    }

    private const string Same = "";

    // The right values after channels changed places, and each went through one straight line: the same pixels, normalised otherwise.
    private static string? Channels(float[] right, float[] seen, Preprocessing p)
    {
        int plane = p.Width * p.Height;
        foreach (int[] order in orders)
        {
            (double A, double B, double Left)[] lines = [.. Enumerable.Range(0, 3).Select(c => Line(right.AsSpan(order[c] * plane, plane), seen.AsSpan(c * plane, plane)))];
            if (lines.Any(l => !(l.Left < Explained && l.A > 0)))
                continue;
            string? swapped = order.SequenceEqual([0, 1, 2]) ? null : order.SequenceEqual([2, 1, 0]) ? "Its colour order is BGR where RGB is expected" : $"Its colours stand in the order {string.Concat(order.Select(o => "RGB"[o]))}";
            string? normalised = Normalisation(lines, order, p);
            return (swapped, normalised) switch
            {
                (null, null) => Same,
                (not null, null) => $"{swapped}.",
                (null, not null) => $"{normalised}.",
                _ => $"{swapped}, and {char.ToLowerInvariant(normalised![0])}{normalised[1..]}.",
            };
        }
        return null;
    }

    // The right value is (x − mean) / std; of the line through it follows the mean and the deviation that were taken.
    private static string? Normalisation((double A, double B, double Left)[] lines, int[] order, Preprocessing p)
    {
        double[] std = [.. Enumerable.Range(0, 3).Select(c => p.Std[order[c]] / lines[c].A)];
        double[] mean = [.. Enumerable.Range(0, 3).Select(c => p.Mean[order[c]] - lines[c].B * std[c])];
        bool Near(IEnumerable<double> a, IEnumerable<double> b) => a.Zip(b).All(x => Math.Abs(x.First - x.Second) <= 2e-3 * Math.Max(Math.Abs(x.Second), 1));
        bool Ratio(double value) => std.All(s => Math.Abs(s / value - 1) < 0.01);
        // Each channel with its own constants, or, after a swap, those of the place that it came to.
        if (Near(mean, order.Select(o => (double)p.Mean[o])) && std.Zip(order).All(x => Math.Abs(x.First / p.Std[x.Second] - 1) < 0.01))
            return null;
        if (Near(mean, p.Mean.Select(m => (double)m)) && std.Zip(p.Std).All(x => Math.Abs(x.First / x.Second - 1) < 0.01))
            return null;
        if (Near(mean, [0, 0, 0]) && Ratio(1))
            return "It is scaled to 0–1 and not normalised";
        if (Near(mean, [0, 0, 0]) && Ratio(1 / 255.0))
            return "It is neither scaled nor normalised: pixels 0–255";
        return $"It is normalised with mean ({Numbers(mean)}) and deviation ({Numbers(std)}) where ({Numbers(p.Mean.Select(m => (double)m))}) and ({Numbers(p.Std.Select(s => (double)s))}) are expected";
    }

    // The best of all rules and interpolations that we have.
    private static string? Resized(float[] seen, Preprocessing p, RgbImage image)
    {
        (double Distance, ResizeRule Rule, Interpolation Interpolation) best = (Explained, p.Resize, Interpolation.Bilinear);
        foreach (Interpolation interpolation in Enum.GetValues<Interpolation>())
        {
            foreach (ResizeRule rule in Enum.GetValues<ResizeRule>().Where(r => r != ResizeRule.None))
            {
                if (interpolation == Interpolation.Bilinear && rule == p.Resize || interpolation != Interpolation.Bilinear && rule == ResizeRule.Letterbox)
                    continue;
                Preprocessing other = p with { Resize = rule, ShorterSide = p.ShorterSide > 0 ? p.ShorterSide : Math.Max(p.Width, p.Height) };
                float[] candidate = new float[p.Length];
                other.Normalize(Fit(image, other, interpolation), candidate);
                if (Distance(candidate, seen) is double distance && distance < best.Distance)
                    best = (distance, rule, interpolation);
            }
        }
        return (best.Rule == p.Resize, best.Interpolation == Interpolation.Bilinear) switch
        {
            (true, true) => null,
            (false, true) => $"It is resized by {Name(best.Rule)} where {Name(p.Resize)} is expected.",
            (true, false) => $"It is resampled by {best.Interpolation} where anti-aliased bilinear is expected.",
            _ => $"It is resized by {Name(best.Rule)} where {Name(p.Resize)} is expected, and resampled by {best.Interpolation}.",
        };
    }

    private static RgbImage Fit(RgbImage image, Preprocessing p, Interpolation interpolation) => p.Resize switch
    {
        _ when interpolation == Interpolation.Bilinear => p.Fit(image),
        ResizeRule.ShorterSideCenterCrop => Resize.ShorterSideCenterCrop(image, p.ShorterSide, p.Width, p.Height, interpolation),
        _ => Resize.To(image, p.Width, p.Height, interpolation),
    };

    private static string Name(ResizeRule rule) => rule switch
    {
        ResizeRule.Stretch => "plain stretching",
        ResizeRule.ShorterSideCenterCrop => "shorter side and centre crop",
        ResizeRule.Letterbox => "letterbox",
        _ => "no resize",
    };

    // [H, W, 3] read as [3, H, W].
    private static float[] Planes(float[] seen, Preprocessing p)
    {
        int plane = p.Width * p.Height;
        float[] planes = new float[seen.Length];
        for (int i = 0; i < plane; i++)
        {
            for (int c = 0; c < 3; c++)
                planes[c * plane + i] = seen[3 * i + c];
        }
        return planes;
    }

    // Least squares: seen ≈ a · right + b, and the root mean square of what is left, by the deviation of what was seen.
    private static (double A, double B, double Left) Line(ReadOnlySpan<float> right, ReadOnlySpan<float> seen)
    {
        double n = right.Length, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
        for (int i = 0; i < right.Length; i++)
        {
            x += right[i];
            y += seen[i];
        }
        (double mx, double my) = (x / n, y / n);
        for (int i = 0; i < right.Length; i++)
        {
            (double dx, double dy) = (right[i] - mx, seen[i] - my);
            xx += dx * dx;
            xy += dx * dy;
            yy += dy * dy;
        }
        if (xx == 0 || yy == 0)
            return (1, my - mx, xx == 0 && yy == 0 ? 0 : 1);
        double a = xy / xx;
        return (a, my - a * mx, Math.Sqrt(Math.Max(0, 1 - xy * xy / (xx * yy))));
    }

    // What a letterbox fills is the same whatever the picture, and says nothing.
    private static double Correlation(float[] right, float[] seen, Preprocessing p)
    {
        int plane = p.Width * p.Height;
        float[] fill = [.. Enumerable.Range(0, 3).Select(c => (Preprocessing.LetterboxFill.G / 255f - p.Mean[c]) / p.Std[c])];
        int[] content = [.. Enumerable.Range(0, right.Length).Where(i => p.Resize != ResizeRule.Letterbox || right[i] != fill[i / plane])];
        (double slope, _, double left) = Line(content.Select(i => right[i]).ToArray(), content.Select(i => seen[i]).ToArray());
        return slope > 0 ? Math.Sqrt(Math.Max(0, 1 - left * left)) : 0;
    }

    private static double Distance(float[] right, float[] seen)
    {
        double squares = 0, mean = right.Average(v => (double)v), spread = 0;
        for (int i = 0; i < right.Length; i++)
        {
            squares += ((double)seen[i] - right[i]) * ((double)seen[i] - right[i]);
            spread += (right[i] - mean) * (right[i] - mean);
        }
        return spread == 0 ? (squares == 0 ? 0 : double.PositiveInfinity) : Math.Sqrt(squares / spread);
    }

    private static string Numbers(IEnumerable<double> values) => string.Join(", ", values.Select(v => v.ToString("0.###", CultureInfo.InvariantCulture)));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
