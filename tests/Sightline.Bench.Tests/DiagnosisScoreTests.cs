using System.Globalization;
using Sightline.Bench.Diagnosis;
using Sightline.Diagnosis;
using static Sightline.Tests.MadeUp;

namespace Sightline.Tests;

/// <summary>Rates against ones that were worked out by hand.</summary>
public sealed class DiagnosisScoreTests
{
    private static readonly DiagnosedRun[] Runs =
    [
        // Overfitting: four count, two of them right first, one right behind another, one missed; one harmless, called sick; one without a twin.
        Diagnosed(Fault(1, "overfitting"), Harm.Worse, "overfitting") with { Warnings = [(3, "label-noise"), (5, "overfitting")] },
        Diagnosed(Fault(2, "overfitting"), Harm.Worse, "overfitting", "label-noise") with { Warnings = [(8, "overfitting")] },
        Diagnosed(Fault(3, "overfitting"), Harm.Worse, "label-noise", "overfitting"),
        Diagnosed(Fault(4, "overfitting"), Harm.Worse),
        Diagnosed(Fault(5, "overfitting"), Harm.None, "overfitting"),
        Diagnosed(Fault(6, "overfitting"), Harm.Unknown, "overfitting"),
        // Label noise: two count, one taken for overfitting, one left open though the code is among what was not sure enough.
        Diagnosed(Fault(1, "label-noise"), Harm.Worse, "overfitting"),
        Diagnosed(Fault(2, "label-noise"), Harm.Worse, "?", "label-noise"),
        // Diverged: told at its end.
        Diagnosed(Run("diverged-2", 1, 0, 0, ["diverged"], diverged: "no number"), Harm.Worse, "diverged"),
        // Two at once: three count, the root first in one, the other in one, both found in one; one harmless.
        Diagnosed(Fault(1, "label-noise", "noisy-validation"), Harm.Worse, "label-noise", "noisy-validation"),
        Diagnosed(Fault(2, "label-noise", "noisy-validation"), Harm.Worse, "noisy-validation"),
        Diagnosed(Fault(3, "label-noise", "noisy-validation"), Harm.Worse),
        Diagnosed(Fault(4, "label-noise", "noisy-validation"), Harm.None),
        // Four healthy ones with one alarm and one left open; two doubtful, one called sick.
        Diagnosed(Run("healthy-step", 1, 0.6, 1), Harm.None),
        Diagnosed(Run("healthy-step", 2, 0.6, 1), Harm.None),
        Diagnosed(Run("healthy-step", 3, 0.6, 1), Harm.None, "overfitting") with { Warnings = [(9, "plateau")] },
        Diagnosed(Run("healthy-step", 4, 0.6, 1), Harm.None, "?"),
        Diagnosed(Run("healthy-small", 1, 0.5, 1), Harm.Worse, "plateau"),
        Diagnosed(Run("healthy-small", 2, 0.5, 1), Harm.Worse),
    ];

    private static readonly DiagnosisScore Score = new(Runs);

    private static StoredRun Fault(ulong seed, params string[] codes) => Run(string.Join("+", codes.Select(c => c + "-2")), seed, 0.3, 2, codes);

    private static FaultScore Of(string code) => Score.Faults.Single(f => f.Code == code);

    [Fact]
    public void EveryFaultHasItsRates()
    {
        Assert.Equal(FindingCodes.All, Score.Faults.Select(f => f.Code));
        Assert.Equal(new FaultScore("overfitting", new(3, 4), new(3, 4), new(2, 4), new(0, 4), new(1, 1), 1, 6.5), Of("overfitting"));
        Assert.Equal(new FaultScore("label-noise", new(1, 2), new(0, 2), new(0, 2), new(1, 2), new(0, 0), 0, double.NaN), Of("label-noise"));
        Assert.Equal(new FaultScore("diverged", new(1, 1), new(1, 1), new(1, 1), new(0, 1), new(0, 0), 0, 3), Of("diverged")); // after two whole epochs
        Assert.Equal(new FaultScore("all", new(5, 7), new(4, 7), new(3, 7), new(1, 7), new(1, 1), 1, 5), Score.Total);
        Assert.Equal(1, Score.Unknown);
    }

    [Fact]
    public void AlarmsAreThoseOfHealthyRunsThatAreNotDoubtful()
    {
        Assert.Equal(4, Score.Healthy.Count);
        Assert.Equal(2, Score.Doubtful.Count);
        Assert.Equal(new Rate(1, 4), Score.FalseAlarms);
        Assert.Equal(new Rate(1, 4), Score.FalseAlarmsOf("overfitting"));
        Assert.Equal(new Rate(0, 4), Score.FalseAlarmsOf("plateau"));
        Assert.Equal(new Rate(1, 4), Score.Warned);
        Assert.Equal(new Rate(1, 4), Score.WarnedOf("plateau"));
        Assert.Equal(new Rate(0, 4), Score.WarnedOf("overfitting"));
    }

