using Sightline.Cli.Terminal;
using Sightline.Injuries;

namespace Sightline.Cli.Practice;

/// <summary>The end of a paper: how often who was right, and what was taken for what.</summary>
internal static class PracticeScore
{
    private const string Gap = "  ";

    /// <summary>Prints it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="result">The paper with its answers.</param>
    public static void Print(TextWriter output, PracticeResult result)
    {
        PracticePaper paper = result.Paper;
        string again = CommandName.Typable($"sightline ask 1 --practice --n {paper.Questions.Count} --seed {paper.Seed}");
        output.WriteLine();
        output.WriteLine($"{result.Answered.Count} of {paper.Questions.Count} {(paper.Questions.Count == 1 ? "run" : "runs")} answered, chosen from {paper.Pool}. The same paper: {again}");
        if (result.Answered.Count == 0 || paper.Questions.Count == 1)
            return;
        output.WriteLine();
        Table(output, ["", "right", "healthy called sick"], [.. PracticeJudge.All.Select(j => (IReadOnlyList<string>)[j.Name, Of(result.Right(j)), Of(result.FalseAlarms(j))])]);
        output.WriteLine();
        PracticeJudge[] compared = [.. PracticeJudge.All.Take(3)];
        Table(output, ["it was", "", .. compared.Select(j => $"{j.Name} said")], [.. result.Causes.SelectMany(c => Rows(result, compared, c))]);
    }

    // As many lines as the one who said the most different things needs.
    private static IEnumerable<IReadOnlyList<string>> Rows(PracticeResult result, PracticeJudge[] judges, string cause)
    {
        string[][] said = [.. judges.Select(j => result.Confusion(j, cause).Select(c => $"{c.Runs} {(c.Said == cause ? "right" : c.Said)}").ToArray())];
        int runs = result.Answered.Count(a => a.Question.Cause == cause);
        return Enumerable.Range(0, said.Max(s => s.Length)).Select(line => (IReadOnlyList<string>)[line == 0 ? cause : "", line == 0 ? $"{runs}" : "", .. said.Select(s => line < s.Length ? s[line] : "")]);
    }

    private static string Of(Rate rate) => rate.Of == 0 ? "–" : $"{rate.Hits} of {rate.Of}  {rate}";

    private static void Table(TextWriter output, IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        int[] widths = [.. headings.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max())];
        foreach (IReadOnlyList<string> row in rows.Prepend(headings))
            output.WriteLine(string.Join(Gap, row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
    }
}
