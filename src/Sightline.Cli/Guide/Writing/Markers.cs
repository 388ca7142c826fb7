using System.Text;
using System.Text.RegularExpressions;
using Sightline.Labs;

namespace Sightline.Cli.Guide.Writing;

/// <summary>
/// Fills the marked places of a page. A place is <c>&lt;!-- KIND: ARGUMENT --&gt; … &lt;!-- /KIND --&gt;</c>; what stands between is
/// replaced, the marks stay, so a page can be read as it is and generated again.
/// </summary>
/// <remarks>
/// Kinds: <c>code</c> (PATH or PATH#NAME), <c>lab</c> (LAB/GROUP/METRIC, a number in a sentence), <c>table</c>
/// (LAB | GROUP, GROUP | METRIC, METRIC), <c>question</c> and <c>answer</c> (a number), <c>part</c> (a part's words), <c>questions</c> and
/// <c>index</c> (the tables of README and guide), <c>machine</c> (LAB: where its numbers come from), <c>plan</c> (LAB: its expected minutes),
/// <c>verdict</c> (an expectation: whether it held).
/// </remarks>
internal sealed partial class Markers(string root, IReadOnlyList<Question> questions, LabNumbers numbers)
{
    /// <summary>Fills all places of a page.</summary>
    /// <param name="page">The page's path from the root; links are written relative to it.</param>
    /// <param name="text">The page.</param>
    /// <returns>The page, filled.</returns>
    /// <exception cref="BadInputException">A mark has no end, or names what does not exist.</exception>
    public string Fill(string page, string text)
    {
        foreach (Match open in Open().Matches(text))
        {
            if (!text[open.Index..].Contains($"<!-- /{open.Groups[1].Value} -->", StringComparison.Ordinal))
                throw new BadInputException("open-marker", $"The mark '{open.Value}' has no end.", page, 1 + text[..open.Index].Count(c => c == '\n'));
        }
        return Place().Replace(text, m =>
        {
            string kind = m.Groups[1].Value, argument = m.Groups[2].Value.Trim();
            string content = kind switch
            {
                "lab" => numbers.Find(argument)?.Short() ?? LabNumbers.NotYetRun,
                "code" => Code(argument),
                "table" => Table(argument),
                "question" => $"\n> {One(argument).Text}\n",
                "answer" => $"\n{One(argument).Answer}\n",
                "part" => questions.SelectMany(q => q.Parts).First(p => p.Id == argument).Text,
                "questions" => QuestionTable.ForReadme(questions, page),
                "index" => QuestionTable.ForIndex(questions, page),
                "machine" => Machine(argument),
                "plan" => Plan(argument),
                "verdict" => Verdict.Of(argument.Replace("\\|", "|", StringComparison.Ordinal), numbers),
                _ => throw new BadInputException("unknown-marker", $"There is no mark '{kind}'.", page),
            };
            return $"<!-- {kind}: {argument} -->{content}<!-- /{kind} -->";
        });
    }

    private Question One(string id) => questions.First(q => q.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) == id);

    private string Code(string argument)
    {
        string[] parts = argument.Split('#', 2);
        string language = Path.GetExtension(parts[0]) switch { ".cs" => "csharp", ".yaml" => "yaml", ".json" => "json", ".sh" or "" => "sh", string other => other.TrimStart('.') };
        return $"\n```{language}\n{CodeRegion.Extract(root, parts[0], parts.Length > 1 ? parts[1] : null)}```\n";
    }

    private string Table(string argument)
    {
        string[][] columns = [.. argument.Split('|').Select(c => c.Split(',', StringSplitOptions.TrimEntries))];
        string lab = columns[0][0];
        var table = new StringBuilder("\n\n| setting | ");
        table.AppendJoin(" | ", columns[2].Select(Words)).Append(" | seeds |\n| --- |").Append(string.Concat(columns[2].Select(_ => " ---: |"))).Append(" ---: |\n");
        foreach (string group in columns[1])
        {
            SeedStatistics?[] row = [.. columns[2].Select(metric => numbers.Find($"{lab}/{group}/{metric}"))];
            table.Append("| ").Append(group).Append(" | ").AppendJoin(" | ", row.Select(s => s?.Short() ?? LabNumbers.NotYetRun))
                .Append(" | ").Append(row[0]?.Values.Count ?? 0).Append(" |\n");
        }
        return table.Append('\n').ToString();
    }

    private string Machine(string lab)
    {
        IReadOnlyList<LabRecord> records = numbers.Of(lab).Records;
        if (records.Count == 0)
            return $"No cell of the lab `{lab}` has run yet.";
        IEnumerable<string> machines = records.Select(r => $"{r.Machine.Line} ({r.Machine.Features}), {r.Precision}").Distinct();
        string minutes = (records.Sum(r => r.Seconds) / 60).ToString("0", System.Globalization.CultureInfo.InvariantCulture);
        (int done, int all) = numbers.Count(lab);
        return $"{done} of {all} cells have run, {minutes} minutes in all, on {string.Join("; ", machines)}.";
    }

    private static string Plan(string lab)
    {
        IReadOnlyList<LabCell> cells = Lab.Find(lab).Cells();
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{cells.Count} cells, about {cells.Sum(c => c.Minutes):0} minutes on two idle cores");
    }

    // trainError → train error
    private static string Words(string camel) => string.Concat(camel.Select(c => char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));

    [GeneratedRegex(@"<!-- (code|lab|table|question|answer|part|questions|index|machine|plan|verdict): (.*?) -->(.*?)<!-- /\1 -->", RegexOptions.Singleline)]
    private static partial Regex Place();

    [GeneratedRegex(@"<!-- (code|lab|table|question|answer|part|questions|index|machine|plan|verdict): .*? -->")]
    private static partial Regex Open();
}
