using System.Text.Json;
using Sightline.Cli.Terminal;

namespace Sightline.Cli.Guide;

/// <summary>A question as JSON: what <c>ask --json</c> prints and what the embedded book holds.</summary>
internal static class QuestionJson
{
    /// <summary>Writes the members of one question.</summary>
    /// <param name="json">The writer, inside an object.</param>
    /// <param name="q">The question.</param>
    /// <param name="forBook">Whether the code is one path with its core, as the book keeps it, or the list that <c>--json</c> promises.</param>
    public static void WriteMembers(Utf8JsonWriter json, Question q, bool forBook)
    {
        json.WriteNumber("id", q.Id);
        json.WriteString("slug", q.Slug);
        json.WriteString("title", q.Title);
        json.WriteString("question", q.Text);
        json.WriteString("state", q.State);
        Optional(json, "missing", q.Missing);
        Optional(json, "meanwhile", q.Meanwhile);
        Optional(json, "answer", q.Answer);
        Optional(json, "sentence", q.Sentence);
        Optional(json, "number", q.Number);
        Optional(json, "chapter", q.Chapter);
        Optional(json, "lab", q.Lab);
        json.WriteBoolean("exercise", q.Exercise);
        json.WriteObjects("parts", q.Parts, part =>
        {
            json.WriteString("id", part.Id);
            json.WriteString("text", part.Text);
            json.WriteString("state", part.State);
            json.WriteString("answer", part.Answer);
            if (forBook && part.NeedsCode)
                json.WriteBoolean("code", true);
        });
        if (forBook)
        {
            Optional(json, "code", q.Code);
            Optional(json, "secondCode", q.SecondCode);
            Optional(json, "core", q.Core);
        }
        else
        {
            json.WriteStartArray("code");
            foreach (string code in q.AllCode)
                json.WriteStringValue(code);
            json.WriteEndArray();
        }
        json.WriteObjects("claims", q.Claims, claim =>
        {
            json.WriteString("text", claim.Text);
            if (claim.Value is double value)
                json.WriteNumber("value", value);
            else
                json.WriteNull("value");
            json.WriteString("shown", claim.Shown);
            json.WriteString("command", claim.Command);
            json.WriteString("lab", claim.Lab);
            Optional(json, "seeds", claim.Seeds);
            Optional(json, "machine", claim.Machine);
        });
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }
}
