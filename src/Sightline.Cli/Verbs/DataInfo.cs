using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Datasets;
using Sightline.Datasets.Audit;

namespace Sightline.Cli.Verbs;

/// <summary>Prints what an audit found, for people and for programs.</summary>
internal static class DataInfo
{
    private const int SizesShown = 5, ClassesShown = 40, ProblemsShown = 20;

    /// <summary>Prints it for people.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="report">The report.</param>
    /// <param name="fingerprint">The set's fingerprint.</param>
    public static void Print(TextWriter output, DataAuditReport report, string fingerprint)
    {
        ImageSet set = report.Set;
        output.WriteLine($"{set.Root}: {set.Format}");
        output.WriteLine($"  {set.Evidence}");
        output.WriteLine();
        PrintCounts(output, report);
        output.WriteLine();
        string sizes = string.Join(", ", report.Sizes.Take(SizesShown).Select(s => $"{s.Width}×{s.Height} ({s.Images})"));
        output.WriteLine($"sizes        {(sizes.Length == 0 ? "-" : sizes)}{(report.Sizes.Count > SizesShown ? $", {report.Sizes.Count - SizesShown} more" : "")}");
        output.WriteLine($"mean         {Numbers(report.Mean)}   std {Numbers(report.Std)}   (R, G, B of {(report.StatisticsOf.Length == 0 ? "all images" : report.StatisticsOf)}, 0–1)");
        output.WriteLine($"duplicates   {report.Duplicates.Count(d => d.AcrossSplits)} across splits, {report.Duplicates.Count(d => !d.AcrossSplits)} within");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"unusable     {report.Unusable} ({100 * report.UnusableShare:0.##} %)"));
        output.WriteLine($"fingerprint  {fingerprint}");
        output.WriteLine();
        foreach (DataProblem problem in report.Problems.Take(ProblemsShown))
        {
            output.WriteLine($"{(problem.StopsTraining ? "STOPS TRAINING" : "note")} [{problem.Code}] {problem.Path}{(problem.Line is int line ? $":{line}" : "")}: {problem.Message}");
            output.WriteLine($"  {problem.Fix}");
        }
        if (report.Problems.Count > ProblemsShown)
            output.WriteLine($"… and {report.Problems.Count - ProblemsShown} more; all: --json");
        output.WriteLine(report.StopsTraining ? "Training would stop on this set." : "Training can start on this set.");
    }

    /// <summary>Writes it for programs.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="report">The report.</param>
    /// <param name="fingerprint">The set's fingerprint.</param>
    public static void WriteJson(Utf8JsonWriter json, DataAuditReport report, string fingerprint)
    {
        ImageSet set = report.Set;
        json.WriteString("format", set.Format);
        json.WriteString("root", set.Root);
        json.WriteString("evidence", set.Evidence);
        json.WriteString("fingerprint", fingerprint);
        json.WriteNumber("images", report.Counts.Values.Sum(c => c.Sum()));
        json.WriteNumber("unusable", report.Unusable);
        json.WriteBoolean("stopsTraining", report.StopsTraining);
        json.WriteStrings("classes", set.Classes);
        json.WriteStartObject("splits");
        foreach ((string split, IReadOnlyList<int> counts) in report.Counts)
        {
            json.WriteStartObject(split.Length == 0 ? "all" : split);
            json.WriteNumber("images", counts.Sum());
            json.WriteStartObject("classes");
            foreach ((int label, string name) in set.Classes.Index())
                json.WriteNumber(name, counts[label]);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteObjects("sizes", report.Sizes, size =>
        {
            json.WriteNumber("width", size.Width);
            json.WriteNumber("height", size.Height);
            json.WriteNumber("images", size.Images);
        });
        WriteNumbers(json, "mean", report.Mean);
        WriteNumbers(json, "std", report.Std);
        WriteDuplicates(json, report);
        WriteProblems(json, report);
    }

    private static void PrintCounts(TextWriter output, DataAuditReport report)
    {
        ImageSet set = report.Set;
        string[] splits = [.. report.Counts.Keys];
        int wide = Math.Clamp(set.Classes.Select(c => c.Length).DefaultIfEmpty(0).Max(), 11, 40);
        output.WriteLine("class".PadRight(wide) + string.Concat(splits.Select(s => $"  {(s.Length == 0 ? "images" : s),8}")));
        foreach ((int label, string name) in set.Classes.Index().Take(ClassesShown))
            output.WriteLine(name.PadRight(wide) + string.Concat(splits.Select(s => $"  {report.Counts[s][label],8}")));
        if (set.Classes.Count > ClassesShown)
            output.WriteLine($"… {set.Classes.Count - ClassesShown} more");
        output.WriteLine("all".PadRight(wide) + string.Concat(splits.Select(s => $"  {report.Counts[s].Sum(),8}")));
    }

    private static void WriteDuplicates(Utf8JsonWriter json, DataAuditReport report)
    {
        json.WriteStartObject("duplicates");
        json.WriteNumber("acrossSplits", report.Duplicates.Count(d => d.AcrossSplits));
        json.WriteNumber("withinSplit", report.Duplicates.Count(d => !d.AcrossSplits));
        json.WriteStartArray("groups");
        foreach (DuplicateGroup group in report.Duplicates)
        {
            json.WriteStartArray();
            foreach (int sample in group.Samples)
                json.WriteStringValue(report.Set.Samples[sample].Name);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteProblems(Utf8JsonWriter json, DataAuditReport report)
    {
        json.WriteObjects("problems", report.Problems, problem =>
        {
            json.WriteString("code", problem.Code);
            json.WriteString("path", problem.Path);
            if (problem.Line is int line)
                json.WriteNumber("line", line);
            json.WriteString("message", problem.Message);
            json.WriteString("fix", problem.Fix);
            json.WriteBoolean("stopsTraining", problem.StopsTraining);
        });
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<double> numbers)
    {
        json.WriteNumbers(name, numbers.Select(number => Math.Round(number, 6)));
    }

    private static string Numbers(IReadOnlyList<double> numbers) => string.Join(" ", numbers.Select(n => n.ToString("0.0000", CultureInfo.InvariantCulture)));
}
