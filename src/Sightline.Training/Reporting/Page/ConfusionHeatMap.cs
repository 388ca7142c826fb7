using Sightline.Metrics;

namespace Sightline.Training.Reporting;

/// <summary>The confusion matrix as a heat map (up to forty classes), and the commonest confusions in words.</summary>
internal static class ConfusionHeatMap
{
    private const int MostClasses = 40, NumberedClasses = 16, LabelLength = 16, PairsListed = 8;

    internal static void Write(HtmlWriter html, ClassificationReport report)
    {
        int k = report.Classes.Count;
        if (k <= MostClasses)
            Map(html, report, k);
        else
            html.Write($"<p class=\"muted\">A matrix of {k} classes is too large to read; these are its largest cells.</p>");
        Pairs(html, report, k);
    }

    private static void Map(HtmlWriter html, ClassificationReport report, int k)
    {
        double cell = k <= NumberedClasses ? 40 : 20;
        int longest = report.Classes.Max(c => Math.Min(LabelLength, c.Length));
        double left = 24 + 7.2 * longest, top = 10, below = 20 + 5.6 * longest;
        double width = left + k * cell + 12, height = top + k * cell + below;
        html.Write($"<div class=\"scroll\"><svg class=\"matrix\" viewBox=\"0 0 {width:0.#} {height:0.#}\" style=\"min-width:{width * 0.8:0}px;max-width:{width * 1.25:0}px\" role=\"img\" aria-label=\"Confusion matrix\">");
        for (int t = 0; t < k; t++)
        {
            int support = report.Confusion.Support(t);
            double y = top + t * cell;
            html.Write($"<text class=\"tick name\" x=\"{left - 8:0.#}\" y=\"{y + cell / 2 + 4:0.#}\" text-anchor=\"end\">{Figure.Short(report.Classes[t], LabelLength)}<title>{report.Classes[t]}</title></text>");
            for (int p = 0; p < k; p++)
            {
                int count = report.Confusion[t, p];
                double share = support == 0 ? 0 : (double)count / support;
                // Small shares of errors matter most: the root lifts them.
                double shade = Math.Round(Math.Sqrt(share), 3);
                double x = left + p * cell;
                html.Write($"<rect class=\"{(t == p ? "hit" : "miss")}\" x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{cell - 1.5:0.#}\" height=\"{cell - 1.5:0.#}\" rx=\"3\" style=\"--shade:{shade}\"><title>{report.Classes[t]} decided as {report.Classes[p]}: {count} of {support} ({Figure.Percent(support == 0 ? null : share)})</title></rect>");
                if (k <= NumberedClasses && count > 0)
                    html.Write($"<text class=\"cell{(shade > 0.62 ? " on" : "")}\" x=\"{x + cell / 2 - 0.75:0.#}\" y=\"{y + cell / 2 + 3.5:0.#}\" text-anchor=\"middle\">{count}</text>");
            }
        }
        for (int p = 0; p < k; p++)
        {
            double x = left + p * cell + cell / 2, y = top + k * cell + 12;
            html.Write($"<text class=\"tick name\" transform=\"translate({x + 3:0.#} {y:0.#}) rotate(-50)\" text-anchor=\"end\">{Figure.Short(report.Classes[p], LabelLength)}<title>{report.Classes[p]}</title></text>");
        }
        html.Write($"<text class=\"tick axis\" transform=\"translate(12 {top + k * cell / 2:0.#}) rotate(-90)\" text-anchor=\"middle\">true class</text></svg></div>");
        html.Write($"<p class=\"muted\">Rows are true classes, columns decisions (same order). Shade: share of the row; green is right, red wrong.</p>");
    }

    private static void Pairs(HtmlWriter html, ClassificationReport report, int k)
    {
        var pairs = new List<(int True, int Predicted, int Count)>();
        for (int t = 0; t < k; t++)
        {
            for (int p = 0; p < k; p++)
            {
                if (t != p && report.Confusion[t, p] > 0)
                    pairs.Add((t, p, report.Confusion[t, p]));
            }
        }
        if (pairs.Count == 0)
            return;
        html.Write($"<h3>Commonest confusions</h3><ol class=\"pairs\">");
        foreach ((int t, int p, int count) in pairs.OrderByDescending(x => x.Count).ThenBy(x => x.True).ThenBy(x => x.Predicted).Take(PairsListed))
            html.Write($"<li><bdi>{report.Classes[t]}</bdi> taken for <bdi>{report.Classes[p]}</bdi> <span class=\"muted\">{count} × ({Figure.Percent((double)count / report.Confusion.Support(t))} of its images)</span></li>");
        html.Write($"</ol>");
    }
}
