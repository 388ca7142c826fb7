using System.CommandLine;
using Sightline.Cli.Diagnosing;
using Sightline.Cli.Terminal;
using Sightline.Diagnosis;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline diagnose</c>: what the curves of a training say, and what to try.</summary>
internal static class DiagnoseVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var log = new Argument<string>("log") { Description = "A run folder, or the log of another tool: TensorBoard event files, CSV, JSON, or the folder that holds it." };
        var map = new Option<string?>("--map") { Description = $"What the columns mean where their names don't say it: {string.Join(", ", ColumnMap.Keys)}, each =COLUMN, separated by commas; parts of a loss joined by a plus sign.", HelpName = "KEY=COLUMN,…" };
        var until = new Option<double?>("--until") { Description = "Judge the training as it stood at the end of this epoch.", HelpName = "EPOCH" };
        var page = new Option<string?>("--html") { Description = "Write the diagnosis as a page to this file.", HelpName = "FILE" };
        var trial = new Option<bool>("--try") { Description = "Train the run's recipe anew with what to try first, and show both beside each other." };
        var from = new Option<string?>("--from") { Description = "Where --try goes out from: start (the default), or healthy, the run's last checkpoint of before the finding, for the epochs that were left.", HelpName = "PLACE" };
        from.AcceptOnlyFromAmong("start", "healthy");
        var output = new Option<string?>("--out", "-o") { Description = "The folder for --try; by default the run's name with -try behind it." };
        var json = CommonOptions.Json();
        var command = new Command("diagnose", "Read a training's curves: what is wrong, how sure that is, what shows it, what to try. Exit code 1 when it is sick. Example: sightline diagnose runs/first")
        {
            log, map, until, page, trial, from, output, json,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => Run(parsed.GetValue(log)!, parsed.GetValue(map), parsed.GetValue(until), parsed.GetValue(page), parsed.GetValue(json),
            parsed.GetValue(trial), parsed.GetValue(from), parsed.GetValue(output), cancellationToken), CancellationToken.None));
        return command;
    }

    private static int Run(string path, string? map, double? until, string? page, bool json, bool tries, string? from, string? output, CancellationToken cancellationToken)
    {
        if (output is not null && !tries)
            throw new BadInputException("usage", "--out names the folder for --try.", fix: "Add --try, or leave it out.");
        if (from is not null && !tries)
            throw new BadInputException("usage", "--from says where --try goes out from.", fix: "Add --try, or leave it out.");
        TrainingLog log = LogReader.Read(path, map is null ? null : ColumnMap.Parse(map));
        if (until is double epoch)
            log = Until(log, epoch);
        Assessment assessment = Diagnostician.Assess(log);
        RemedyTrial? trial = tries ? RemedyTrial.Of(log, assessment, from == "healthy", output) : null;
        if (page is not null)
            DiagnosisPage.Write(page, log, assessment);
        if (!json)
            DiagnosisScreen.Print(Console.Out, log, assessment);
        if (page is not null)
            Messages.Note($"Written: {page}");
        if (trial is null)
        {
            if (json)
                JsonOutput.WriteObject(w => DiagnosisJson.Write(w, log, assessment));
            return CodeOf(assessment);
        }
        return Try(trial, log, assessment, json, cancellationToken);
    }

    private static int Try(RemedyTrial trial, TrainingLog log, Assessment assessment, bool json, CancellationToken cancellationToken)
    {
        Messages.Note($"Trying against {trial.Finding.Code}: {DiagnosisText.Settings(trial.Remedy)}, {(trial.From is { } c ? $"from epoch {c.Epoch} ({c.Path})" : "from the start")}, in {trial.Run}");
        (TrainingLog? after, int exitCode) = trial.Train(log, cancellationToken);
        if (after is null)
            return exitCode;
        Assessment then = Diagnostician.Assess(after);
        if (json)
        {
            JsonOutput.WriteObject(w =>
            {
                DiagnosisJson.Write(w, log, assessment);
                w.WriteStartObject("try");
                trial.Write(w, (log, assessment), (after, then));
                w.WriteEndObject();
            });
        }
        else
        {
            RemedyTrial.Print((log, assessment), (after, then));
        }
        return CodeOf(then);
    }

    private static int CodeOf(Assessment assessment) => assessment.Verdict == Verdict.Sick ? ExitCode.Failed : ExitCode.Done;

    private static TrainingLog Until(TrainingLog log, double epoch)
    {
        TrainingLog before = log.UpTo(epoch);
        return before.Epochs.Count > 0 || log.Epochs.Count == 0
            ? before
            : throw new BadInputException("log-until", $"The log begins with epoch {DiagnosisText.Epoch(log.Epochs[0].Epoch)}: nothing stands before the end of epoch {DiagnosisText.Epoch(epoch)}.", log.Source);
    }
}
