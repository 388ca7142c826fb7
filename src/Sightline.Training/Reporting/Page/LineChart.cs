namespace Sightline.Training.Reporting;

/// <summary>One curve over epochs; NaN leaves a gap.</summary>
/// <param name="Name">What the legend calls it; empty keeps it out of there.</param>
/// <param name="Style">The CSS class of its colour.</param>
/// <param name="Values">One value for each epoch.</param>
internal sealed record Curve(string Name, string Style, IReadOnlyList<double> Values);

/// <summary>Curves over epochs as inline SVG.</summary>
internal static class LineChart
{
    private const double Width = 440, Height = 250, Left = 46, Right = 14, Top = 14, Bottom = 32;

    internal static void Write(HtmlWriter html, string title, IReadOnlyList<int> epochs, IReadOnlyList<Curve> curves, bool percent = false)
    {
        Func<double, string> label = percent ? v => Figure.Percent(v) : Figure.Number;
        Curve[] drawn = [.. curves.Where(c => c.Values.Any(double.IsFinite))];
        html.Write($"<figure class=\"card\"><figcaption><h3>{title}</h3><span class=\"legend\">");
        foreach (Curve curve in drawn.Where(c => c.Name.Length > 0))
        {
            int last = LastFinite(curve.Values);
            html.Write($"<span><i class=\"{curve.Style}\"></i>{curve.Name} <b>{label(curve.Values[last])}</b></span>");
        }
        html.Write($"</span></figcaption>");
        if (drawn.Length == 0 || epochs.Count == 0)
        {
            html.Write($"<p class=\"muted\">Not measured.</p></figure>");
            return;
        }
        double[] all = [.. drawn.SelectMany(c => c.Values).Where(double.IsFinite)];
        double[] ticks = AxisTicks.Cover(all.Min(), all.Max());
        double low = ticks[0], high = ticks[^1];
        int first = epochs[0], lastEpoch = epochs[^1];
        double X(double epoch) => lastEpoch == first ? (Left + Width - Right) / 2 : Left + (epoch - first) / (lastEpoch - first) * (Width - Left - Right);
        double Y(double value) => Height - Bottom - (value - low) / (high - low) * (Height - Top - Bottom);
        html.Write($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{title} over epochs\">");
        foreach (double tick in ticks)
        {
            html.Write($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):0.##}\" y2=\"{Y(tick):0.##}\"/>");
            html.Write($"<text class=\"tick\" x=\"{Left - 6}\" y=\"{Y(tick) + 4:0.##}\" text-anchor=\"end\">{Figure.Tick(tick, ticks[1] - ticks[0], percent)}</text>");
        }
        foreach (int epoch in AxisTicks.Whole(first, lastEpoch))
            html.Write($"<text class=\"tick\" x=\"{X(epoch):0.##}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{epoch}</text>");
        html.Write($"<text class=\"tick\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 3}\" text-anchor=\"middle\">epoch</text>");
        foreach (Curve curve in drawn)
            Draw(html, curve, epochs, X, Y, label);
        html.Write($"</svg></figure>");
    }

    private static void Draw(HtmlWriter html, Curve curve, IReadOnlyList<int> epochs, Func<double, double> x, Func<double, double> y, Func<double, string> label)
    {
        int n = Math.Min(epochs.Count, curve.Values.Count);
        html.Write($"<path class=\"curve {curve.Style}\" d=\"");
        bool pen = false;
        for (int i = 0; i < n; i++)
        {
            if (!double.IsFinite(curve.Values[i]))
            {
                pen = false;
                continue;
            }
            html.Write($"{(pen ? "L" : "M")}{x(epochs[i]):0.##} {y(curve.Values[i]):0.##}");
            pen = true;
        }
        html.Write($"\"/>");
        // Few points are marked; of many, wide invisible ones still carry their values as tooltips.
        int every = Math.Max(1, n / 60);
        for (int i = 0; i < n; i += every)
        {
            if (double.IsFinite(curve.Values[i]))
                html.Write($"<circle class=\"dot {curve.Style}\" cx=\"{x(epochs[i]):0.##}\" cy=\"{y(curve.Values[i]):0.##}\" r=\"{(n <= 40 ? 2.6 : 1.2):0.#}\"><title>{curve.Name}, epoch {epochs[i]}: {label(curve.Values[i])}</title></circle>");
        }
    }

    private static int LastFinite(IReadOnlyList<double> values)
    {
        int i = values.Count - 1;
        while (!double.IsFinite(values[i]))
            i--;
        return i;
    }
}
