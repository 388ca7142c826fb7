using System.Globalization;
using Sightline.Cli.Terminal;
using Sightline.Diagnosis;

namespace Sightline.Cli.Diagnosing;

/// <summary>A diagnosis as one screen of a terminal: the verdict, how the log was read, then each finding where it shows.</summary>
internal static class DiagnosisScreen
{
    private const int PlotWidth = 56, PlotHeight = 6, LaterHeight = 3, NotesShown = 6, FindingsShown = 3;

    /// <summary>Prints it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="log">The log.</param>
    /// <param name="assessment">What was made of it.</param>
    public static void Print(TextWriter output, TrainingLog log, Assessment assessment)
    {
        WrappedText.Write(output, DiagnosisText.Line(assessment, log), "");
        foreach (string note in log.Notes.Take(NotesShown))
            WrappedText.WriteLabelled(output, "  read: ", note);
        if (log.Notes.Count > NotesShown)
            output.WriteLine($"  … and {log.Notes.Count - NotesShown} more; all: --json");
        Finding[] causes = [.. assessment.Causes()];
        foreach ((int i, Finding finding) in causes.Take(FindingsShown).Index())
            Print(output, log, finding, assessment.SymptomsOf(finding), i == 0 ? PlotHeight : LaterHeight);
        if (causes.Length > FindingsShown)
            WrappedText.Write(output, $"Also: {string.Join(", ", causes.Skip(FindingsShown).Select(f => $"{f.Code}, {DiagnosisText.Confidence(f.Confidence)}"))}. All of it: --json", "");
    }

    /// <summary>Prints curves over each other.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="shown">The curves.</param>
    /// <param name="mark">The epochs that are marked; no numbers mark none.</param>
    /// <param name="height">Lines of the plot.</param>
    public static void Plot(TextWriter output, ShownCurves shown, (double From, double To) mark, int height)
    {
        Func<double, string> label = shown.IsShare ? v => string.Create(CultureInfo.InvariantCulture, $"{100 * v:0.0} %") : v => v.ToString("G3", CultureInfo.InvariantCulture);
        foreach (string line in CurvePlot.Draw(shown.Title, [.. shown.Curves.Select(c => new NamedCurve(c.Name, c.Points))], mark, PlotWidth, height, label))
            output.WriteLine(("  " + line).TrimEnd());
    }

    private static void Print(TextWriter output, TrainingLog log, Finding finding, IReadOnlyList<Finding> symptoms, int height)
    {
        output.WriteLine();
        output.WriteLine($"{finding.Code} · {DiagnosisText.Confidence(finding.Confidence)} · {DiagnosisText.Epochs(finding)}");
        Plot(output, ShownCurves.In(log, finding.ShownBy), (finding.FirstEpoch, finding.LastEpoch), height);
        WrappedText.Write(output, finding.Evidence, "  ");
        foreach ((int i, Remedy remedy) in finding.Remedies.Index())
        {
            WrappedText.WriteLabelled(output, i == 0 ? "  try:       " : "  or:        ", remedy.Action);
            if (remedy.Settings.Count > 0)
                output.WriteLine($"             {DiagnosisText.Settings(remedy)}");
        }
        WrappedText.WriteLabelled(output, "  confirm:   ", finding.Confirmation);
        foreach (Finding symptom in symptoms)
            output.WriteLine($"  so also:   {symptom.Code}, {DiagnosisText.Confidence(symptom.Confidence)}, {DiagnosisText.Epochs(symptom)}");
    }
}
