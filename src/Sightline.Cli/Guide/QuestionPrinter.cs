using Sightline.Cli.Terminal;

namespace Sightline.Cli.Guide;

/// <summary>Prints a question with its answer for people.</summary>
internal static class QuestionPrinter
{
    /// <summary>Prints the question, the answer, the core of the code, the numbers with seed and machine, the command to rerun.</summary>
    /// <param name="q">The question.</param>
    /// <param name="output">Where to.</param>
    public static void Print(Question q, TextWriter output)
    {
        output.WriteLine($"{q.Id} · {q.Title}  [{q.State}]");
        WrappedText.Write(output, q.Text, "");
        output.WriteLine();
        if (q.Answer is not null)
        {
            foreach (string paragraph in q.Answer.Split("\n\n"))
            {
                WrappedText.Write(output, paragraph, "");
                output.WriteLine();
            }
        }
        foreach (QuestionPart part in q.Parts)
            WrappedText.Write(output, $"{part.Id}  {part.Text}{(part.State == "answered" ? "" : "  [open]")}", "  ", hanging: 7);
        output.WriteLine();
        if (q.State != "answered" && q.Missing is not null)
            WrappedText.Write(output, CommandName.Typable("Missing: " + q.Missing), "");
        if (q.State != "answered" && q.Meanwhile is not null)
            WrappedText.Write(output, CommandName.Typable("Meanwhile: " + q.Meanwhile), "");
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
                WrappedText.Write(output, $"{claim.Text} {claim.Shown}{(claim.Seeds is null ? "" : $", seeds {claim.Seeds}")}", "  ", hanging: 4);
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

    private static string CellOf(Question q) => q.Claims.Count > 0 ? q.Claims[0].Command.Split(" --cell ")[^1] : "ID";
}
