using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Diagnosis;
using Sightline.Injuries;

namespace Sightline.Cli.Practice;

/// <summary>A paper with its answers as members of a JSON object.</summary>
internal static class PracticeJson
{
    /// <summary>Writes the members.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="result">The paper with its answers.</param>
    public static void Write(Utf8JsonWriter json, PracticeResult result)
    {
        json.WriteString("half", result.Paper.Half);
        json.WriteNumber("pool", result.Paper.Pool);
        json.WriteNumber("seed", result.Paper.Seed);
        json.WriteNumber("asked", result.Paper.Questions.Count);
        json.WriteNumber("answered", result.Answered.Count);
        json.WriteString("end", JsonNamingPolicy.KebabCaseLower.ConvertName(result.End.ToString()));
        json.WriteObjects("runs", result.Answered, answered =>
        {
            PracticeQuestion question = answered.Question;
            json.WriteString("run", question.Diagnosed.Run.Id);
            json.WriteString("cause", question.Cause);
            if (question.Strength is int strength)
                json.WriteNumber("strength", strength);
            else
                json.WriteNull("strength");
            json.WriteNumber("hints", answered.Hints);
            foreach (PracticeJudge judge in PracticeJudge.All)
                json.WriteString(judge.Key, judge.Said(answered));
            json.WriteString("evidence", question.Diagnosed.Assessment is { Verdict: Verdict.Sick, Findings: [{ } first, ..] } ? first.Evidence : null);
            json.WriteString("toldBy", question.Telling is { } telling ? JsonNamingPolicy.KebabCaseLower.ConvertName(telling.ShownBy.ToString()) : null);
        });
        json.WriteObjects("scores", PracticeJudge.All, judge =>
        {
            json.WriteString("by", judge.Key);
            Rate(json, "right", result.Right(judge));
            Rate(json, "falseAlarms", result.FalseAlarms(judge));
        });
        json.WriteObjects("confusion", PracticeJudge.All.SelectMany(j => result.Causes, (j, cause) => (j, cause)).SelectMany(c => result.Confusion(c.j, c.cause), (c, said) => (c.j, c.cause, said)), c =>
        {
            json.WriteString("by", c.j.Key);
            json.WriteString("cause", c.cause);
            json.WriteString("said", c.said.Said);
            json.WriteNumber("runs", c.said.Runs);
        });
    }

    private static void Rate(Utf8JsonWriter json, string name, Rate rate)
    {
        json.WriteStartObject(name);
        json.WriteNumber("hits", rate.Hits);
        json.WriteNumber("of", rate.Of);
        if (rate.Range is { } range)
        {
            json.WriteNumber("low", range.Low);
            json.WriteNumber("high", range.High);
        }
        json.WriteEndObject();
    }
}
