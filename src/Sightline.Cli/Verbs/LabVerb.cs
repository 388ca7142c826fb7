using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Guide;
using Sightline.Cli.Terminal;
using Sightline.Labs;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline lab</c>: the experiments behind the answers, cell by cell.</summary>
internal static class LabVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "The lab. Without --plan or --cell its missing cells are run, for hours perhaps (see --plan). Without a name, all labs are listed.", Arity = ArgumentArity.ZeroOrOne };
        var plan = new Option<bool>("--plan") { Description = "Print the expected minutes of each cell and what has run." };
        var cell = new Option<string?>("--cell") { Description = "Run this cell; when it has a committed result, hold the rerun to its interval (exit 1 outside it).", HelpName = "ID" };
        var quick = new Option<bool>("--quick") { Description = "A tiny version on made-up images: shows that the machinery runs, says nothing about the question." };
        var data = new Option<string?>("--data") { Description = "Run the same experiment on your own image set.", HelpName = "PATH" };
        var output = new Option<string?>("--out") { Description = "The file for the results (default: labs/results/NAME.json in a checkout; lab-NAME.json here with --data).", HelpName = "FILE" };
        var threads = new Option<int?>("--threads") { Description = "Threads that torch may use (default: all cores)." };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("lab", "Run the experiments behind the answers. Example: sightline lab resnet --plan") { name, plan, cell, quick, data, output, threads, json };
        command.SetAction((parsed, cancellation) =>
        {
            bool asJson = parsed.GetValue(json);
            if (parsed.GetValue(name) is not string asked)
                return Task.FromResult(List(asJson));
            Lab lab = Lab.Find(asked);
            string? own = parsed.GetValue(data);
            if (own is not null && !lab.TakesData)
                throw new BadInputException("no-own-data", $"The lab '{lab.Name}' cannot run on other data.");
            if (parsed.GetValue(threads) is int t && t < 1)
                throw new BadInputException("usage", $"--threads is {t}; expected 1 or more.");
            string path = parsed.GetValue(output) ?? DefaultPath(lab, own, parsed.GetValue(quick));
            using var progress = new ProgressReporter();
            var runner = new LabRunner(lab, path) { Data = own, Quick = parsed.GetValue(quick), Threads = parsed.GetValue(threads), Progress = progress, Imagenet = TrainVerb.ImageNetWeights };
            if (parsed.GetValue(plan))
                return Task.FromResult(Plan(lab, path, own is not null, asJson));
            return Task.FromResult(parsed.GetValue(cell) is string id ? RunOne(runner, path, id, asJson, cancellation) : RunMissing(lab, runner, path, asJson, cancellation));
        });
        return command;
    }

    private static string DefaultPath(Lab lab, string? own, bool quick)
    {
        if (quick)
            return Path.Combine(Path.GetTempPath(), $"sightline-lab-{lab.Name}-quick-{Environment.ProcessId}.json");
        return own is not null ? $"lab-{lab.Name}.json" : Path.Combine(Checkout.Require("A lab's results"), "labs", "results", lab.Name + ".json");
    }

    private static int List(bool asJson)
    {
        if (asJson)
        {
            JsonOutput.WriteObject(json =>
            {
                json.WriteObjects("labs", Lab.All, lab =>
                {
                    json.WriteString("name", lab.Name);
                    json.WriteNumber("question", lab.Question);
                    json.WriteString("title", lab.Title);
                    json.WriteNumber("cells", lab.Cells().Count);
                    json.WriteNumber("minutes", Math.Round(lab.Cells().Sum(c => c.Minutes), 1));
                });
            });
            return ExitCode.Done;
        }
        foreach (Lab lab in Lab.All)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lab.Name,-10} question {lab.Question,2}  {lab.Cells().Count,3} cells  {lab.Cells().Sum(c => c.Minutes),4:0} min  {lab.Title}"));
        return ExitCode.Done;
    }

    private static int Plan(Lab lab, string path, bool ownData, bool asJson)
    {
        LabResults results = LabResults.Read(lab.Name, path);
        IReadOnlyList<LabCell> cells = lab.Cells(ownData);
        double total = cells.Sum(c => c.Minutes), left = cells.Where(c => results.Find(c.Id) is null).Sum(c => c.Minutes);
        if (asJson)
        {
            JsonOutput.WriteObject(json =>
            {
                json.WriteString("lab", lab.Name);
                json.WriteNumber("minutes", Math.Round(total, 1));
                json.WriteNumber("minutesLeft", Math.Round(left, 1));
                json.WriteNumber("budgetMinutes", lab.BudgetMinutes);
                json.WriteObjects("cells", cells, cell =>
                {
                    json.WriteString("id", cell.Id);
                    json.WriteNumber("minutes", Math.Round(cell.Minutes, 2));
                    LabRecord? done = results.Find(cell.Id);
                    json.WriteBoolean("done", done is not null);
                    if (done is not null)
                        json.WriteNumber("seconds", done.Seconds);
                });
            });
            return ExitCode.Done;
        }
        foreach (LabCell cell in cells)
        {
            LabRecord? done = results.Find(cell.Id);
            string state = done is null ? "" : string.Create(CultureInfo.InvariantCulture, $"took {done.Seconds / 60:0.0} min  {done.Metrics.First().Key} {done.Metrics.First().Value:0.0000}");
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cell.Id,-32} {cell.Minutes,5:0.0} min  {state}").TrimEnd());
        }
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cells.Count} cells, {total:0} minutes expected on two idle cores (budget {lab.BudgetMinutes:0}), {left:0} to go"));
        return ExitCode.Done;
    }

    private static int RunMissing(Lab lab, LabRunner runner, string path, bool asJson, CancellationToken cancellation)
    {
        IReadOnlyList<LabCell> missing = runner.Missing();
        var ran = new List<LabRecord>();
        foreach (LabCell cell in missing)
        {
            cancellation.ThrowIfCancellationRequested();
            Messages.Note(string.Create(CultureInfo.InvariantCulture, $"{cell.Id}: about {cell.Minutes:0.0} minutes on two idle cores"));
            LabRecord record = runner.Run(cell, cancellation);
            runner.Keep(record);
            ran.Add(record);
            Messages.Note(Line(record));
        }
        if (asJson)
            WriteJson(lab.Name, path, ran, null);
        Messages.Note(missing.Count == 0 ? $"All cells have run: {path}" : $"{missing.Count} cells have run: {path}");
        if (!runner.Quick && runner.Data is null)
            Messages.Note("The pages quote these numbers: ./sightline ask --write-docs");
        return ExitCode.Done;
    }

    private static int RunOne(LabRunner runner, string path, string id, bool asJson, CancellationToken cancellation)
    {
        LabCell cell = runner.Cell(id);
        LabResults before = LabResults.Read(runner.Lab.Name, path);
        LabRecord record = runner.Run(cell, cancellation);
        LabCheck? check = before.Find(cell.Id) is null ? null : runner.Check(record);
        if (check is null)
            runner.Keep(record);
        if (asJson)
            WriteJson(runner.Lab.Name, path, [record], check);
        else
            Console.Out.WriteLine(Line(record));
        if (check is null)
        {
            Messages.Note($"Kept in {path}");
            return ExitCode.Done;
        }
        Messages.Note(string.Create(CultureInfo.InvariantCulture, $"{check.Metric} {check.Value:0.0000} {(check.Holds ? "lies in" : "lies outside")} {check.Low:0.0000} to {check.High:0.0000}, where one more run is expected after {check.Runs} committed."));
        return check.Holds ? ExitCode.Done : ExitCode.Failed;
    }

    private static string Line(LabRecord r) => string.Create(CultureInfo.InvariantCulture,
        $"{r.Id}: {string.Join(", ", r.Metrics.Take(3).Select(m => $"{m.Key} {m.Value.ToString("0.0000", CultureInfo.InvariantCulture)}"))}, {r.Seconds / 60:0.0} minutes, {r.Precision}");

    private static void WriteJson(string lab, string path, IReadOnlyList<LabRecord> records, LabCheck? check) => JsonOutput.WriteObject(json =>
    {
        json.WriteString("lab", lab);
        json.WriteString("results", path);
        json.WriteStartArray("cells");
        foreach (LabRecord record in records)
            LabResults.WriteRecord(json, record);
        json.WriteEndArray();
        if (check is not null)
        {
            json.WriteStartObject("check");
            json.WriteBoolean("holds", check.Holds);
            json.WriteString("metric", check.Metric);
            json.WriteNumber("value", check.Value);
            json.WriteNumber("low", check.Low);
            json.WriteNumber("high", check.High);
            json.WriteNumber("runs", check.Runs);
            json.WriteEndObject();
        }
    });
}
