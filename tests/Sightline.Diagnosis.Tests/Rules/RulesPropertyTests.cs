using CsCheck;
using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>Whatever stands in a log: rules answer, with confidences that are ones, in order.</summary>
public sealed class RulesPropertyTests
{
    private static readonly Gen<double> Any = Gen.OneOf(Gen.Double[0, 3], Gen.Double[0, 1], Gen.Const(double.NaN), Gen.Const(double.PositiveInfinity), Gen.Const(0.0), Gen.Double[-1e6, 1e9]);

    private static readonly Gen<EpochPoint> Point = Gen.Select(Any, Any, Any, Any, Any).Select((rate, trainLoss, trainAccuracy, valLoss, valAccuracy) => new EpochPoint(0, rate, trainLoss, trainAccuracy, valLoss, valAccuracy));

    [Fact]
    public void Any_curves() => Gen.Select(Point.Array[0, 40], Gen.Int[0, 12], Gen.Bool).Sample((points, classes, running) =>
    {
        var log = new TrainingLog
        {
            Source = "any",
            Epochs = [.. points.Select((p, i) => p with { Epoch = i + 1 })],
            Facts = new TrainingFacts { Classes = classes == 0 ? null : classes, Running = running, BatchSize = classes, PlannedEpochs = 30 },
        };
        Check(Diagnostician.Assess(log));
    }, iter: 500, threads: 1);

    [Fact]
    public void Any_signals() => Gen.Select(Any.Array[13], Any.Array[11], Gen.Int[1, 20]).Sample((steps, others, epochs) =>
    {
        TrainingLog healthy = new PlantedLog { Epochs = epochs }.Build();
        var odd = new SignalSummary(steps[0], steps[1], steps[2], steps[3], steps[4], steps[5], steps[6], steps[7], steps[8], steps[9], steps[10], steps[11], steps[12]);
        Check(Diagnostician.Assess(healthy with
        {
            Signals =
            [
                .. healthy.Signals.Select(s => s with
                {
                    Steps = odd, ProbeLoss = others[0], ProbeBatchLoss = others[1], ValLossMedian = others[2], ValLossP90 = others[3], ValPredictions = [],
                    Blocks = [new BlockSignals("a", others[4], others[5], others[6], others[7]), new BlockSignals("b", others[8], others[9], others[10], others[4])],
                }),
            ],
        }));
    }, iter: 500, threads: 1);

    [Fact]
    public void The_scale_of_the_losses_says_nothing() => Gen.Double[1e-3, 1e4].Sample(scale =>
    {
        TrainingLog log = new PlantedLog { LossGap = e => 0.02 * e }.Build().CurvesAlone();
        TrainingLog scaled = log with { Epochs = [.. log.Epochs.Select(e => e with { TrainLoss = scale * e.TrainLoss, ValLoss = scale * e.ValLoss })] };
        Assert.Equal(Diagnostician.Assess(log).Findings.Select(f => (f.Code, f.Confidence)), Diagnostician.Assess(scaled).Findings.Select(f => (f.Code, f.Confidence)));
    }, iter: 50, threads: 1);

    [Fact]
    public void Images_are_told_by_the_steps_of_their_accuracy() => Gen.Select(Gen.Int[8, 120], Gen.Double[0, 1].Array[12]).Sample((images, shares) =>
    {
        // Kept with four digits, as logs do.
        double[] accuracies = [.. shares.Select(s => Math.Round(Math.Round(s * images) / images, 4))];
        int? told = Granularity.Images(accuracies);
        if (accuracies.Where(a => a is > 0 and < 1).Distinct().Count() >= 5)
            Assert.True(told is int n && n <= images && Array.TrueForAll(accuracies, a => Math.Abs(a * n - Math.Round(a * n)) < 0.01 * n), $"{images} told as {told}");
    }, iter: 200, threads: 1);

    private static void Check(Assessment assessment)
    {
        Assert.All(assessment.Findings, f =>
        {
            Assert.InRange(f.Confidence, Diagnostician.Doubt * 0.9, 0.99);
            Assert.Contains(f.Code, FindingCodes.All);
        });
        Assert.Equal(assessment.Findings.Select(f => f.Confidence).OrderDescending(), assessment.Findings.Select(f => f.Confidence));
        Assert.Equal(assessment.Verdict == Verdict.Sick, assessment.Findings.Count > 0 && assessment.Findings[0].Confidence >= Diagnostician.Sick);
    }
}
