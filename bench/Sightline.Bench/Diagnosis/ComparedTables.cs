using System.Globalization;
using Sightline.Diagnosis;

namespace Sightline.Bench.Diagnosis;

/// <summary>The tables that hold the ways of diagnosing beside each other.</summary>
internal static class ComparedTables
{
    /// <summary>Every way in one row.</summary>
    /// <param name="scores">The scores.</param>
    /// <returns>The table.</returns>
    public static TextTable Methods(MethodScores scores) => new(
        ["diagnosed by", "some finding", "right code first", "false alarms per healthy run", "overfitting: macro-F1", "overfitting: found", "overfitting: false alarms"],
        [.. scores.Named.Select(m => (IReadOnlyList<string>)[
            m.Name, $"{m.Score.Total.Some}", $"{m.Score.Total.First}", $"{m.Score.FalseAlarms}", Number(m.Score.OverfittingMacroF1, "0.000"),
            $"{m.Score.Faults.First(f => f.Code == "overfitting").First}", $"{m.Score.FalseAlarmsOf("overfitting")}"])]);

    /// <summary>How faults are found.</summary>
    /// <param name="scores">The scores.</param>
    /// <returns>The table.</returns>
    public static TextTable Recall(MethodScores scores) => new(
        ["fault", "counted", "harmless", "some finding", "curves alone", "textbook", "right code first", "curves alone", "textbook"],
        [.. Rows(scores).Select(f => (IReadOnlyList<string>)[
            Code(f.Signals), Number(f.Signals.Some.Of), Number(f.Signals.Harmless.Of),
            $"{f.Signals.Some}", $"{f.Curves.Some}", $"{f.Textbook.Some}", $"{f.Signals.First}", $"{f.Curves.First}", $"{f.Textbook.First}"])]);

    /// <summary>What else is known of each fault.</summary>
    /// <param name="scores">The scores.</param>
    /// <returns>The table.</returns>
    public static TextTable Details(MethodScores scores) => new(
        ["fault", "right code among the findings", "curves alone", "not enough evidence", "curves alone", "first warning, median epoch", "curves alone", "shown by"],
        [.. Rows(scores).Select(f => (IReadOnlyList<string>)[
            Code(f.Signals), $"{f.Signals.Anywhere}", $"{f.Curves.Anywhere}", $"{f.Signals.NotEnough}", $"{f.Curves.NotEnough}",
            Epoch(f.Signals), Epoch(f.Curves), ShownBy(scores.Signals, f.Signals.Code)])]);

    /// <summary>What each code is worth when it stands first.</summary>
    /// <param name="scores">The scores.</param>
    /// <returns>The table.</returns>
    public static TextTable Trust(MethodScores scores) => new(
        ["code", "precision when first", "curves alone", "textbook", "false alarms per healthy run", "curves alone", "textbook", "healthy runs warned on the way", "curves alone"],
        [.. FindingCodes.All.Select(c => (IReadOnlyList<string>)[
            $"`{c}`", $"{scores.Signals.Precision(c)}", $"{scores.Curves.Precision(c)}", $"{scores.Textbook.Precision(c)}",
            $"{scores.Signals.FalseAlarmsOf(c)}", $"{scores.Curves.FalseAlarmsOf(c)}", $"{scores.Textbook.FalseAlarmsOf(c)}", $"{scores.Signals.WarnedOf(c)}", $"{scores.Curves.WarnedOf(c)}"]),
            ["all", "", "", "", $"{scores.Signals.FalseAlarms}", $"{scores.Curves.FalseAlarms}", $"{scores.Textbook.FalseAlarms}", $"{scores.Signals.Warned}", $"{scores.Curves.Warned}"]]);

    /// <summary>Where the right findings of a code look, the commonest.</summary>
    /// <param name="score">The score.</param>
    /// <param name="code">The code.</param>
    /// <returns>In words; a dash where it is never found.</returns>
    public static string ShownBy(DiagnosisScore score, string code) => score.Counted.Where(r => r.Root == code && r.NamesRoot)
        .GroupBy(r => r.Assessment.Findings.First(f => f.Code == code).ShownBy).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).FirstOrDefault()?.Key switch
    {
        null => "–",
        Sightline.Diagnosis.ShownBy.Loss => "loss",
        Sightline.Diagnosis.ShownBy.Accuracy => "accuracy",
        Sightline.Diagnosis.ShownBy.LearningRate => "learning rate",
        Sightline.Diagnosis.ShownBy.GradientNorm => "gradient norms",
        Sightline.Diagnosis.ShownBy.Probe => "probe",
        Sightline.Diagnosis.ShownBy.DeadUnits => "dead units",
        Sightline.Diagnosis.ShownBy.UpdateRatio => "update-to-weight ratio",
        Sightline.Diagnosis.ShownBy.WeightNorm => "weight norm",
        { } other => other.ToString(),
    };

    private static IEnumerable<(FaultScore Signals, FaultScore Curves, FaultScore Textbook)> Rows(MethodScores scores) =>
        scores.Signals.Faults.Append(scores.Signals.Total).Zip(scores.Curves.Faults.Append(scores.Curves.Total), scores.Textbook.Faults.Append(scores.Textbook.Total));

    private static string Code(FaultScore fault) => FindingCodes.All.Contains(fault.Code) ? $"`{fault.Code}`" : fault.Code;

    private static string Epoch(FaultScore fault) => double.IsNaN(fault.Epoch) ? "–" : Number(fault.Epoch, "0.#");

    private static string Number(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);
}
