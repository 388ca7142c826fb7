using Sightline.Cli.Guide;
using Sightline.Cli.Guide.Writing;

namespace Sightline.Tests;

/// <summary>questions.yaml: all nineteen, all 54 parts, and what a state promises.</summary>
public class QuestionsTests
{
    private static readonly IReadOnlyList<Question> Questions = QuestionsYaml.Read(Repository.Root, new LabNumbers(Repository.Root));

    // Parts of each question, from 1 to 19, as the questions were put.
    private static readonly int[] Parts = [2, 2, 2, 3, 3, 1, 2, 4, 3, 4, 4, 4, 5, 2, 4, 1, 3, 1, 4];

    [Fact]
    public void NineteenInOrderWithFiftyFourParts()
    {
        Assert.Equal(Enumerable.Range(1, 19), Questions.Select(q => q.Id));
        Assert.Equal(Parts, Questions.Select(q => q.Parts.Count));
        Assert.Equal(54, Questions.Sum(q => q.Parts.Count));
        Assert.All(Questions, q => Assert.Equal(Enumerable.Range(0, q.Parts.Count).Select(i => $"{q.Id}{(char)('a' + i)}"), q.Parts.Select(p => p.Id)));
        Assert.Equal([11, 12, 13, 15, 17, 18], Questions.Where(q => q.Exercise).Select(q => q.Id));
        Assert.Equal(["10d", "11d", "12d", "13d", "17c", "19a", "19b"], Questions.SelectMany(q => q.Parts).Where(p => p.NeedsCode).Select(p => p.Id));
    }

    [Fact]
    public void StatesKeepTheirPromises()
    {
        foreach (Question q in Questions)
        {
            if (q.State == "open")
            {
                Assert.True(q.Missing is not null && q.Meanwhile is not null, $"{q.Id} is open: say what is missing and where to look meanwhile");
                Assert.True(q.Answer is null && q.Claims.Count == 0, $"{q.Id} is open and yet answers");
            }
            if (q.State == "partly")
                Assert.True(q.Missing is not null, $"{q.Id} is partly answered: say what is missing");
            if (q.State == "answered")
            {
                Assert.True(q is { Answer: not null, Sentence: not null, Number: not null, Chapter: not null }, $"{q.Id} is answered without answer, sentence, number or chapter");
                Assert.All(q.Parts, p => Assert.True(p is { State: "answered", Answer: not null }, $"{p.Id} of an answered question is not"));
                Assert.All(q.Claims, c => Assert.True(c.Value is not null, $"'{c.Text}' quotes {c.Lab}, which has not run"));
                Assert.DoesNotContain(LabNumbers.NotYetRun, q.Answer + q.Number, StringComparison.Ordinal);
            }
            if (q.Answer is not null)
                Assert.InRange(Words(q.Answer), 1, 150);
        }
    }

    [Fact]
    public void CodePartsHaveFilesWithinTheirLimit()
    {
        foreach (Question q in Questions.Where(q => q.State != "open" && q.Parts.Any(p => p.NeedsCode) && q.Code is not null))
        {
            foreach (string code in q.AllCode)
            {
                int lines = File.ReadAllLines(Repository.PathOf(code)).Length;
                Assert.True(lines <= (q.Id is 17 or 19 ? 250 : 150), $"{code} has {lines} lines");
            }
            Assert.True(q.Core is { Length: > 0 }, $"{q.Id} shows no core of its code");
        }
    }

    [Fact]
    public void GeneratedFilesAreUpToDate()
    {
        foreach ((string path, string text) in GuideWriter.Generate(Repository.Root))
            Assert.True(Repository.Read(path) == text, $"{path} is stale: run ./sightline ask --write-docs");
    }

    [Fact]
    public void TheEmbeddedBookSaysWhatTheFileSays()
    {
        IReadOnlyList<Question> book = QuestionBook.Load();
        Assert.Equal(Questions.Count, book.Count);
        foreach ((Question expected, Question actual) in Questions.Zip(book))
        {
            Assert.Equal(expected with { Parts = [], Claims = [] }, actual with { Parts = [], Claims = [] });
            Assert.Equal(expected.Parts, actual.Parts);
            Assert.Equal(expected.Claims, actual.Claims);
        }
    }

    private static int Words(string text) => text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Length;
}
