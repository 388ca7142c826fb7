using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Torch;
using Sightline.Training.Comparison;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline compare</c>: runs beside each other, and whether they differ by more than chance.</summary>
internal static class CompareVerb
{
    private const int PlotWidth = 60, PlotHeight = 8;

    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var runs = new Argument<string[]>("runs") { Description = "Run folders, two or more; the first is what the others are held against.", Arity = ArgumentArity.OneOrMore };
        var curves = new Option<bool>("--curves-only") { Description = "Compare logs and recipes alone: no network is run, no image read." };
        var split = new Option<string?>("--split") { Description = "Which images the networks are run over: val or test; by default val, else test." };
        var page = new Option<string?>("--html") { Description = "Write the comparison as a page to this file, curves over each other.", HelpName = "FILE" };
        var json = CommonOptions.Json();
        var command = new Command("compare", "Compare runs: curves, keys that differ, and whether they decide the same images differently by more than chance. Example: sightline compare runs/first runs/second --html compare.html")
        {
            runs, curves, split, page, json,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => Run(parsed.GetValue(runs)!, parsed.GetValue(curves), parsed.GetValue(split), parsed.GetValue(page), parsed.GetValue(json), cancellationToken), CancellationToken.None));
        return command;
    }

    private static int Run(string[] runs, bool curvesOnly, string? split, string? page, bool json, CancellationToken cancellationToken)
    {
        if (split is not (null or "val" or "test"))
            throw new BadInputException("usage", $"--split is '{split}'; expected val or test.");
        if (curvesOnly && split is not null)
            throw new BadInputException("usage", "--split says which images are decided, and --curves-only that none are.", fix: "Leave one of them out.");
        using var progress = new ProgressReporter();
        if (!curvesOnly)
            Allocator.Configure();
        RunComparison comparison = RunComparer.Compare(runs, !curvesOnly, split, progress, cancellationToken);
        if (page is not null)
            ComparisonPage.Write(page, comparison);
        if (json)
            JsonOutput.WriteObject(w => WriteJson(w, comparison));
        else
            Print(comparison, curvesOnly);
        if (page is not null)
            Messages.Note($"Written: {page}");
        return ExitCode.Done;
    }

    private static void Print(RunComparison comparison, bool curvesOnly)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        int width = Math.Max(3, comparison.Runs.Max(r => r.Name.Length));
        Console.Out.WriteLine($"{"run".PadRight(width)}  best val top-1  epoch  val loss  last train loss  epochs  seconds");
        foreach (ComparedRun run in comparison.Runs)
        {
            string best = run.Best is { } b ? string.Create(c, $"{b.ValTop1,14:0.0000}  {b.Epoch,5}  {b.ValLoss,8:0.0000}") : $"{"–",14}  {"–",5}  {"–",8}";
            Console.Out.WriteLine(string.Create(c, $"{run.Name.PadRight(width)}  {best}  {run.Epochs[^1].TrainLoss,15:0.0000}  {run.Epochs.Count,6}  {run.Seconds,7:0}"));
        }
        IReadOnlyList<string> plot = CurvePlot.Draw([.. comparison.Runs.Select(r => r.Epochs.Select(e => ((double)e.Epoch, e.ValTop1)).ToArray())], PlotWidth, PlotHeight, v => v.ToString("0.000", c));
        if (plot.Count > 0)
        {
            Console.Out.WriteLine("\nvalidation top-1 over epochs, all runs");
            foreach (string line in plot)
                Console.Out.WriteLine(line);
        }
        Console.Out.WriteLine(comparison.Differences.Count == 0 ? "\nThe same recipe." : "\ndiffers in");
        int key = comparison.Differences.Select(d => d.Key.Length).DefaultIfEmpty(0).Max();
        foreach (RecipeDifference difference in comparison.Differences)
            Console.Out.WriteLine($"  {difference.Key.PadRight(key)}  {string.Join("  |  ", difference.Values)}");
        Console.Out.WriteLine();
        if (!curvesOnly || comparison.Settings.Count > 0)
        {
            foreach (string line in ComparisonText.Verdicts(comparison))
                Console.Out.WriteLine(line);
        }
        foreach (string note in comparison.Notes)
            Messages.Note(note);
    }

    private static void WriteJson(Utf8JsonWriter json, RunComparison comparison)
    {
        json.WriteObjects("runs", comparison.Runs, run =>
        {
            json.WriteString("run", run.Folder);
            json.WriteString("name", run.Name);
            json.WriteNumber("epochs", run.Epochs.Count);
            json.WriteNumber("seconds", run.Seconds);
            if (run.Best is { } best)
            {
                json.WriteNumber("bestTop1", best.ValTop1);
                json.WriteNumber("bestEpoch", best.Epoch);
                json.WriteNumber("valLoss", best.ValLoss);
            }
        });
        json.WriteObjects("differences", comparison.Differences, difference =>
        {
            json.WriteString("key", difference.Key);
            json.WriteStartArray("values");
            foreach (string value in difference.Values)
                json.WriteStringValue(value);
            json.WriteEndArray();
        });
        json.WriteObjects("pairs", comparison.Pairs, pair =>
        {
            json.WriteString("first", pair.First);
            json.WriteString("second", pair.Second);
            json.WriteString("split", pair.Part);
            json.WriteNumber("images", pair.Images.Images);
            json.WriteNumber("onlyFirst", pair.Images.OnlyFirst);
            json.WriteNumber("onlySecond", pair.Images.OnlySecond);
            json.WriteNumber("pValue", pair.Images.PValue);
            Difference(json, pair.Images.Difference, pair.Images.DifferenceInterval, pair.Verdict);
        });
        json.WriteObjects("settings", comparison.Settings, setting =>
        {
            json.WriteStartArray("first");
            foreach (string name in setting.First)
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteStartArray("second");
            foreach (string name in setting.Second)
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteBoolean("pairedBySeed", setting.Paired);
            Difference(json, setting.Difference, setting.DifferenceInterval, setting.Verdict);
        });
        json.WriteStartArray("notes");
        foreach (string note in comparison.Notes)
            json.WriteStringValue(note);
        json.WriteEndArray();
    }

    private static void Difference(Utf8JsonWriter json, double difference, Metrics.Interval interval, DifferenceVerdict verdict)
    {
        json.WriteNumber("difference", difference);
        json.WriteNumber("low", interval.Low);
        json.WriteNumber("high", interval.High);
        json.WriteString("verdict", verdict switch { DifferenceVerdict.Better => "better", DifferenceVerdict.Worse => "worse", _ => "cannot-tell" });
    }
}
