using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Terminal;
using Sightline.Injuries;

namespace Sightline.Cli.Practice;

/// <summary><c>sightline ask 1 --practice</c>: stored runs whose cause is known, to be diagnosed by a person. Loads no torch.</summary>
internal sealed class PracticeCommand
{
    /// <summary>The half of the stored runs that is asked: the one that rules are scored on.</summary>
    public const string Half = "unseen";

    private const int MostSeeds = 1_000_000;

    private readonly Option<bool> practice = new("--practice") { Description = "Question 1: read the curves of runs whose cause is known, and answer with a code. Answers come from standard input, one a line." };
    private readonly Option<int?> number = new("--n") { Description = "With --practice: how many runs (1); the end shows what you took for what.", HelpName = "N" };
    private readonly Option<ulong?> seed = new("--seed") { Description = "With --practice: choose the same runs as another with this seed.", HelpName = "N" };

    /// <summary>Its options, for a command that has it.</summary>
    public IEnumerable<Option> Options => [practice, number, seed];

    /// <summary>Runs it where it is asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="asked">The words of the question.</param>
    /// <param name="asJson">Whether the end is a document, and questions go to standard error.</param>
    /// <param name="cancellationToken">Ends it with the score so far.</param>
    /// <returns>The exit code; null where it is not asked for.</returns>
    public int? Run(ParseResult parsed, IReadOnlyList<string> asked, bool asJson, CancellationToken cancellationToken)
    {
        if (!parsed.GetValue(practice))
        {
            string? alone = parsed.GetValue(number) is not null ? number.Name : parsed.GetValue(seed) is not null ? seed.Name : null;
            return alone is null ? null : throw new BadInputException("usage", $"{alone} goes with --practice.", fix: "For example: sightline ask 1 --practice --n 20");
        }
        if (asked is not ["1"])
            throw new BadInputException("no-practice", "Only question 1 can be practised.", fix: "sightline ask 1 --practice");
        int n = parsed.GetValue(number) ?? 1;
        if (n < 1)
            throw new BadInputException("usage", $"{number.Name} {n.ToString(CultureInfo.InvariantCulture)} asks no run.", fix: "Give a number from 1 on.");
        var pool = PracticePool.Open(new RunStore(Path.Combine(Checkout.Require(practice.Name), "bench", "diagnosis")), Half);
        if (n > pool.Runs)
            throw new BadInputException("usage", $"{number.Name} {n.ToString(CultureInfo.InvariantCulture)} is more than the {pool.Runs} runs that can be asked.", fix: $"Give a number up to {pool.Runs}.");
        PracticePaper paper = pool.Draw(parsed.GetValue(seed) ?? (ulong)Random.Shared.Next(MostSeeds), n);
        TextWriter output = asJson ? Console.Error : Console.Out;
        PracticeResult result = new PracticeSession(Console.In, output, Console.IsInputRedirected).Run(paper, cancellationToken);
        PracticeScore.Print(output, result);
        if (asJson)
            JsonOutput.WriteObject(json => PracticeJson.Write(json, result));
        return result.End == PracticeEnd.Interrupted ? ExitCode.Interrupted : ExitCode.Done;
    }
}