    [Fact]
    public void ACodeIsWorthHowOftenItIsRight()
    {
        Assert.Equal(new Rate(2, 4), Score.Precision("overfitting")); // label noise and a healthy run were called so too
        Assert.Equal(new Rate(0, 1), Score.Precision("label-noise"));
        Assert.Equal("–", Score.Precision("leak").ToString());
    }

    [Fact]
    public void TwoFaultsAreScoredApart()
    {
        Assert.Equal(new TwoFaultScore(new(2, 3), new(2, 3), new(1, 3), new(1, 3)), Score.Two);
        Assert.Equal(1, Score.TwoHarmless);
    }

    [Fact]
    public void EveryCountedAndHealthyRunStandsInTheConfusion()
    {
        Assert.Equal(Score.Counted.Count + Score.Healthy.Count, Score.Confusion.Sum(c => c.Runs));
        Assert.Contains(("overfitting", "label-noise", 1), Score.Confusion);
        Assert.Contains(("label-noise", DiagnosedRun.NotEnoughEvidence, 1), Score.Confusion);
        Assert.Contains((DiagnosedRun.Healthy, DiagnosedRun.Healthy, 2), Score.Confusion);
        TextTable table = ScoreTables.Confusion(Score);
        Assert.All(table.Rows, r => Assert.Equal(table.Headings.Count, r.Count));
        Assert.Equal(["1 overfitting", "2"], table.Rows[0].Take(2));
        Assert.Equal("1", table.Rows[0][13]); // label noise is the thirteenth code
    }

    [Fact]
    public void MacroF1IsTheMeanOverBothSides() =>
        // Two right, two missed, one wrong: 4 / 7; three rightly quiet: 6 / 9.
        Assert.Equal((4 / 7.0 + 6 / 9.0) / 2, Score.OverfittingMacroF1, 12);

    [Fact]
    public void ARateStandsWithWilsonsInterval() => Assert.Equal("50.0 % (15–85)", new Rate(2, 4).ToString());

    [Fact]
    public void PagesAreTheSameEveryTime()
    {
        var scores = new MethodScores(Score, new([.. Runs.Take(4), .. Runs.TakeLast(6)]), Score, Score);
        PlantedCase[] planted = [.. FindingCodes.All.Select(c => PlantedCase.Of(c, Runs))];
        string page = RatesPage.Of([.. Runs.Select(r => r.Run)], 99, scores, scores, planted);

        Assert.Equal(page, RatesPage.Of([.. Runs.Select(r => r.Run)], 99, scores, scores, planted));
        Assert.All(FindingCodes.All, c => Assert.Contains($"| `{c}` |", page, StringComparison.Ordinal));
        Assert.Contains("19 of 99 planned runs", page, StringComparison.Ordinal);
        Assert.Contains("4 healthy runs and 2 doubtful ones; 7 runs with one fault that counts, 1 with a harmless one", page, StringComparison.Ordinal);
        Assert.Contains("`label-noise`: some finding 50.0 %, right code first 0.0 %, most often `not-enough-evidence` instead (1)", page, StringComparison.Ordinal);
        Assert.Contains("-- diagnosis run --again --only known/conv/footage/overfitting-2/seed-1`", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        int columns = 0;
        foreach (string line in page.Split('\n'))
        {
            int cells = line.StartsWith('|') ? line.Count(c => c == '|') : 0;
            Assert.True(columns == 0 || cells == 0 || cells == columns, line);
            columns = cells;
        }
    }

    [Fact]
    public void MethodsAreScoredOnTheSameRuns()
    {
        var scores = MethodScores.Of([.. Twins(), .. Runs.Select(r => r.Run).Where(r => r.Injuries.Count > 0)], watched: true);

        Assert.All(scores.Named, m => Assert.Equal(scores.Signals.Counted.Select(r => r.Run), m.Score.Counted.Select(r => r.Run)));
        Assert.Equal(new Rate(1, 1), scores.Textbook.Faults.Single(f => f.Code == "diverged").First);
        Assert.Equal(4, ComparedTables.Methods(scores).Rows.Count);
    }

    [Theory]
    [InlineData]
    [InlineData("all")]
    [InlineData("known", "--odd")]
    [InlineData("known", "--write-docs")]
    public void WhatMakesNoSenseIsRefused(params string[] args) => Assert.Equal(2, ScoreCommand.Run(args));

    [Fact]
    public void TablesAlign() => Assert.Equal("a     b\nlong  1\n", new TextTable(["a", "b"], [["long", 1.ToString(CultureInfo.InvariantCulture)]]).Plain());
}
