using Sightline.Cli.Diagnosing;
using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>A diagnosis on a terminal.</summary>
public sealed class DiagnosisScreenTests
{
    [Fact]
    public void One_screen_tells_cause_place_evidence_and_what_to_try()
    {
        string[] lines = Print(MadeUp.Log, MadeUp.Sick);
        // The same that docs/diagnose.md shows.
        Assert.Equal(Repository.Read("tests/Sightline.Cli.Tests/Diagnosing/overfitting.txt").TrimEnd('\n').Split('\n'), lines);
        Assert.Equal("Sick: overfitting, almost certain (0.93). 30 epochs read.", lines[0]);
        Assert.All(lines, l => Assert.InRange(l.Length, 0, 100));
    }

    [Fact]
    public void The_mark_stands_below_its_epochs()
    {
        string[] lines = Print(MadeUp.Log, MadeUp.Sick);
        string plot = lines[4], mark = lines[10];
        int left = plot.IndexOfAny([.. Enumerable.Range(0x2800, 256).Select(c => (char)c)]);
        Assert.EndsWith(" loss, epochs 10–30", mark, StringComparison.Ordinal);
        // Epoch 10 of 1 to 30 stands at 9/29 of 56 characters.
        Assert.Equal(left + 17, mark.IndexOf('▔', StringComparison.Ordinal));
        Assert.Equal(left + 55, mark.LastIndexOf('▔'));
    }

    [Fact]
    public void Curves_that_the_log_lacks_are_replaced_by_those_it_has()
    {
        ShownCurves shown = ShownCurves.In(MadeUp.Log, ShownBy.DeadUnits);
        Assert.Equal(("loss", false), (shown.Title, shown.IsShare));
        TrainingLog accuracies = MadeUp.Log with { Epochs = [.. MadeUp.Log.Epochs.Select(e => e with { TrainLoss = double.NaN, ValLoss = double.NaN })] };
        Assert.Equal("accuracy", ShownCurves.In(accuracies, ShownBy.Loss).Title);
        TrainingLog none = MadeUp.Log with { Epochs = [] };
        Assert.Empty(ShownCurves.In(none, ShownBy.Loss).Curves);
        Assert.Contains("  try:       Augment more strongly; more labelled drives help most.", Print(none, MadeUp.Sick));
    }

    [Fact]
    public void Several_causes_stay_on_one_screen()
    {
        Finding[] many = [.. Enumerable.Range(0, 5).Select(i => MadeUp.Overfitting with { Code = FindingCodes.All[i], Confidence = 0.9 - 0.1 * i })];
        string[] lines = Print(MadeUp.Log, new Assessment(Verdict.Sick, many, null));
        Assert.Equal("Also: learning-rate-too-low, more likely than not (0.60), drop-too-early, more likely than not (0.50). All of it: --json", $"{lines[^2]} {lines[^1]}");
        Assert.InRange(lines.Length, 0, 48);
    }

    [Fact]
    public void Healthy_and_unsure_in_one_line()
    {
        Assert.Equal("Healthy: 30 epochs read, nothing found.", Print(MadeUp.Log, new Assessment(Verdict.Healthy, [], null))[0]);
        Assert.Equal("Not enough evidence: The log holds 2 epochs.", Print(MadeUp.Log, new Assessment(Verdict.NotEnoughEvidence, [], "The log holds 2 epochs."))[0]);
    }

    private static string[] Print(TrainingLog log, Assessment assessment)
    {
        using var output = new StringWriter { NewLine = "\n" };
        DiagnosisScreen.Print(output, log, assessment);
        return output.ToString().TrimEnd('\n').Split('\n');
    }
}
