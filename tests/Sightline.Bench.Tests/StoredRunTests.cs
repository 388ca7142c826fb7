using Sightline.Bench.Diagnosis;
using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>What a line holds is what the scorer reads.</summary>
public sealed class StoredRunTests
{
    private static readonly InjuredTraining Training = new Injury(Fault.VanishingGradients, 2).Apply(InjuryPlan.Healthy(SmallKind.Mlp, "footage", 3)) with { Batch = 64 };
    private static readonly PlannedRun Planned = new("known/mlp/footage/vanishing-gradients-2+label-noise-1/seed-3", false, [new(Fault.VanishingGradients, 2), new(Fault.LabelNoise, 1)], Training);

    [Fact]
    public void ARunComesBackAsItWasWritten()
    {
        EpochPoint[] epochs = [new(1, 0.02, 1.945, 0.25, 1.9, 0.2), new(2, 0.01, 1.8, 0.31, double.NaN, 0.3)];
        EpochSignals[] signals = [Signals(1, 10), Signals(2, double.NaN)];
        var run = new SmallRun(epochs, signals, [(2, 1.75, 0.35)], null, 50, [30, 40]);

        var read = StoredRun.Parse(InjuryStore.Line(Planned, run, 1.23));

        Assert.Equal(Planned.Id, read.Id);
        Assert.Equal("known/mlp/footage/healthy-cosine/seed-3", read.Twin);
        Assert.Equal([new("vanishing-gradients", 2), new("label-noise", 1)], read.Injuries);
        Assert.Equal(Training, read.Training);
        Assert.Equal([new TestPoint(2, 1.75, 0.35)], read.Tests);
        Assert.Equal(epochs, read.Log.Epochs);
        Assert.Equal(signals.Select(s => s with { Blocks = [], ValPredictions = [] }), read.Log.Signals.Select(s => s with { Blocks = [], ValPredictions = [] }));
        Assert.All(signals.Zip(read.Log.Signals), s => Assert.Equal(s.First.Blocks, s.Second.Blocks));
        Assert.All(signals.Zip(read.Log.Signals), s => Assert.Equal(s.First.ValPredictions, s.Second.ValPredictions));
        Assert.Equal(new TrainingFacts { Classes = 2, TrainImages = 50, BatchSize = 50, PlannedEpochs = 30, Augments = true, Dropout = 0, LearningRate = 0.02, WeightDecay = 5e-4, LabelSmoothing = 0 }, read.Log.Facts with { ValidationImages = null });
        Assert.Equal([30, 40], read.Log.Facts.ValidationImages);
        Assert.False(read.Diverged);
    }

    [Fact]
    public void ARunThatDivergedInItsFirstEpochIsAssessedAllTheSame()
    {
        var read = StoredRun.Parse(InjuryStore.Line(Planned, new SmallRun([], [], [], "The loss became NaN.", 1500, [30, 40]), 0));

        Assert.True(read.Diverged);
        Assert.Empty(read.Log.Epochs);
        Assert.Empty(read.Log.Signals);
        var reading = new HarmMeasure([read]).Of(read);
        Assert.Equal(Harm.Worse, reading.Harm);
        Assert.All((bool[])[false, true], curvesAlone => Assert.NotEqual(Verdict.Healthy, DiagnosedRun.Of(read, reading, curvesAlone, watched: true).Assessment.Verdict));
    }

    // A number of its own for each place, so that none can be taken for another.
    private static EpochSignals Signals(double epoch, double from) => new()
    {
        Epoch = epoch,
        Steps = new SignalSummary(from + 1, from + 2, from + 3, from + 4, from + 5, from + 6, from + 7, from + 8, from + 9, from + 10, from + 11, from + 12, from + 13),
        ProbeLoss = from + 14,
        ProbeTop1 = from + 15,
        ProbeBatchLoss = from + 16,
        ProbeBatchTop1 = from + 17,
        ValConfidentlyWrong = from + 18,
        ValLossMedian = from + 19,
        ValLossP90 = from + 20,
        ValPredictions = [(int)epoch, 70 - (int)epoch],
        Blocks = [new("body.1", from + 21, from + 22, from + 23, from + 24), new("fc", from + 25, from + 26, from + 27, from + 28)],
    };
}
