using System.Globalization;

namespace Sightline.Diagnosis;

/// <summary>A diagnosis in words, the same on terminals, pages and in documents.</summary>
public static class DiagnosisText
{
    /// <summary>A verdict's code: <c>healthy</c>, <c>sick</c> or <c>not-enough-evidence</c>.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <returns>The code.</returns>
    public static string Code(Verdict verdict) => verdict switch { Verdict.Healthy => "healthy", Verdict.Sick => "sick", _ => "not-enough-evidence" };

    /// <summary>The verdict on a training, one line.</summary>
    /// <param name="assessment">What was made of it.</param>
    /// <param name="log">Its log.</param>
    /// <returns>The line.</returns>
    public static string Line(Assessment assessment, TrainingLog log)
    {
        ArgumentNullException.ThrowIfNull(assessment);
        ArgumentNullException.ThrowIfNull(log);
        string epochs = log.Epochs.Count switch { 0 => "no finished epoch", 1 => "1 epoch", int n => $"{n} epochs" };
        return assessment.Verdict switch
        {
            Verdict.Sick => $"Sick: {assessment.Findings[0].Code}, {Confidence(assessment.Findings[0].Confidence)}. {Capital(epochs)} read.",
            Verdict.Healthy => $"Healthy: {epochs} read, nothing found.",
            _ => $"Not enough evidence: {assessment.Missing}{(assessment.Findings.Count > 0 ? $" {Capital(epochs)} read." : "")}",
        };
    }

    /// <summary>How sure a finding is, in words and as a number.</summary>
    /// <param name="confidence">0 to 1.</param>
    /// <returns>E.g. <c>likely (0.82)</c>.</returns>
    public static string Confidence(double confidence)
    {
        string words = confidence >= 0.9 ? "almost certain" : confidence >= 0.75 ? "likely" : confidence >= Diagnostician.Sick ? "more likely than not" : "possible";
        return string.Create(CultureInfo.InvariantCulture, $"{words} ({confidence:0.00})");
    }

    /// <summary>A finding as a warning, one line.</summary>
    /// <param name="finding">The finding.</param>
    /// <returns>What it is, what shows it, what to try first.</returns>
    public static string Warning(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        string what = $"{finding.Code}, {Confidence(finding.Confidence)}. {finding.Evidence}";
        if (finding.Remedies.Count == 0)
            return what;
        Remedy first = finding.Remedies[0];
        return $"{what} Try: {first.Action}{(first.Settings.Count > 0 ? $" ({Settings(first)})" : "")}";
    }

    /// <summary>A remedy as <c>train</c> takes it.</summary>
    /// <param name="remedy">The remedy.</param>
    /// <returns>E.g. <c>--set optimiser.learningRate=0.01</c>; empty where a recipe cannot say it.</returns>
    public static string Settings(Remedy remedy)
    {
        ArgumentNullException.ThrowIfNull(remedy);
        return string.Join(' ', remedy.Settings.Select(s => "--set " + s));
    }

    /// <summary>Where a finding shows.</summary>
    /// <param name="finding">The finding.</param>
    /// <returns>E.g. <c>epochs 8 to 30</c>.</returns>
    public static string Epochs(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        if (finding is { FirstEpoch: 0, LastEpoch: 0 })
            return "in the first epoch";
        return finding.FirstEpoch == finding.LastEpoch ? $"epoch {Epoch(finding.FirstEpoch)}" : $"epochs {Epoch(finding.FirstEpoch)} to {Epoch(finding.LastEpoch)}";
    }

    /// <summary>An epoch as it is written: whole, or a fraction where a log is by steps.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <returns>Its text.</returns>
    public static string Epoch(double epoch) => epoch.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
