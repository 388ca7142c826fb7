using Sightline.Bench.Diagnosis;

namespace Sightline.Tests;

/// <summary>Worse means by more than twice the deviation over the twins, which is 0.0158 here: 0.0316.</summary>
public sealed class HarmMeasureTests
{
    private static readonly StoredRun[] Twins = MadeUp.Twins();

    [Theory]
    [InlineData(0.57, 1, false)]     // lower, yet within the seeds' noise
    [InlineData(0.565, 1, true)]
    [InlineData(0.6, 1.03, false)]
    [InlineData(0.6, 1.035, true)]   // the loss alone
    [InlineData(0.9, 0.5, false)]    // better is not worse
    [InlineData(0.6, double.NaN, true)] // a loss too large for a number
    public void AFaultCountsFromTwoDeviationsOn(double top1, double loss, bool worse) =>
        Assert.Equal(worse ? Harm.Worse : Harm.None, new HarmMeasure(Twins).Of(MadeUp.Run("underfitting-2", 1, top1, loss, ["underfitting"])).Harm);

    [Fact]
    public void TheDistanceIsCountedInDeviations()
    {
        HarmReading reading = new HarmMeasure(Twins).Of(MadeUp.Run("underfitting-2", 2, 0.52, 1.05, ["underfitting"])); // its twin has 0.62 and 1.02

        Assert.Equal(0.1 / Math.Sqrt(0.00025), reading.Deviations, 6);
        Assert.Equal((0.52, 0.62), reading.Accuracy);
        Assert.Equal((1.05, 1.02), reading.Loss);
    }

    [Theory]
    [InlineData("leak", 0.9, 1, true)]                // validation far above the test
    [InlineData("noisy-validation", 0.3, 1, true)]    // and far below
    [InlineData("validation-above-training", 0.61, 1, false)]
    [InlineData("leak", 0.2, 1, false)]                 // a bad test that the validation tells of
    [InlineData("leak", 0.2, 0.5, true)]              // in loss
    [InlineData("label-noise", 0.9, 1, false)]          // other faults are held against the test alone
    public void FaultsOfTheValidationCountWhereItMisleads(string fault, double valTop1, double valLoss, bool worse)
    {
        // The twins' validation is off their test by 0.01 to 0.05 in accuracy and not at all in loss: one in five by 0.01 in loss.
        StoredRun[] twins = [.. Twins.Select((t, i) => MadeUp.Run("healthy-cosine", (ulong)i + 1, 0.6, 1, valTop1: 0.61 + 0.01 * i, valLoss: i == 4 ? 1.01 : 1))];
        double top1 = valTop1 == 0.2 ? 0.2 : 0.6;

        Assert.Equal(worse ? Harm.Worse : Harm.None, new HarmMeasure(twins).Of(MadeUp.Run(fault + "-2", 1, top1, 1, [fault], valTop1: valTop1, valLoss: valLoss)).Harm);
    }

    [Fact]
    public void OneThatDivergedAlwaysCounts() =>
        Assert.Equal(Harm.Worse, new HarmMeasure([]).Of(MadeUp.Run("diverged-2", 1, 0, 0, ["diverged"], diverged: "no number")).Harm);

    [Fact]
    public void ATwinThatDivergedIsNoYardstick()
    {
        StoredRun diverged = MadeUp.Run("healthy-cosine", 6, 0.1, 3, diverged: "no number") with { Tests = [new TestPoint(1, 3, 0.1)] };
        var measure = new HarmMeasure([.. Twins, diverged]);

        Assert.Equal(Harm.Worse, measure.Of(diverged).Harm);
        Assert.Equal(Harm.Unknown, measure.Of(MadeUp.Run("underfitting-2", 6, 0.2, 2, ["underfitting"])).Harm);
    }

    [Fact]
    public void WithoutTwinOrDeviationNothingIsSaid()
    {
        StoredRun run = MadeUp.Run("underfitting-2", 1, 0.1, 3, ["underfitting"]);

        Assert.Equal(Harm.Unknown, new HarmMeasure([]).Of(run).Harm);
        Assert.Equal(Harm.Unknown, new HarmMeasure([Twins[0]]).Of(run).Harm);
        Assert.Equal(Harm.Worse, new HarmMeasure(Twins[..2]).Of(run).Harm); // two seeds are a deviation
    }

    [Theory]
    [InlineData(0.57, false)]
    [InlineData(0.565, true)]
    public void ANetworkWithOneSeedTakesTheOthersDeviation(double top1, bool worse)
    {
        StoredRun alone = MadeUp.Run("healthy-cosine", 1, 0.6, 1, kind: SmallKind.Mlp);

        Assert.Equal(worse ? Harm.Worse : Harm.None, new HarmMeasure([.. Twins, alone]).Of(MadeUp.Run("underfitting-2", 1, top1, 1, ["underfitting"], kind: SmallKind.Mlp)).Harm);
    }

    [Fact]
    public void ATwinIsNotWorseThanItself()
    {
        var measure = new HarmMeasure([Twins[0]]);

        Assert.Equal(Harm.None, measure.Of(Twins[0]).Harm);
        Assert.Equal(0, measure.Of(Twins[0]).Deviations);
    }
}
