using Sightline.Cli.Terminal;

namespace Sightline.Cli.Guide;

/// <summary>Prints a question with its answer for people.</summary>
internal static class QuestionPrinter
{
    private const int Columns = 100;

    /// <summary>Prints the question, the answer, the core of the code, the numbers with seed and machine, the command to rerun.</summary>
    /// <param name="q">The question.</param>
    /// <param name="output">Where to.</param>
    public static void Print(Question q, TextWriter output)
    {
        output.WriteLine($"{q.Id} · {q.Title}  [{q.State}]");
        Wrap(output, q.Text, "");
        output.WriteLine();
        if (q.Answer is not null)
        {
            foreach (string paragraph in q.Answer.Split("\n\n"))
            {
                Wrap(output, paragraph, "");
                output.WriteLine();
            }
        }
        foreach (QuestionPart part in q.Parts)
            Wrap(output, $"{part.Id}  {part.Text}{(part.State == "answered" ? "" : "  [open]")}", "  ", hanging: 7);
        output.WriteLine();
        if (q.State != "answered" && q.Missing is not null)
            Wrap(output, CommandName.Typable("Missing: " + q.Missing), "");
        if (q.State != "answered" && q.Meanwhile is not null)
            Wrap(output, CommandName.Typable("Meanwhile: " + q.Meanwhile), "");
        if (q.Core is not null)
        {
            output.WriteLine($"From {q.Code}:");
            output.WriteLine();
            foreach (string line in q.Core.Split('\n'))
                output.WriteLine(line.Length == 0 ? "" : "    " + line);
            output.WriteLine();
        }
        if (q.Claims.Count > 0)
        {
            output.WriteLine("Numbers:");
            foreach (Claim claim in q.Claims)
                Wrap(output, $"{claim.Text} {claim.Shown}{(claim.Seeds is null ? "" : $", seeds {claim.Seeds}")}", "  ", hanging: 4);
            foreach (string machine in q.Claims.Select(c => c.Machine).OfType<string>().Distinct())
                output.WriteLine($"  On: {machine}");
            output.WriteLine();
        }
        foreach (string code in q.AllCode)
            output.WriteLine($"Run the code:  dotnet run {code}");
        if (q.Lab is not null)
            output.WriteLine(CommandName.Typable($"Rerun numbers: sightline lab {q.Lab} --plan, sightline lab {q.Lab} --cell {CellOf(q)}"));
        if (q.Chapter is not null)
            output.WriteLine($"Whole answer:  {q.Chapter}");
        if (q.Exercise && q.State != "open")
            output.WriteLine(CommandName.Typable($"Exercise:      sightline ask {q.Id} --exercise DIR"));
    }

    /// <summary>Writes text in lines of at most a hundred columns.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="text">The text; its own line breaks do not count.</param>
    /// <param name="indent">What each line starts with.</param>
    /// <param name="hanging">Further spaces before all lines but the first.</param>
    public static void Wrap(TextWriter output, string text, string indent, int hanging = 0)
    {
        var line = new System.Text.StringBuilder(indent);
        bool empty = true;
        foreach (string word in text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!empty && line.Length + 1 + word.Length > Columns)
            {
                output.WriteLine(line.ToString());
                line.Clear().Append(indent).Append(' ', hanging);
                empty = true;
            }
            if (!empty)
                line.Append(' ');
            line.Append(word);
            empty = false;
        }
        output.WriteLine(line.ToString());
    }

    private static string CellOf(Question q) => q.Claims.Count > 0 ? q.Claims[0].Command.Split(" --cell ")[^1] : "ID";
}
