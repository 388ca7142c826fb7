using Sightline.Metrics;

namespace Sightline.Training.Reporting;

/// <summary>Precision, recall, F1 and support, the weakest class first.</summary>
internal static class ClassTable
{
    internal static void Write(HtmlWriter html, ClassificationReport report)
    {
        html.Write($"<div class=\"scroll\"><table><thead><tr><th>class</th><th class=\"n\">F1</th><th class=\"n\">precision</th><th class=\"n\">recall</th><th class=\"n\">images</th></tr></thead><tbody>");
        foreach (ClassMetrics c in report.PerClass.OrderBy(c => c.F1 ?? 2).ThenBy(c => c.Name, StringComparer.Ordinal))
        {
            html.Write($"<tr><th scope=\"row\"><bdi>{c.Name}</bdi></th>");
            Cell(html, c.F1);
            Cell(html, c.Precision);
            Cell(html, c.Recall);
            html.Write($"<td class=\"n\">{Figure.Count(c.Support)}</td></tr>");
        }
        html.Write($"</tbody><tfoot>");
        Average(html, "mean of the classes", report.Macro, report.Images);
        Average(html, "weighted by images", report.Weighted, report.Images);
        html.Write($"</tfoot></table></div>");
        if (report.PerClass.Any(c => c.Support == 0 || c.Predicted == 0))
            html.Write($"<p class=\"muted\">A dash is undefined: no image of the class (recall), or none decided as it (precision).</p>");
    }

    private static void Average(HtmlWriter html, string name, ClassAverages average, int images)
    {
        html.Write($"<tr><th scope=\"row\">{name}</th>");
        Cell(html, average.F1);
        Cell(html, average.Precision);
        Cell(html, average.Recall);
        html.Write($"<td class=\"n\">{Figure.Count(images)}</td></tr>");
    }

    private static void Cell(HtmlWriter html, double? value) =>
        html.Write($"<td class=\"n meter\" style=\"--part:{100 * (value ?? 0):0.#}%\">{Figure.Percent(value)}</td>");
}
