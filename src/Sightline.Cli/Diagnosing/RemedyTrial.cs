using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Terminal;
using Sightline.Diagnosis;
using Sightline.Training.Recipes;

namespace Sightline.Cli.Diagnosing;

/// <summary>A run trained anew with what a finding says to try first, beside the run as it was. The training is a process of its own, so that this one needs no torch.</summary>
internal sealed class RemedyTrial
{
    private RemedyTrial(Finding finding, Remedy remedy, IReadOnlyList<string> settings, string run) => (Finding, Remedy, Settings, Run) = (finding, remedy, settings, run);

    /// <summary>What is to be cured.</summary>
    public Finding Finding { get; }

    /// <summary>What is tried.</summary>
    public Remedy Remedy { get; }

    /// <summary>What the run's recipe is trained with, each <c>KEY=VALUE</c>: the remedy, and where it starts from.</summary>
    public IReadOnlyList<string> Settings { get; }

    /// <summary>The folder of the new run.</summary>
    public string Run { get; }

    /// <summary>The checkpoint that it goes out from; null for the start.</summary>
    public HealthyCheckpoint? From { get; private init; }

    /// <summary>Decides what is tried: of the root cause the first remedy that a recipe can say.</summary>
    /// <param name="log">The log of the run.</param>
    /// <param name="assessment">What was made of it.</param>
    /// <param name="fromHealthy">Whether it goes out from the last checkpoint of before the finding and trains the epochs that were left.</param>
    /// <param name="output">The folder for the new run; null for the run's name with <c>-try</c> behind it.</param>
    /// <returns>The trial.</returns>
    /// <exception cref="BadInputException">It is no run of ours, nothing was found, no recipe can say what to try, or there is no such checkpoint.</exception>
    public static RemedyTrial Of(TrainingLog log, Assessment assessment, bool fromHealthy, string? output)
    {
        if (!File.Exists(Path.Combine(log.Source, "recipe.yaml")))
            throw new BadInputException("try-no-run", "Only a run of sightline train can be tried again: this log says nothing of its recipe.", log.Source);
        if (assessment.Findings.Count == 0)
            throw new BadInputException("try-nothing", "Nothing was found, so there is nothing to try.", log.Source);
        Finding cause = assessment.Causes().First();
        Remedy remedy = cause.Remedies.FirstOrDefault(r => r.Settings.Count > 0)
            ?? throw new BadInputException("try-nothing", $"What helps against {cause.Code} can't be said by a recipe: {string.Join(" ", cause.Remedies.Select(r => r.Action))}", log.Source);
        HealthyCheckpoint? from = fromHealthy ? HealthyCheckpoint.Of(log, cause) : null;
        IReadOnlyList<string> settings = from?.Settings(RecipeFile.Read(Path.Combine(log.Source, "recipe.yaml")), remedy.Settings) ?? remedy.Settings;
        return new RemedyTrial(cause, remedy, settings, output ?? RunPlace.Free(Path.TrimEndingDirectorySeparator(log.Source) + "-try")) { From = from };
    }

    /// <summary>Trains.</summary>
    /// <param name="log">The run's log; its recipe is trained.</param>
    /// <param name="cancellationToken">Asks it to finish the step, save and return.</param>
    /// <returns>The new run's log, also when it diverged; null with the exit code when it did not start.</returns>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public (TrainingLog? After, int ExitCode) Train(TrainingLog log, CancellationToken cancellationToken)
    {
        string[] arguments = ["train", Path.Combine(log.Source, "recipe.yaml"), "--out", Run, .. Settings.SelectMany(s => new[] { "--set", s })];
        (int exitCode, _, _) = OwnCommand.Run(arguments, showErrors: true, cancellationToken);
        bool trained = exitCode == ExitCode.Done || File.Exists(Path.Combine(Run, "diverged.json"));
        return (trained ? LogReader.Read(Run) : null, exitCode);
    }

    /// <summary>Prints both beside each other.</summary>
    /// <param name="before">The run as it was, and what was made of it.</param>
    /// <param name="after">The run with the remedy, likewise.</param>
    public static void Print((TrainingLog Log, Assessment Assessment) before, (TrainingLog Log, Assessment Assessment) after)
    {
        Console.Out.WriteLine();
        Console.Out.WriteLine($"{"",-26}{"before",12}{"after",12}");
        foreach ((string name, _, Func<TrainingLog, double> value) in Rows)
            Console.Out.WriteLine($"{name,-26}{Text(value(before.Log)),12}{Text(value(after.Log)),12}");
        Console.Out.WriteLine($"before  {DiagnosisText.Line(before.Assessment, before.Log)}");
        Console.Out.WriteLine($"after   {DiagnosisText.Line(after.Assessment, after.Log)}");
    }

    /// <summary>Writes the trial as members of a JSON object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="before">The run as it was, and what was made of it.</param>
    /// <param name="after">The run with the remedy, likewise.</param>
    public void Write(Utf8JsonWriter json, (TrainingLog Log, Assessment Assessment) before, (TrainingLog Log, Assessment Assessment) after)
    {
        json.WriteString("code", Finding.Code);
        json.WriteStrings("settings", Settings);
        if (From is not null)
            json.WriteNumber("fromEpoch", From.Epoch);
        json.WriteString("run", Run);
        foreach ((string name, (TrainingLog log, Assessment assessment)) in new[] { ("before", before), ("after", after) })
        {
            json.WriteStartObject(name);
            foreach ((_, string member, Func<TrainingLog, double> value) in Rows)
                json.WriteFinite(member, value(log));
            json.WriteString("verdict", DiagnosisText.Code(assessment.Verdict));
            json.WriteEndObject();
        }
    }

    private static readonly (string Name, string Member, Func<TrainingLog, double> Value)[] Rows =
    [
        ("epochs", "epochs", l => l.Epochs.Count),
        ("best validation accuracy", "bestValAccuracy", l => Finite(l, e => e.ValAccuracy).DefaultIfEmpty(double.NaN).Max()),
        ("last validation accuracy", "lastValAccuracy", l => Finite(l, e => e.ValAccuracy).LastOrDefault(double.NaN)),
        ("last training accuracy", "lastTrainAccuracy", l => Finite(l, e => e.TrainAccuracy).LastOrDefault(double.NaN)),
        ("lowest validation loss", "lowestValLoss", l => Finite(l, e => e.ValLoss).DefaultIfEmpty(double.NaN).Min()),
        ("last validation loss", "lastValLoss", l => Finite(l, e => e.ValLoss).LastOrDefault(double.NaN)),
        ("last training loss", "lastTrainLoss", l => Finite(l, e => e.TrainLoss).LastOrDefault(double.NaN)),
    ];

    private static IEnumerable<double> Finite(TrainingLog log, Func<EpochPoint, double> value) => log.Epochs.Select(value).Where(double.IsFinite);

    private static string Text(double value) => double.IsNaN(value) ? "–" : value.ToString(value == Math.Floor(value) && value > 1 ? "0" : "0.0000", CultureInfo.InvariantCulture);
}
