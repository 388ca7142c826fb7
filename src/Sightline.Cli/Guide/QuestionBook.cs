using System.Reflection;
using System.Text.Json;

namespace Sightline.Cli.Guide;

/// <summary>
/// The nineteen questions as they were when this command was built: <c>docs/guide/questions.json</c>, generated from
/// <c>questions.yaml</c> and embedded, since reading YAML would cost more start-up time than the whole verb may take.
/// </summary>
internal static class QuestionBook
{
    private const string Resource = "questions.json";

    /// <summary>Reads the embedded book.</summary>
    /// <returns>The questions, in order.</returns>
    public static IReadOnlyList<Question> Load()
    {
        using Stream stream = Open(Resource) ?? throw new InvalidOperationException("This build of sightline holds no questions.json.");
        using JsonDocument document = JsonDocument.Parse(stream);
        return [.. document.RootElement.GetProperty("questions").EnumerateArray().Select(Read)];
    }

    /// <summary>The text of an embedded code answer.</summary>
    /// <param name="path">Its path from the repository's root, e.g. <c>answers/11-resnet.cs</c>.</param>
    /// <returns>The text, or null when this build has no such file.</returns>
    public static string? CodeText(string path)
    {
        using Stream? stream = Open(path);
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The embedded files below a folder.</summary>
    /// <param name="folder">The folder from the repository's root, with a slash at the end.</param>
    /// <returns>Their paths, in order.</returns>
    public static IReadOnlyList<string> FilesBelow(string folder) =>
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(n => n.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static Stream? Open(string name) => Assembly.GetExecutingAssembly().GetManifestResourceStream(name);

    private static Question Read(JsonElement q) => new()
    {
        Id = q.GetProperty("id").GetInt32(),
        Slug = Text(q, "slug")!,
        Title = Text(q, "title")!,
        Text = Text(q, "question")!,
        State = Text(q, "state")!,
        Missing = Text(q, "missing"),
        Meanwhile = Text(q, "meanwhile"),
        Answer = Text(q, "answer"),
        Sentence = Text(q, "sentence"),
        Number = Text(q, "number"),
        Chapter = Text(q, "chapter"),
        Code = Text(q, "code"),
        SecondCode = Text(q, "secondCode"),
        Core = Text(q, "core"),
        Lab = Text(q, "lab"),
        Exercise = q.TryGetProperty("exercise", out JsonElement e) && e.GetBoolean(),
        Parts = [.. q.GetProperty("parts").EnumerateArray().Select(p => new QuestionPart(
            Text(p, "id")!, Text(p, "text")!, Text(p, "state")!, Text(p, "answer"), p.TryGetProperty("code", out JsonElement c) && c.GetBoolean()))],
        Claims = [.. q.GetProperty("claims").EnumerateArray().Select(c => new Claim(
            Text(c, "text")!, Text(c, "lab")!, c.GetProperty("value") is { ValueKind: JsonValueKind.Number } v ? v.GetDouble() : null,
            Text(c, "shown")!, Text(c, "command")!, Text(c, "seeds"), Text(c, "machine")))],
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
