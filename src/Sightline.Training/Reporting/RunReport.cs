using Sightline.Diagnosis;
using Sightline.Metrics;

namespace Sightline.Training.Reporting;

/// <summary>
/// A run as one page for people: figures with intervals, learning curves, classes, confusions, calibration, the worst mistakes as
/// pictures, the resolved recipe and the environment. One HTML file with nothing outside it and no script in it; it can be mailed, and
/// read in ten years.
/// </summary>
public static class RunReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="path">The file to create or replace; whole or not at all.</param>
    /// <param name="input">What it tells.</param>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public static void Write(string path, RunReportInput input) => AtomicFile.WriteText(path, Html(input));

    /// <summary>The page as text.</summary>
    /// <param name="input">What it tells.</param>
    /// <returns>An HTML document.</returns>
    public static string Html(RunReportInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var html = new HtmlWriter();
        Page.Begin(html, input.Title);
        html.Write($"<header><h1><bdi>{input.Title}</bdi></h1>");
        if (input.Subtitle is string subtitle)
            html.Write($"<div class=\"muted\">{subtitle}</div>");
        Cards(html, input);
        html.Write($"</header>");
        Curves(html, input.Epochs, input.Diagnosis?.Assessment);
        if (input.Diagnosis is { } diagnosis)
        {
            html.Write($"<h2>Diagnosis</h2>");
            DiagnosisPage.Section(html, diagnosis.Log, diagnosis.Assessment);
        }
        if (input.Evaluation is ClassificationReport report)
            Evaluation(html, report, input);
        html.Write($"<h2>Recipe and environment</h2><details><summary>The resolved recipe</summary><pre>{input.RecipeText}</pre></details>");
        html.Write($"<details><summary>The environment</summary><pre>{input.EnvironmentText}</pre></details>");
        Footer(html, input);
        Page.End(html);
        return html.ToString();
    }

    private static void Cards(HtmlWriter html, RunReportInput input)
    {
        html.Write($"<div class=\"cards\">");
        if (input.Evaluation is ClassificationReport r)
        {
            Card(html, Figure.Percent(r.Top1), "top-1 accuracy", Range(r.Intervals.Top1));
            if (r.Classes.Count > 5)
                Card(html, Figure.Percent(r.Top5), "top-5 accuracy", Range(r.Intervals.Top5));
            Card(html, Figure.Percent(r.MacroF1), "mean F1 of the classes", Range(r.Intervals.MacroF1));
            Card(html, Figure.Percent(r.Ece), "expected calibration error", Range(r.Intervals.Ece));
            Card(html, Figure.Number(r.NegativeLogLikelihood), "negative log-likelihood", $"{Figure.Number(r.Intervals.NegativeLogLikelihood.Low)} – {Figure.Number(r.Intervals.NegativeLogLikelihood.High)}");
        }
        if (input.Epochs.Count > 0)
            Card(html, Figure.Duration(input.Epochs.Sum(e => double.IsNaN(e.Seconds) ? 0 : e.Seconds)), input.Epochs.Count == 1 ? "for 1 epoch" : $"for {input.Epochs.Count} epochs", $"{Figure.Number(input.Epochs[^1].SamplesPerSecond)} images/s in the last");
        html.Write($"</div>");
    }

    private static void Card(HtmlWriter html, string figure, string name, string note) =>
        html.Write($"<div class=\"card\"><b>{figure}</b><span>{name}</span><span>{note}</span></div>");

    private static string Range(Interval interval) => $"{Figure.Percent(interval.Low)} – {Figure.Percent(interval.High)}";

    private static void Curves(HtmlWriter html, IReadOnlyList<ReportedEpoch> epochs, Assessment? assessment)
    {
        html.Write($"<h2>Learning curves</h2>");
        if (epochs.Count == 0)
        {
            html.Write($"<p class=\"muted\">No epoch is complete yet.</p>");
            return;
        }
        IReadOnlyList<EpochMark> Marks(ShownBy shownBy) => assessment is null ? [] : DiagnosisPage.Marks(assessment, shownBy);
        int[] x = [.. epochs.Select(e => e.Epoch)];
        html.Write($"<div class=\"charts\">");
        LineChart.Write(html, "Loss", x, [new("train", "train", [.. epochs.Select(e => e.TrainLoss)]), new("validation", "val", [.. epochs.Select(e => e.ValLoss)])], marks: Marks(ShownBy.Loss));
        LineChart.Write(html, "Top-1 accuracy", x, [new("train", "train", [.. epochs.Select(e => e.TrainTop1)]), new("validation", "val", [.. epochs.Select(e => e.ValTop1)])], percent: true, marks: Marks(ShownBy.Accuracy));
        LineChart.Write(html, "Learning rate", x, [new("at the epoch's end", "rate", [.. epochs.Select(e => e.LearningRate)])], marks: Marks(ShownBy.LearningRate));
        if (epochs.Any(e => double.IsFinite(e.GradientNorm)))
            LineChart.Write(html, "Gradient norm", x, [new("mean", "rate", [.. epochs.Select(e => e.GradientNorm)])], marks: Marks(ShownBy.GradientNorm));
        html.Write($"</div>");
    }

    private static void Evaluation(HtmlWriter html, ClassificationReport report, RunReportInput input)
    {
        html.Write($"<h2>Classes</h2>");
        if (input.EvaluatedOn is string what)
            html.Write($"<p class=\"muted\" style=\"margin:-8px 0 12px\">Evaluated: {what}.</p>");
        html.Write($"<div class=\"card\">");
        ClassTable.Write(html, report);
        html.Write($"</div><div class=\"two\"><div><h2>Confusion</h2><div class=\"card\">");
        ConfusionHeatMap.Write(html, report);
        html.Write($"</div></div><div><h2>Calibration</h2><div class=\"card\">");
        ReliabilityChart.Write(html, report.Reliability);
        html.Write($"</div></div></div><h2>Worst mistakes</h2>");
        if (input.WorstMistakes.Count == 0)
        {
            html.Write($"<p class=\"muted\">{(report.Decisions.All(d => d.Right) ? "There is none: every decision is right." : "No pictures were kept.")}</p>");
            return;
        }
        html.Write($"<p class=\"muted\" style=\"margin:-8px 0 12px\">Wrong decisions, the most confident first: often wrong labels, or images that two classes share. <span style=\"display:inline\" class=\"wrong\">Decided</span>, <span style=\"display:inline\" class=\"right\">labelled</span>.</p>");
        MistakeGallery.Write(html, input.WorstMistakes);
    }

    private static void Footer(HtmlWriter html, RunReportInput input)
    {
        html.Write($"<footer class=\"muted\">Written by Sightline.");
        if (input.Evaluation is ClassificationReport r)
        {
            html.Write($" Ranges are {100 * r.Intervals.Top1.Level:0.#} % intervals (bootstrap percentiles of {Figure.Count(r.Intervals.Replicates)} resamples of {Figure.Count(r.Images)} images; for an accuracy of fewer than {Interval.FewestForBootstrap} images, or fewer than {Interval.FewestOfEither} right or wrong, Wilson's), which take images as independent; frames of one drive are not, so the true uncertainty is larger there.");
        }
        html.Write($"</footer>");
    }
}
