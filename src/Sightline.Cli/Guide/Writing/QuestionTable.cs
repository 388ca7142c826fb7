using System.Text;

namespace Sightline.Cli.Guide.Writing;

/// <summary>The tables of the nineteen questions.</summary>
internal static class QuestionTable
{
    /// <summary>The README's table: number, question, answer in one sentence, the number that carries it, links.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="page">The page's path from the root.</param>
    /// <returns>Markdown.</returns>
    public static string ForReadme(IReadOnlyList<Question> questions, string page)
    {
        var table = new StringBuilder($"\n\nAnswered: {questions.Count(q => q.State == "answered")}. In part: {questions.Count(q => q.State == "partly")}. Open: {questions.Count(q => q.State == "open")}; of these the [guide](docs/guide/README.md) says what is missing, and what helps meanwhile.\n\n| | question | answer in one sentence | the number that carries it | |\n| ---: | --- | --- | --- | --- |\n");
        foreach (Question q in questions)
        {
            table.Append("| ").Append(q.Id).Append(" | **").Append(q.Title).Append("** ").Append(q.Text).Append(" | ")
                .Append(q.Sentence ?? "*open*").Append(" | ").Append(q.Number ?? "").Append(" | ").Append(Links(q, page)).Append(" |\n");
        }
        return table.Append('\n').ToString();
    }

    /// <summary>The guide's index: each question with its parts and their state.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="page">The page's path from the root.</param>
    /// <returns>Markdown.</returns>
    public static string ForIndex(IReadOnlyList<Question> questions, string page)
    {
        var index = new StringBuilder("\n\n");
        foreach (Question q in questions)
        {
            index.Append("## ").Append(q.Id).Append(" · ").Append(q.Title).Append("\n\n").Append(q.Text).Append("\n\n");
            foreach (QuestionPart part in q.Parts)
            {
                string text = q.Chapter is not null && part.State == "answered" ? $"[{part.Text}]({Relative(page, q.Chapter)}#{part.Id})" : part.Text;
                index.Append("- **").Append(part.Id).Append("** ").Append(text).Append(part.State == "answered" ? "" : " *open*").Append('\n');
            }
            index.Append('\n');
            string links = Links(q, page);
            if (links.Length > 0)
                index.Append("State: ").Append(q.State).Append(". ").Append(links).Append("\n\n");
            else
                index.Append("State: ").Append(q.State).Append(".\n\n");
            if (q.State != "answered" && q.Missing is not null)
                index.Append("Missing: ").Append(q.Missing).Append("\n\n");
            if (q.State != "answered" && q.Meanwhile is not null)
                index.Append("Meanwhile: ").Append(q.Meanwhile).Append("\n\n");
        }
        return index.ToString();
    }

    private static string Links(Question q, string page)
    {
        var links = new List<string>();
        if (q.Chapter is not null)
            links.Add($"[answer]({Relative(page, q.Chapter)})");
        foreach (string code in q.AllCode)
            links.Add($"[code]({Relative(page, code)})");
        if (q.Chapter is not null && q.Lab is not null)
            links.Add($"[rerun]({Relative(page, q.Chapter)}#rerun)");
        return string.Join(" · ", links);
    }

    private static string Relative(string page, string target) =>
        Path.GetRelativePath(Path.GetDirectoryName("/" + page)!, "/" + target).Replace('\\', '/');
}
