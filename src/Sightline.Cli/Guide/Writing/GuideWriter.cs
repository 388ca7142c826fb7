using System.Text;
using System.Text.Json;

namespace Sightline.Cli.Guide.Writing;

/// <summary>Generates what follows from the questions, the sources and the labs' results: questions.json, the reference of recipes, the drawings of chapters 1 and 18, and the marked places of all pages.</summary>
internal static class GuideWriter
{
    /// <summary>The generated book that the command embeds.</summary>
    public const string BookPath = "docs/guide/questions.json";

    /// <summary>What every generated or filled file has to hold.</summary>
    /// <param name="root">The repository's root.</param>
    /// <returns>Path from the root and whole text.</returns>
    public static IReadOnlyList<(string Path, string Text)> Generate(string root)
    {
        var numbers = new LabNumbers(root);
        IReadOnlyList<Question> questions = QuestionsYaml.Read(root, numbers);
        var markers = new Markers(root, questions, numbers);
        var files = new List<(string, string)> { (BookPath, Book(questions)), (RecipePage.PagePath, RecipePage.Text(root)), (GraphFigure.Path, GraphFigure.Svg()) };
        files.AddRange(CurveGallery.Pictures(numbers));
        foreach (string page in Pages(root).Where(p => p != RecipePage.PagePath))
            files.Add((page, markers.Fill(page, File.ReadAllText(Path.Combine(root, page)).ReplaceLineEndings("\n"))));
        return files;
    }

    /// <summary>The pages with marked places: the README and all Markdown below docs/.</summary>
    /// <param name="root">The repository's root.</param>
    /// <returns>Paths from the root.</returns>
    public static IReadOnlyList<string> Pages(string root) =>
        ["README.md", .. Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(root, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>Writes the files that differ.</summary>
    /// <param name="root">The repository's root.</param>
    /// <returns>Paths of the files that were written.</returns>
    public static IReadOnlyList<string> Write(string root)
    {
        var written = new List<string>();
        foreach ((string path, string text) in Generate(root))
        {
            string full = Path.Combine(root, path);
            if (File.Exists(full) && File.ReadAllText(full) == text)
                continue;
            AtomicFile.WriteText(full, text);
            written.Add(path);
        }
        return written;
    }

    private static string Book(IReadOnlyList<Question> questions)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("questions");
            foreach (Question q in questions)
            {
                json.WriteStartObject();
                QuestionJson.WriteMembers(json, q, forBook: true);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }
}
