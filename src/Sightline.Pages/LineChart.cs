using System.Globalization;

namespace Sightline.Pages;

/// <summary>One curve over epochs; NaN leaves a gap.</summary>
/// <param name="Name">What the legend calls it; empty keeps it out of there.</param>
/// <param name="Style">The CSS class of its colour.</param>
/// <param name="Values">One value for each epoch.</param>
public sealed record Curve(string Name, string Style, IReadOnlyList<double> Values);

/// <summary>A stretch of epochs that something is said about.</summary>
/// <param name="Name">What is said, shown when one points at it.</param>
/// <param name="From">The first epoch.</param>
/// <param name="To">The last.</param>
public sealed record EpochMark(string Name, double From, double To);

/// <summary>Curves over epochs as inline SVG.</summary>
public static class LineChart
{
    private const double Width = 440, Height = 250, Left = 46, Right = 14, Top = 14, Bottom = 32;

    /// <summary>Draws a chart.</summary>
    /// <param name="html">Where it goes.</param>
    /// <param name="title">Its title.</param>
    /// <param name="epochs">The epochs, rising.</param>
    /// <param name="curves">The curves; those without a finite value are left out.</param>
    /// <param name="percent">Whether values are fractions, shown as per cent.</param>
    /// <param name="marks">Stretches to mark.</param>
    public static void Write(HtmlWriter html, string title, IReadOnlyList<int> epochs, IReadOnlyList<Curve> curves, bool percent = false, IReadOnlyList<EpochMark>? marks = null) =>
        Write(html, title, [.. epochs.Select(e => (double)e)], curves, percent, marks);

    /// <summary>Draws a chart over epochs that need not be whole.</summary>
    /// <param name="html">Where it goes.</param>
    /// <param name="title">Its title.</param>
    /// <param name="epochs">The epochs, rising.</param>
    /// <param name="curves">The curves; those without a finite value are left out.</param>
    /// <param name="percent">Whether values are fractions, shown as per cent.</param>
    /// <param name="marks">Stretches to mark.</param>
    public static void Write(HtmlWriter html, string title, IReadOnlyList<double> epochs, IReadOnlyList<Curve> curves, bool percent = false, IReadOnlyList<EpochMark>? marks = null)
    {
        ArgumentNullException.ThrowIfNull(html);
        ArgumentNullException.ThrowIfNull(epochs);
        ArgumentNullException.ThrowIfNull(curves);
        Func<double, string> label = percent ? v => Figure.Percent(v) : Figure.Number;
        Curve[] drawn = [.. curves.Where(c => c.Values.Any(double.IsFinite))];
        html.Write($"<figure class=\"card\"><figcaption><h3>{title}</h3><span class=\"legend\">");
        foreach (Curve curve in drawn.Where(c => c.Name.Length > 0))
            html.Write($"<span><i class=\"{curve.Style}\"></i>{curve.Name} <b>{label(curve.Values.Last(double.IsFinite))}</b></span>");
        html.Write($"</span></figcaption>");
        if (drawn.Length == 0 || epochs.Count == 0)
        {
            html.Write($"<p class=\"muted\">Not measured.</p></figure>");
            return;
        }
        double[] all = [.. drawn.SelectMany(c => c.Values).Where(double.IsFinite)];
        double[] ticks = AxisTicks.Cover(all.Min(), all.Max());
        double low = ticks[0], high = ticks[^1];
        double first = epochs[0], lastEpoch = epochs[^1];
        double X(double epoch) => lastEpoch == first ? (Left + Width - Right) / 2 : Left + (epoch - first) / (lastEpoch - first) * (Width - Left - Right);
        double Y(double value) => Height - Bottom - (value - low) / (high - low) * (Height - Top - Bottom);
        html.Write($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{title} over epochs\">");
        foreach (EpochMark mark in marks ?? [])
            Draw(html, mark, epochs, X);
        foreach (double tick in ticks)
        {
            html.Write($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):0.##}\" y2=\"{Y(tick):0.##}\"/>");
            html.Write($"<text class=\"tick\" x=\"{Left - 6}\" y=\"{Y(tick) + 4:0.##}\" text-anchor=\"end\">{Figure.Tick(tick, ticks[1] - ticks[0], percent)}</text>");
        }
        foreach (double epoch in AxisTicks.Epochs(first, lastEpoch))
            html.Write($"<text class=\"tick\" x=\"{X(epoch):0.##}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{epoch:0.####}</text>");
        html.Write($"<text class=\"tick\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 3}\" text-anchor=\"middle\">epoch</text>");
        foreach (Curve curve in drawn)
            Draw(html, curve, epochs, X, Y, label);
        html.Write($"</svg></figure>");
    }

    // Half an epoch wider on both sides, so that a single one can be seen.
    private static void Draw(HtmlWriter html, EpochMark mark, IReadOnlyList<double> epochs, Func<double, double> x)
    {
        double reach = epochs.Count > 1 ? (epochs[^1] - epochs[0]) / (epochs.Count - 1) / 2 : 0;
        double from = Math.Clamp(x(mark.From - reach), Left, Width - Right), to = Math.Clamp(x(mark.To + reach), Left, Width - Right);
        if (!(to > from))
            (from, to) = (Left, Width - Right);
        string epochsText = mark.From == mark.To ? Epoch(mark.From) : $"{Epoch(mark.From)}–{Epoch(mark.To)}";
        html.Write($"<g><title>{mark.Name}, {(mark.From == mark.To ? "epoch" : "epochs")} {epochsText}</title><rect class=\"mark\" x=\"{from:0.##}\" width=\"{to - from:0.##}\" y=\"{Top}\" height=\"{Height - Top - Bottom}\"/>");
        html.Write($"<line class=\"mark-line\" x1=\"{from:0.##}\" x2=\"{to:0.##}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom}\"/></g>");
    }

    private static void Draw(HtmlWriter html, Curve curve, IReadOnlyList<double> epochs, Func<double, double> x, Func<double, double> y, Func<double, string> label)
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
                html.Write($"<circle class=\"dot {curve.Style}\" cx=\"{x(epochs[i]):0.##}\" cy=\"{y(curve.Values[i]):0.##}\" r=\"{(n <= 40 ? 2.6 : 1.2):0.#}\"><title>{curve.Name}, epoch {Epoch(epochs[i])}: {label(curve.Values[i])}</title></circle>");
        }
    }

    private static string Epoch(double epoch) => epoch.ToString("0.####", CultureInfo.InvariantCulture);
}
