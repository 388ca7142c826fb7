using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Syntax;
using Sightline.Cli.Guide.Writing;

namespace Sightline.Tests;

/// <summary>
/// Every command that stands in the README or below docs/ is run, block by block, in a folder that looks like a checkout. What takes
/// long is made small by options more, which a mark before the block names, command by command: <c>&lt;!-- smaller: A | B --&gt;</c>.
/// <c>PATH</c> is a small set of images and <c>FILE</c> one of them.
/// </summary>
/// <remarks>
/// The blocks run two at a time, once for all tests: those of this assembly stand in a row, and each block is processes of its own.
/// </remarks>
public sealed partial class PageCommandTests(PageCommandTests.Runs runs) : IClassFixture<PageCommandTests.Runs>
{
    /// <summary>Page, line of the block, its commands, what makes each smaller.</summary>
    public static TheoryData<string, int, string[], string[]> Blocks
    {
        get
        {
            var blocks = new TheoryData<string, int, string[], string[]>();
            foreach (string page in GuideWriter.Pages(Repository.Root))
            {
                string text = Repository.Read(page);
                foreach (FencedCodeBlock block in Markdown.Parse(text).Descendants<FencedCodeBlock>().Where(b => b.Info == "sh"))
                {
                    string[] commands = [.. block.Lines.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
                    string[] smaller = SmallerMark().Match(text[..block.Span.Start]) is { Success: true } mark ? mark.Groups[1].Value.Split('|', StringSplitOptions.TrimEntries) : [];
                    blocks.Add(page, block.Line + 1, commands, smaller);
                }
            }
            return blocks;
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    [Trait("Category", "slow")]
    public void ABlockRuns(string page, int line, string[] commands, string[] smaller)
    {
        if (commands is ["./test"])
        {
            // Run by what every submission has to pass, which is how this test came to be run.
            Assert.Contains("./test ", Repository.Read(".ci/run"), StringComparison.Ordinal);
            return;
        }
        if (commands is ["./sightline demo"])
        {
            Assert.Contains("SightlineProcess.Run(\"demo\"", Repository.Read("tests/Sightline.Answers.Tests/DemoTests.cs"), StringComparison.Ordinal);
            return;
        }
        Assert.True(smaller.Length == 0 || smaller.Length == commands.Length, $"{page}:{line}: the mark names {smaller.Length} additions for {commands.Length} commands");
        runs.Require(page, line);
    }

    /// <summary>What came of each block.</summary>
    public sealed class Runs
    {
        private const int AtOnce = 2;

        private readonly Lazy<ConcurrentDictionary<(string Page, int Line), ExceptionDispatchInfo?>> all = new(All);

        /// <summary>Fails, or is skipped, as the block did; runs all blocks when first asked.</summary>
        public void Require(string page, int line) => all.Value[(page, line)]?.Throw();

        private static ConcurrentDictionary<(string Page, int Line), ExceptionDispatchInfo?> All()
        {
            var ended = new ConcurrentDictionary<(string, int), ExceptionDispatchInfo?>();
            Parallel.ForEach(Blocks.Select(row => row.Data), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, block =>
            {
                (string page, int line, string[] commands, string[] smaller) = block;
                try
                {
                    if (commands is not (["./test"] or ["./sightline demo"]))
                    {
                        using var place = new Place();
                        place.Run(page, line, commands, smaller);
                    }
                    ended[(page, line)] = null;
                }
                catch (Exception exception)
                {
                    ended[(page, line)] = ExceptionDispatchInfo.Capture(exception);
                }
            });
            return ended;
        }
    }

    /// <summary>A folder that looks like a checkout.</summary>
    private sealed class Place : IDisposable
    {
        private readonly string place = Path.Combine(Path.GetTempPath(), $"page-{Guid.NewGuid():N}");

        public Place()
        {
            Directory.CreateDirectory(Folder);
            File.CreateSymbolicLink(Path.Combine(Folder, "recipes"), Repository.PathOf("recipes"));
            if (Directory.Exists(Repository.PathOf("../shared")))
                File.CreateSymbolicLink(Path.Combine(place, "shared"), Repository.PathOf("../shared"));
            TwoClasses.Write(Path.Combine(Folder, "images"), perClass: 80);
        }

        private string Folder => Path.Combine(place, "checkout");

        public void Dispose() => Directory.Delete(place, recursive: true);

        public void Run(string page, int line, string[] commands, string[] smaller)
        {
            for (int i = 0; i < commands.Length; i++)
            {
                if (commands[i].Contains("../shared/", StringComparison.Ordinal) && !Directory.Exists(Repository.PathOf("../shared/data")))
                    Assert.Skip($"{page}:{line}: '{commands[i]}' needs the shared data");
                SightlineProcess run = SightlineProcess.Start("sh", ["-c", Here($"{commands[i]} {smaller.ElementAtOrDefault(i)}".TrimEnd())], Folder,
                    new Dictionary<string, string> { ["SIGHTLINE_DATA"] = Path.Combine(Folder, "data") });
                Assert.True(run.ExitCode == 0, $"{page}:{line}: {commands[i]} ended with {run.ExitCode}: {run.Error}{run.Output}");
            }
        }

        // The built programs in the place of what would build first.
        private string Here(string command)
        {
            command = command.Replace("./sightline", $"dotnet '{SightlineProcess.Assembly}'", StringComparison.Ordinal)
                .Replace("PATH", Path.Combine(Folder, "images"), StringComparison.Ordinal).Replace("FILE", Path.Combine(Folder, "images", "dark", "0.png"), StringComparison.Ordinal);
            return AnswerRun().Replace(command, m => $"dotnet '{AnswerProgram.Built(m.Groups[1].Value)}'");
        }
    }

    [GeneratedRegex(@"<!-- smaller: ([^\n]*?) -->\s*\z")]
    private static partial Regex SmallerMark();

    // Up to and with the "--" that keeps the arguments from dotnet.
    [GeneratedRegex(@"dotnet run (answers/[\w-]+\.cs)(?: --(?= |$))?")]
    private static partial Regex AnswerRun();
}
