using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sightline.Cli.Guide.Writing;

/// <summary>Reads <c>docs/guide/questions.yaml</c> and fills in its numbers.</summary>
internal static class QuestionsYaml
{
    private static readonly string[] QuestionKeys =
        ["id", "slug", "title", "question", "state", "missing", "meanwhile", "answer", "sentence", "number", "chapter", "code", "secondCode", "core", "lab", "exercise", "parts", "claims"];

    private static readonly string[] States = ["answered", "partly", "open"];

    /// <summary>Reads the file.</summary>
    /// <param name="root">The repository's root.</param>
    /// <param name="numbers">The numbers.</param>
    /// <returns>The questions, in order.</returns>
    /// <exception cref="BadInputException">The file does not follow its form; the message holds the line.</exception>
    public static IReadOnlyList<Question> Read(string root, LabNumbers numbers)
    {
        string path = Path.Combine(root, "docs", "guide", "questions.yaml");
        var yaml = new YamlStream();
        try
        {
            using var reader = new StreamReader(path);
            yaml.Load(reader);
        }
        catch (YamlException e)
        {
            throw new BadInputException("bad-yaml", e.Message, path, (int)e.Start.Line, inner: e);
        }
        if (yaml.Documents.Count != 1 || yaml.Documents[0].RootNode is not YamlSequenceNode list)
            throw new BadInputException("bad-yaml", "The file has to be one list of questions.", path);
        return [.. list.Select(n => ReadQuestion(path, root, n, numbers))];
    }

    private static Question ReadQuestion(string path, string root, YamlNode node, LabNumbers numbers)
    {
        Fields f = new(path, node, QuestionKeys);
        int id = int.Parse(f.Need("id"), CultureInfo.InvariantCulture);
        string state = f.Need("state");
        if (!States.Contains(state))
            throw new BadInputException("bad-state", $"Question {id}: the state '{state}' is none of {string.Join(", ", States)}.", path, f.Line);
        string? lab = f.Get("lab"), missing = f.Get("missing"), core = f.Get("core"), code = f.Get("code");
        if (state == "answered" && lab is not null && numbers.Count(lab) is (int done, int all) && done < all)
        {
            // An answer whose evidence is incomplete says so by itself, and stops saying so when the lab has run.
            state = "partly";
            missing = $"The lab '{lab}' has run {done} of its {all} cells (./sightline lab {lab}).";
        }
        foreach (string file in ((string?[])[f.Get("chapter"), code, f.Get("secondCode")]).OfType<string>().Where(file => !File.Exists(Path.Combine(root, file))))
        {
            state = state == "open" ? "open" : "partly";
            missing = $"{file} is not written yet. {missing}".Trim();
        }
        List<QuestionPart> parts = [.. f.List("parts").Select(p => ReadPart(path, p, numbers))];
        return new Question
        {
            Id = id,
            Slug = f.Need("slug"),
            Title = f.Need("title"),
            Text = f.Need("question"),
            State = state,
            Missing = missing,
            Meanwhile = f.Get("meanwhile"),
            Answer = f.Get("answer") is string answer ? numbers.Fill(answer.Trim()) : null,
            Sentence = f.Get("sentence"),
            Number = f.Get("number") is string number ? numbers.Fill(number) : null,
            Chapter = Existing(root, f.Get("chapter")),
            Code = Existing(root, code),
            SecondCode = Existing(root, f.Get("secondCode")),
            Core = code is null || core is null || !File.Exists(Path.Combine(root, code)) ? null : CodeRegion.Extract(root, code, core).TrimEnd(),
            Lab = lab,
            Exercise = f.Get("exercise") == "true",
            Parts = parts,
            Claims = [.. f.List("claims").Select(c => ReadClaim(path, c, numbers))],
        };
    }

    private static string? Existing(string root, string? path) => path is not null && File.Exists(Path.Combine(root, path)) ? path : null;

    private static QuestionPart ReadPart(string path, YamlNode node, LabNumbers numbers)
    {
        Fields f = new(path, node, ["id", "text", "answer", "code", "state"]);
        string? answer = f.Get("answer") is string a ? numbers.Fill(a) : null;
        return new QuestionPart(f.Need("id"), f.Need("text"), f.Get("state") ?? (answer is null ? "open" : "answered"), answer, f.Get("code") == "true");
    }

    private static Claim ReadClaim(string path, YamlNode node, LabNumbers numbers)
    {
        Fields f = new(path, node, ["text", "lab"]);
        string reference = f.Need("lab");
        Sightline.Labs.SeedStatistics? found = numbers.Find(reference);
        string[] names = reference.Split('/');
        ulong seed = found?.Seeds[0] ?? 1;
        return new Claim(
            f.Need("text"), reference, found is null ? null : Math.Round(found.Mean, 6), found?.ToString() ?? LabNumbers.NotYetRun,
            $"./sightline lab {names[0]} --cell {names[1]}/seed-{seed}",
            found is null ? null : string.Join(", ", found.Seeds), found?.Machine);
    }

    // A mapping with known keys only.
    private sealed class Fields
    {
        private readonly string path;
        private readonly YamlMappingNode map;

        public Fields(string path, YamlNode node, string[] known)
        {
            this.path = path;
            map = node as YamlMappingNode ?? throw new BadInputException("bad-yaml", "Expected keys and values here.", path, (int)node.Start.Line);
            foreach (YamlNode key in map.Children.Keys)
            {
                string name = ((YamlScalarNode)key).Value!;
                if (!known.Contains(name))
                    throw new BadInputException("unknown-key", $"Unknown key '{name}'.", path, (int)key.Start.Line, NearestName.Find(name, known) is string n ? $"Did you mean '{n}'?" : null);
            }
        }

        public int Line => (int)map.Start.Line;

        public string? Get(string key) => map.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? value) ? ((YamlScalarNode)value).Value : null;

        public string Need(string key) => Get(key) is { Length: > 0 } value ? value : throw new BadInputException("missing-key", $"The key '{key}' is missing.", path, Line);

        public IEnumerable<YamlNode> List(string key) => map.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? value) ? (YamlSequenceNode)value : [];
    }
}
