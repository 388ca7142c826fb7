using System.Globalization;
using Sightline.Training.Reporting;

namespace Sightline.Training.Sweeping;

/// <summary>Parallel coordinates (Inselberg 1985): an axis for each key that varies and one for what was reached, a line for each trial.</summary>
internal static class ParallelChart
{
    private const double Width = 900, Height = 300, Left = 90, Right = 90, Top = 34, Bottom = 22;

    /// <summary>Writes the chart.</summary>
    /// <param name="html">Where it goes.</param>
    /// <param name="over">The keys, an axis each.</param>
    /// <param name="trials">Trials with a validated epoch and the CSS class of each; later ones are drawn over earlier ones.</param>
    internal static void Write(HtmlWriter html, IReadOnlyList<SweptValues> over, IReadOnlyList<(TrialResult Result, string Style)> trials)
    {
        if (trials.Count == 0)
            return;
        double[] reached = [.. trials.Select(t => t.Result.Best!.ValTop1)];
        double low = reached.Min(), high = reached.Max();
        double X(int axis) => Left + axis * (Width - Left - Right) / over.Count;
        double Y(double share) => Height - Bottom - share * (Height - Top - Bottom);
        html.Write($"<figure class=\"card\"><figcaption><h3>Values and what they reached</h3></figcaption><svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"Parallel coordinates of the trials\">");
        for (int k = 0; k <= over.Count; k++)
        {
            html.Write($"<line class=\"grid\" x1=\"{X(k):0.##}\" x2=\"{X(k):0.##}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/>");
            html.Write($"<text class=\"tick\" x=\"{X(k):0.##}\" y=\"16\" text-anchor=\"middle\">{(k == over.Count ? "best val top-1" : over[k].Key.Path)}</text>");
            foreach ((double share, string label) in k == over.Count ? [(0.0, Figure.Percent(low)), (1, Figure.Percent(high))] : Ticks(over[k]))
                html.Write($"<text class=\"tick\" x=\"{X(k) + (k == over.Count ? 6 : -6):0.##}\" y=\"{Y(share) + 4:0.##}\" text-anchor=\"{(k == over.Count ? "start" : "end")}\">{label}</text>");
        }
        foreach ((TrialResult result, string style) in trials)
        {
            html.Write($"<path class=\"curve {style}\" d=\"");
            for (int k = 0; k < over.Count; k++)
                html.Write($"{(k == 0 ? "M" : "L")}{X(k):0.##} {Y(Share(over[k], result.Trial.Values[k].Value)):0.##}");
            html.Write($"L{X(over.Count):0.##} {Y(high > low ? (result.Best!.ValTop1 - low) / (high - low) : 0.5):0.##}\"><title>{result.Trial.Name}: {result.Trial.Description}: {Figure.Percent(result.Best!.ValTop1)}</title></path>");
        }
        html.Write($"</svg></figure>");
    }

    // Where a value stands on its axis, from 0 to 1: numbers of a range by its scale, listed values in their order.
    private static double Share(SweptValues swept, string value)
    {
        switch (swept)
        {
            case ValueRange range:
                double v = double.Parse(value, CultureInfo.InvariantCulture);
                double share = range.Scale == RangeScale.Log ? Math.Log(v / range.Low) / Math.Log(range.High / range.Low) : (v - range.Low) / (range.High - range.Low);
                return Math.Clamp(share, 0, 1);
            default:
                return swept.Points.Count == 1 ? 0.5 : (double)swept.Points.ToList().IndexOf(value) / (swept.Points.Count - 1);
        }
    }

    private static IEnumerable<(double Share, string Label)> Ticks(SweptValues swept) => swept is ValueRange range
        ? [(0, Figure.Number(range.Low)), (1, Figure.Number(range.High))]
        : swept.Points.Select(p => (Share(swept, p), Figure.Short(p, LongestLabel)));

    private const int LongestLabel = 14;
}
