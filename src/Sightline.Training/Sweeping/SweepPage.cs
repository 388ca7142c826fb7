using Sightline.Training.Comparison;
using Sightline.Training.Recipes;
using Sightline.Training.Reporting;
using Sightline.Training.Runs;

namespace Sightline.Training.Sweeping;

/// <summary>A sweep as one page: the table, what values reached what, curves over each other; of a range test the loss over the rate.</summary>
public static class SweepPage
{
    // A loss above this many times the median of all is of a training that went astray: shown, it would flatten the others.
    private const double Astray = 10;

    private const string Css = EpochCurves.Css + RangeTestChart.Css + ".rest{color:var(--muted);opacity:.4}";

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file to create or replace; whole or not at all.</param>
    /// <param name="outcome">What it tells.</param>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public static void Write(string path, SweepOutcome outcome) => AtomicFile.WriteText(path, Html(outcome));

    /// <summary>The page as text.</summary>
    /// <param name="outcome">What it tells.</param>
    /// <returns>An HTML document.</returns>
    public static string Html(SweepOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        SweepPlan plan = outcome.Plan;
        var html = new HtmlWriter();
        Page.Begin(html, plan.Recipe.Name, Css);
        html.Write($"<header><h1><bdi>{plan.Recipe.Name}</bdi></h1><div class=\"muted\">{Subtitle(outcome)}</div></header>");
        if (outcome.Rise is { } rise)
            Rise(html, rise);
        else
            Trials(html, outcome);
        html.Write($"<h2>The recipe, as it was before</h2><details><summary>The recipe</summary><pre>{RecipeFile.Text(plan.Recipe)}</pre></details>");
        html.Write($"<footer class=\"muted\">Written by Sightline.{(outcome.Rise is null ? " The best of many trials looks better than it is: it was also chosen for its luck on these validation images. Judge it on images that took no part." : "")}</footer>");
        Page.End(html);
        return html.ToString();
    }

    private static string Subtitle(SweepOutcome outcome)
    {
        SweepPlan plan = outcome.Plan;
        int n = outcome.Results.Count;
        string what = plan.Method switch
        {
            SweepMethod.RangeTest => "learning-rate range test",
            SweepMethod.Random => $"{n} trials by chance (seed {plan.Seed})",
            SweepMethod.Halving => $"{n} trials by successive halving: {string.Join(", ", plan.Rungs(n).Select(r => $"{r.Trials} to epoch {r.Epochs}"))}",
            _ => $"{n} trials, every combination",
        };
        return $"{what} · {string.Join(" · ", plan.Over)}{(outcome.End == RunEnd.Interrupted ? " · interrupted" : "")}";
    }

    private static void Rise(HtmlWriter html, RangeTestCurve rise)
    {
        html.Write($"<h2>Learning rate</h2>");
        if (rise.Losses.Count > 0)
            RangeTestChart.Write(html, rise);
        foreach (string line in RangeTestText.Lines(rise))
            html.Write($"<p>{line}</p>");
    }

    private static void Trials(HtmlWriter html, SweepOutcome outcome)
    {
        Table(html, outcome);
        // The best come last, to be drawn over the others.
        (TrialResult Result, string Style)[] drawn = [.. outcome.Results.Where(r => r.History.Count > 0).Select((r, i) => (r, i < EpochCurves.Colours ? $"c{i}" : "rest")).Reverse()];
        html.Write($"<div style=\"margin-top:16px\">");
        ParallelChart.Write(html, outcome.Plan.Over, [.. drawn.Where(d => d.Result.Best is not null)]);
        html.Write($"</div>");
        Curves(html, drawn);
        foreach (string note in outcome.Notes)
            html.Write($"<p class=\"muted\">{note}</p>");
        TrialResult[] lost = [.. outcome.Results.Where(r => r.Record.Message is not null)];
        if (lost.Length > 0)
            html.Write($"<h2>Not trained to the end</h2>");
        foreach (TrialResult trial in lost)
            html.Write($"<p>{trial.Trial.Name}: {trial.Record.Message}</p>");
    }

    private static void Table(HtmlWriter html, SweepOutcome outcome)
    {
        html.Write($"<div class=\"card scroll\" style=\"margin-top:22px\"><table><thead><tr><th>trial</th>");
        foreach (SweptValues swept in outcome.Plan.Over)
            html.Write($"<th class=\"n\">{swept.Key.Path}</th>");
        html.Write($"<th class=\"n\">best val top-1</th><th class=\"n\">epoch</th><th class=\"n\">val loss there</th><th class=\"n\">epochs</th><th class=\"n\">time</th><th></th></tr></thead><tbody>");
        foreach (TrialResult result in outcome.Results)
        {
            html.Write($"<tr><th>{result.Trial.Name}</th>");
            foreach (TrialValue value in result.Trial.Values)
                html.Write($"<td class=\"n\">{value.Value}</td>");
            html.Write($"<td class=\"n\">{Figure.Percent(result.Best?.ValTop1)}</td><td class=\"n\">{(result.Best is { } e ? Figure.Count(e.Epoch) : "–")}</td><td class=\"n\">{Figure.Number(result.Best?.ValLoss ?? double.NaN)}</td>");
            html.Write($"<td class=\"n\">{Figure.Count(result.History.Count)}</td><td class=\"n\">{Figure.Duration(result.Seconds)}</td><td>{(result.State == TrialState.Finished ? "" : RecipeShape.Kebab(result.State.ToString()))}</td></tr>");
        }
        html.Write($"</tbody></table></div>");
    }

    private static void Curves(HtmlWriter html, IReadOnlyList<(TrialResult Result, string Style)> drawn)
    {
        double limit = Astray * Median([.. drawn.SelectMany(d => d.Result.History).SelectMany(e => new[] { e.TrainLoss, e.ValLoss }).Where(double.IsFinite)]);
        double Shown(double loss) => loss <= limit ? loss : double.NaN;
        EpochCurves.Write(html, [.. drawn.Select(d => new RunCurves(d.Style == "rest" ? "" : d.Result.Trial.Name, d.Style,
            [.. d.Result.History.Select(e => e with { TrainLoss = Shown(e.TrainLoss), ValLoss = Shown(e.ValLoss) })]))]);
        if (drawn.Any(d => d.Result.History.Any(e => e.TrainLoss > limit || e.ValLoss > limit)))
            html.Write($"<p class=\"muted\">Losses above {Figure.Number(limit)}, {Astray} times the median, are not drawn.</p>");
        if (drawn.Any(d => d.Style == "rest"))
            html.Write($"<p class=\"muted\">The best {EpochCurves.Colours} have colours; the others are grey.</p>");
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values.Length > 0 ? values[values.Length / 2] : double.NaN;
    }
}
