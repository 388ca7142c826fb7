using Sightline.Training.Reporting;

namespace Sightline.Training.Sweeping;

/// <summary>The loss over a rising learning rate as inline SVG: each step's, the smoothed curve, and where the suggestions lie.</summary>
internal static class RangeTestChart
{
    private const double Width = 900, Height = 360, Left = 56, Right = 20, Top = 20, Bottom = 34;

    /// <summary>Style sheet beyond the report's.</summary>
    internal const string Css = ".mark{stroke:currentColor;stroke-width:1.5;stroke-dasharray:5 4}.mark+text{fill:currentColor}";

    /// <summary>Writes the chart.</summary>
    /// <param name="html">Where it goes.</param>
    /// <param name="curve">The curve, of at least one step.</param>
    internal static void Write(HtmlWriter html, RangeTestCurve curve)
    {
        IReadOnlyList<double> smoothed = curve.Smoothed;
        // The losses of single steps may lie far above; the curve decides what is shown.
        double[] ticks = AxisTicks.Cover(Math.Min(smoothed.Min(), curve.Losses.Min()), smoothed.Max());
        double low = ticks[0], high = ticks[^1], first = Math.Log10(curve.Rates[0]), last = Math.Log10(curve.Rates[^1]);
        double X(double rate) => last > first ? Left + (Math.Log10(rate) - first) / (last - first) * (Width - Left - Right) : Left;
        double Y(double loss) => Height - Bottom - (Math.Clamp(loss, low, high) - low) / (high - low) * (Height - Top - Bottom);
        html.Write($"<figure class=\"card\"><figcaption><h3>Training loss over learning rate</h3><span class=\"legend\"><span><i class=\"train\"></i>smoothed</span><span><i class=\"c5\"></i>each step</span></span></figcaption>");
        html.Write($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"Training loss over learning rate\">");
        foreach (double tick in ticks)
        {
            html.Write($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):0.##}\" y2=\"{Y(tick):0.##}\"/>");
            html.Write($"<text class=\"tick\" x=\"{Left - 6}\" y=\"{Y(tick) + 4:0.##}\" text-anchor=\"end\">{Figure.Tick(tick, ticks[1] - ticks[0], percent: false)}</text>");
        }
        for (int power = (int)Math.Ceiling(first - 1e-9); power <= last + 1e-9; power++)
            html.Write($"<text class=\"tick\" x=\"{X(Math.Pow(10, power)):0.##}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">1e{power}</text>");
        html.Write($"<text class=\"tick\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 3}\" text-anchor=\"middle\">learning rate</text>");
        for (int i = 0; i < curve.Losses.Count; i++)
            html.Write($"<circle class=\"dot c5\" cx=\"{X(curve.Rates[i]):0.##}\" cy=\"{Y(curve.Losses[i]):0.##}\" r=\"1.6\"><title>step {i + 1}, rate {Figure.Number(curve.Rates[i])}: {Figure.Number(curve.Losses[i])}</title></circle>");
        html.Write($"<path class=\"curve train\" d=\"");
        for (int i = 0; i < smoothed.Count; i++)
            html.Write($"{(i == 0 ? "M" : "L")}{X(curve.Rates[i]):0.##} {Y(smoothed[i]):0.##}");
        html.Write($"\"/>");
        if (RateSuggestion.Of(curve) is { Steepest: double steepest } says)
        {
            Mark(html, X(steepest), "good", $"suggested: {Figure.Number(steepest)}", Top + 12);
            Mark(html, X(Math.Max(says.BelowMinimum!.Value, curve.Rates[0])), "rate", $"minimum / 10: {Figure.Number(says.BelowMinimum.Value)}", Top + 30);
            Mark(html, X(says.Minimum), "val", $"minimum: {Figure.Number(says.Minimum)}", Top + 48);
        }
        html.Write($"</svg></figure>");
    }

    private static void Mark(HtmlWriter html, double x, string style, string label, double y)
    {
        bool right = x < Width / 2;
        html.Write($"<g class=\"{(style == "good" ? "c2" : style)}\"><line class=\"mark\" x1=\"{x:0.##}\" x2=\"{x:0.##}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/>");
        html.Write($"<text class=\"tick\" x=\"{x + (right ? 6 : -6):0.##}\" y=\"{y:0.##}\" text-anchor=\"{(right ? "start" : "end")}\">{label}</text></g>");
    }
}
