using Sightline.Training.Reporting;

namespace Sightline.Training.Comparison;

/// <summary>Runs beside each other as one page: curves over each other, keys that differ, and whether a difference is more than chance.</summary>
public static class ComparisonPage
{
    /// <summary>Writes the page.</summary>
    /// <param name="path">The file to create or replace; whole or not at all.</param>
    /// <param name="comparison">What it tells.</param>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public static void Write(string path, RunComparison comparison) => AtomicFile.WriteText(path, Html(comparison));

    /// <summary>The page as text.</summary>
    /// <param name="comparison">What it tells.</param>
    /// <returns>An HTML document.</returns>
    public static string Html(RunComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        string title = string.Join(", ", comparison.Runs.Select(r => r.Name));
        var html = new HtmlWriter();
        Page.Begin(html, title, EpochCurves.Css);
        html.Write($"<header><h1><bdi>{title}</bdi></h1><div class=\"muted\">{comparison.Runs.Count} runs beside each other</div></header>");
        Table(html, comparison);
        EpochCurves.Write(html, [.. comparison.Runs.Select((run, i) => new RunCurves(run.Name, $"c{i % EpochCurves.Colours}", run.Epochs))]);
        Verdicts(html, comparison);
        html.Write($"<h2>Keys that differ</h2>");
        if (comparison.Differences.Count == 0)
            html.Write($"<p class=\"muted\">None: the same recipe.</p>");
        else
            Differences(html, comparison);
        html.Write($"<footer class=\"muted\">Written by Sightline. Intervals over images take images as independent; frames of one drive are not, so the true uncertainty is larger there.</footer>");
        Page.End(html);
        return html.ToString();
    }

    private static void Table(HtmlWriter html, RunComparison comparison)
    {
        html.Write($"<div class=\"card scroll\" style=\"margin-top:22px\"><table><thead><tr><th>run</th><th class=\"n\">best val top-1</th><th class=\"n\">epoch</th><th class=\"n\">val loss there</th><th class=\"n\">last train loss</th><th class=\"n\">epochs</th><th class=\"n\">time</th></tr></thead><tbody>");
        foreach (ComparedRun run in comparison.Runs)
        {
            html.Write($"<tr><th>{run.Name}</th><td class=\"n\">{(run.Best is { } b ? Figure.Percent(b.ValTop1) : "–")}</td><td class=\"n\">{(run.Best is { } e ? Figure.Count(e.Epoch) : "–")}</td><td class=\"n\">{(run.Best is { } l ? Figure.Number(l.ValLoss) : "–")}</td>");
            html.Write($"<td class=\"n\">{Figure.Number(run.Epochs[^1].TrainLoss)}</td><td class=\"n\">{Figure.Count(run.Epochs.Count)}</td><td class=\"n\">{Figure.Duration(run.Seconds)}</td></tr>");
        }
        html.Write($"</tbody></table></div>");
    }

    private static void Verdicts(HtmlWriter html, RunComparison comparison)
    {
        html.Write($"<h2>More than chance?</h2>");
        foreach (string line in ComparisonText.Verdicts(comparison))
            html.Write($"<p>{line}</p>");
        foreach (string note in comparison.Notes)
            html.Write($"<p class=\"muted\">{note}</p>");
    }

    private static void Differences(HtmlWriter html, RunComparison comparison)
    {
        html.Write($"<div class=\"card scroll\"><table><thead><tr><th>key</th>");
        foreach (ComparedRun run in comparison.Runs)
            html.Write($"<th>{run.Name}</th>");
        html.Write($"</tr></thead><tbody>");
        foreach (RecipeDifference difference in comparison.Differences)
        {
            html.Write($"<tr><th>{difference.Key}</th>");
            foreach (string value in difference.Values)
                html.Write($"<td>{value}</td>");
            html.Write($"</tr>");
        }
        html.Write($"</tbody></table></div>");
    }
}
