using Sightline.Pages;

namespace Sightline.Diagnosis;

/// <summary>A diagnosis as one page: the verdict, each finding beside the curves that show it, all curves with the marks.</summary>
public static class DiagnosisPage
{
    // Colours by what a curve is, else in this order.
    private static readonly string[] Styles = ["rate", "val", "train"];

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file to create or replace; whole or not at all.</param>
    /// <param name="log">The log.</param>
    /// <param name="assessment">What was made of it.</param>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public static void Write(string path, TrainingLog log, Assessment assessment) => AtomicFile.WriteText(path, Html(log, assessment));

    /// <summary>The page as text.</summary>
    /// <param name="log">The log.</param>
    /// <param name="assessment">What was made of it.</param>
    /// <returns>An HTML document.</returns>
    public static string Html(TrainingLog log, Assessment assessment)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(assessment);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(log.Source));
        string title = name.Length > 0 ? name : log.Source;
        var html = new HtmlWriter();
        Page.Begin(html, title);
        html.Write($"<header><h1><bdi>{title}</bdi></h1><div class=\"muted\"><bdi>{log.Source}</bdi></div></header>");
        Section(html, log, assessment);
        Curves(html, log, assessment);
        html.Write($"<footer class=\"muted\">Written by Sightline. How often such findings are right was measured on trainings injured on purpose; confirm one before you act on it.</footer>");
        Page.End(html);
        return html.ToString();
    }

    /// <summary>The verdict and the findings, as part of a page.</summary>
    /// <param name="html">Where they go.</param>
    /// <param name="log">The log.</param>
    /// <param name="assessment">What was made of it.</param>
    public static void Section(HtmlWriter html, TrainingLog log, Assessment assessment)
    {
        ArgumentNullException.ThrowIfNull(html);
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(assessment);
        html.Write($"<p class=\"verdict {DiagnosisText.Code(assessment.Verdict)}\">{DiagnosisText.Line(assessment, log)}</p>");
        foreach (string note in log.Notes)
            html.Write($"<p class=\"muted\">{note}</p>");
        foreach (Finding finding in assessment.Causes())
            Write(html, log, finding, assessment.SymptomsOf(finding));
    }

    /// <summary>Where findings show among some curves, to be marked there.</summary>
    /// <param name="assessment">What was found.</param>
    /// <param name="shownBy">The curves.</param>
    /// <returns>The marks.</returns>
    public static IReadOnlyList<EpochMark> Marks(Assessment assessment, ShownBy shownBy)
    {
        ArgumentNullException.ThrowIfNull(assessment);
        return [.. assessment.Causes().Where(f => f.ShownBy == shownBy).Select(Mark)];
    }

    private static EpochMark Mark(Finding finding) => new(finding.Code, finding.FirstEpoch, finding.LastEpoch);

    private static void Write(HtmlWriter html, TrainingLog log, Finding finding, IReadOnlyList<Finding> symptoms)
    {
        html.Write($"<h2>{finding.Code} <span class=\"muted\">{DiagnosisText.Confidence(finding.Confidence)}, {DiagnosisText.Epochs(finding)}</span></h2><div class=\"two\">");
        Draw(html, ShownCurves.In(log, finding.ShownBy), [Mark(finding)]);
        html.Write($"<div class=\"card\"><p style=\"margin:0\">{finding.Evidence}</p>");
        if (finding.Remedies.Count > 0)
            html.Write($"<h3>Try</h3><ol class=\"try\">");
        foreach (Remedy remedy in finding.Remedies)
        {
            html.Write($"<li>{remedy.Action}");
            foreach (string setting in remedy.Settings)
                html.Write($" <code>--set {setting}</code>");
            html.Write($"</li>");
        }
        if (finding.Remedies.Count > 0)
            html.Write($"</ol>");
        html.Write($"<h3>What would confirm it</h3><p>{finding.Confirmation}</p>");
        foreach (Finding symptom in symptoms)
            html.Write($"<p class=\"muted\">So also: {symptom.Code}, {DiagnosisText.Confidence(symptom.Confidence)}, {DiagnosisText.Epochs(symptom)}.</p>");
        html.Write($"</div></div>");
    }

    private static void Curves(HtmlWriter html, TrainingLog log, Assessment assessment)
    {
        html.Write($"<h2>All curves</h2><div class=\"charts\">");
        foreach (ShownBy kind in Enum.GetValues<ShownBy>())
        {
            ShownCurves shown = ShownCurves.In(log, kind);
            if (shown.Curves.Count > 0 && shown.Of == kind)
                Draw(html, shown, Marks(assessment, kind));
        }
        html.Write($"</div>");
    }

    private static void Draw(HtmlWriter html, ShownCurves shown, IReadOnlyList<EpochMark> marks)
    {
        double[] epochs = shown.Curves.Count > 0 ? [.. shown.Curves[0].Points.Select(p => p.Epoch)] : [];
        Curve[] curves = [.. shown.Curves.Select((c, i) => new Curve(c.Name, Style(c.Name, i), [.. c.Points.Select(p => p.Value)]))];
        LineChart.Write(html, char.ToUpperInvariant(shown.Title[0]) + shown.Title[1..], epochs, curves, shown.IsShare, marks);
    }

    private static string Style(string name, int place) => name switch { "training" => "train", "validation" => "val", _ => Styles[place % Styles.Length] };
}
