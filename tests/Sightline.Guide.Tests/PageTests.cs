using System.Text.RegularExpressions;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Sightline.Cli.Guide;
using Sightline.Cli.Guide.Writing;

namespace Sightline.Tests;

/// <summary>The README and everything below docs/: no code that does not run, no link that leads nowhere, chapters that keep their form.</summary>
public partial class PageTests
{
    private static readonly IReadOnlyList<Question> Questions = QuestionsYaml.Read(Repository.Root, new LabNumbers(Repository.Root));

    public static TheoryData<string> Pages => [.. GuideWriter.Pages(Repository.Root)];

    public static TheoryData<string> Chapters => [.. Questions.Select(q => q.Chapter).OfType<string>()];

    /// <summary>
    /// A block is the text of a source file (between code marks, which a test holds up to date), or a shell block, whose lines
    /// <see cref="PageCommandTests"/> runs.
    /// </summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void EveryCodeBlockIsSourceOrShell(string page)
    {
        string text = Repository.Read(page);
        foreach (FencedCodeBlock block in Markdown.Parse(text).Descendants<FencedCodeBlock>())
        {
            bool source = SourceMark().IsMatch(text[..block.Span.Start]); // GeneratedFilesAreUpToDate holds it equal to its source
            Assert.True(source || block.Info is "sh", $"{page}:{block.Line + 1}: a block of '{block.Info}' is neither the text of a source file (<!-- code: PATH#NAME -->) nor a shell block");
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void EveryLinkLeadsSomewhere(string page)
    {
        string folder = Path.GetDirectoryName(Repository.PathOf(page))!;
        foreach (LinkInline link in Markdown.Parse(Repository.Read(page)).Descendants<LinkInline>())
        {
            string url = link.Url ?? "";
            if (url.StartsWith("https://", StringComparison.Ordinal))
                continue;
            string[] parts = url.Split('#', 2);
            string target = parts[0].Length == 0 ? Repository.PathOf(page) : Path.GetFullPath(Path.Combine(folder, parts[0]));
            Assert.True(File.Exists(target) || Directory.Exists(target), $"{page}:{link.Line + 1}: {url} leads nowhere");
            if (parts.Length == 2)
                Assert.True(Anchors(File.ReadAllText(target)).Contains(parts[1]), $"{page}:{link.Line + 1}: {url} has no such place");
        }
    }

    [Theory]
    [MemberData(nameof(Chapters))]
    public void AChapterKeepsItsForm(string chapter)
    {
        Question q = Questions.First(q => q.Chapter == chapter);
        string text = Repository.Read(chapter);
        string[] headings = [.. Markdown.Parse(text).Descendants<HeadingBlock>().Select(h => string.Concat(h.Inline!.Descendants<LiteralInline>().Select(l => l.ToString())))];
        Assert.StartsWith($"{q.Id} · ", headings[0], StringComparison.Ordinal);
        string[] needed =
        [
            "Question", "Short answer", .. q.Parts.Select(p => p.Id), "Evidence", "Expected before the run", "Seen", "What contradicted it",
            "Wrong answers often heard", "Three follow-up questions", "What this does not show", "Rerun", "Rerun on your own data", "Sources",
        ];
        int at = 0;
        foreach (string heading in needed)
        {
            int found = Array.FindIndex(headings, at, h => h == heading || h.StartsWith(heading + " · ", StringComparison.Ordinal));
            Assert.True(found >= 0, $"{chapter}: the heading '{heading}' is missing or out of order");
            at = found + 1;
        }
        string prose = Comment().Replace(Fence().Replace(text, ""), "");
        int words = prose.Split((char[])[' ', '\n', '|'], StringSplitOptions.RemoveEmptyEntries).Count(w => w.Any(char.IsLetterOrDigit));
        Assert.True(words <= 2500, $"{chapter} has {words} words");
        Assert.Contains($"<!-- question: {q.Id} -->", text, StringComparison.Ordinal);
        Assert.Contains($"<!-- answer: {q.Id} -->", text, StringComparison.Ordinal);
        Assert.All(q.AllCode, code => Assert.True(text.Contains($"<!-- code: {code}", StringComparison.Ordinal), $"{chapter} shows nothing of {code}"));
        string followUps = Section(text, "Three follow-up questions");
        Assert.Equal(3, Regex.Count(followUps, @"(?m)^\d\. "));
        foreach (string wrong in Section(text, "Wrong answers often heard").Split("\n- ").Skip(1))
            Assert.True(wrong.Contains("sightline lab ", StringComparison.Ordinal) || wrong.Contains("dotnet run ", StringComparison.Ordinal), $"{chapter}: no run refutes: {wrong[..Math.Min(60, wrong.Length)]}");
    }

    [Theory]
    [MemberData(nameof(Chapters))]
    public void EveryPartHasAPassageUnderItsAnchor(string chapter)
    {
        string text = Repository.Read(chapter);
        foreach (QuestionPart part in Questions.First(q => q.Chapter == chapter).Parts)
        {
            Match passage = Regex.Match(text, $"""<a id="{part.Id}"></a>\n(.*?)(?=\n<a id=|\n## Evidence)""", RegexOptions.Singleline);
            Assert.True(passage.Success, $"{chapter} has no anchor {part.Id}");
            Assert.True(passage.Value.Split(' ').Length >= 60, $"{chapter}: the passage under {part.Id} is too short to answer anything");
            Assert.True(!part.NeedsCode || passage.Value.Contains("<!-- code: ", StringComparison.Ordinal), $"{chapter}: {part.Id} is a code part without code");
        }
    }

    /// <summary>An empirical claim quotes a number from labs/results/ (which the reader of the YAML resolves), and the chapter shows that number too.</summary>
    [Fact]
    public void ClaimsQuoteNumbersThatTheChapterShows()
    {
        foreach (Question q in Questions.Where(q => q.Chapter is not null))
        {
            string text = Repository.Read(q.Chapter!);
            Assert.NotEmpty(q.Claims);
            foreach (Claim claim in q.Claims)
            {
                string[] reference = claim.Lab.Split('/');
                bool shown = text.Contains($"<!-- lab: {claim.Lab} -->", StringComparison.Ordinal)
                    || Regex.Matches(text, @"<!-- table: (.*?) -->").Any(m => m.Groups[1].Value.Split('|', StringSplitOptions.TrimEntries) is [string lab, string groups, string metrics]
                        && lab == reference[0] && groups.Split(", ").Contains(reference[1]) && metrics.Split(", ").Contains(reference[2]));
                Assert.True(shown, $"{q.Chapter} does not show {claim.Lab}, which question {q.Id} claims");
            }
        }
    }

    [Theory]
    [InlineData("resnet/plain-56/trainError - resnet/plain-20/trainError > 0.05")]
    [InlineData("|resnet/plain-56/trainError - resnet/plain-20/trainError| < 0.05")]
    [InlineData("resnet/gradients-plain-56/firstToLast < 10")]
    [InlineData("resnet/plain-56/trainError / resnet/plain-20/trainError < 2")]
    public void VerdictsAreWorkedOut(string expression) =>
        Assert.Matches(@"^(not yet run|(held|failed) \(-?[0-9.]+( points)?\))$", Verdict.Of(expression, new LabNumbers(Repository.Root)));

    private static string Section(string text, string heading) =>
        Regex.Match(text, $@"(?m)^## {Regex.Escape(heading)}\n(.*?)(?=^## )", RegexOptions.Singleline | RegexOptions.Multiline).Groups[1].Value;

    private static HashSet<string> Anchors(string text) =>
    [
        .. Regex.Matches(text, @"<a id=""([^""]+)"">").Select(m => m.Groups[1].Value),
        .. Regex.Matches(text, @"(?m)^#+ (.*)$").Select(m => Regex.Replace(m.Groups[1].Value.ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-')),
    ];

    // Directly before a block, with nothing but white space between.
    [GeneratedRegex(@"<!-- code: [^\n]*? -->\s*\z")]
    private static partial Regex SourceMark();

    [GeneratedRegex(@"(?ms)^```.*?^```")]
    private static partial Regex Fence();

    [GeneratedRegex(@"(?s)<!--.*?-->")]
    private static partial Regex Comment();
}
