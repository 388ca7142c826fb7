using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Diagnosis;

namespace Sightline.Cli.Diagnosing;

/// <summary>A diagnosis as members of a JSON object.</summary>
internal static class DiagnosisJson
{
    /// <summary>Writes the members.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="log">The log.</param>
    /// <param name="assessment">What was made of it.</param>
    public static void Write(Utf8JsonWriter json, TrainingLog log, Assessment assessment)
    {
        json.WriteString("verdict", DiagnosisText.Code(assessment.Verdict));
        json.WriteString("source", log.Source);
        json.WriteNumber("epochs", log.Epochs.Count);
        json.WriteStrings("notes", log.Notes);
        json.WriteObjects("findings", assessment.Findings, finding =>
        {
            json.WriteString("code", finding.Code);
            json.WriteNumber("confidence", finding.Confidence);
            json.WriteFinite("firstEpoch", finding.FirstEpoch);
            json.WriteFinite("lastEpoch", finding.LastEpoch);
            json.WriteString("evidence", finding.Evidence);
            json.WriteObjects("remedies", finding.Remedies, remedy =>
            {
                json.WriteString("action", remedy.Action);
                json.WriteStrings("settings", remedy.Settings);
            });
            json.WriteString("confirmation", finding.Confirmation);
            json.WriteString("followsFrom", finding.FollowsFrom);
            json.WriteString("shownBy", JsonNamingPolicy.KebabCaseLower.ConvertName(finding.ShownBy.ToString()));
        });
        json.WriteString("missing", assessment.Missing);
    }
}
