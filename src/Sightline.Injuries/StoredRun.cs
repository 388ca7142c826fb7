using System.Text.Json;
using Sightline.Diagnosis;

namespace Sightline.Injuries;

/// <summary>One fault of a stored run.</summary>
/// <param name="Code">The code that a diagnosis should say.</param>
/// <param name="Severity">How much: 1, 2 or 3.</param>
public readonly record struct StoredInjury(string Code, int Severity);

/// <summary>Loss and accuracy on the test images, which no rule sees; NaN where no finite number came.</summary>
/// <param name="Epoch">After which epoch.</param>
/// <param name="Loss">Mean loss.</param>
/// <param name="Top1">Accuracy, a fraction.</param>
public readonly record struct TestPoint(int Epoch, double Loss, double Top1);

/// <summary>A run that has ended, as <see cref="Line"/> wrote it.</summary>
public sealed partial record StoredRun
{
    /// <summary>Its name.</summary>
    public required string Id { get; init; }

    /// <summary>The healthy run that it is held against.</summary>
    public required string Twin { get; init; }

    /// <summary>What is wrong, the root first; none in a healthy run.</summary>
    public required IReadOnlyList<StoredInjury> Injuries { get; init; }

    /// <summary>What was trained.</summary>
    public required InjuredTraining Training { get; init; }

    /// <summary>What a diagnosis sees of it.</summary>
    public required TrainingLog Log { get; init; }

    /// <summary>What it doesn't see.</summary>
    public required IReadOnlyList<TestPoint> Tests { get; init; }

    /// <summary>Whether it ended without a finite loss.</summary>
    public bool Diverged => Log.Facts.Diverged is not null;

    /// <summary>Reads a line back.</summary>
    /// <param name="line">What <see cref="Line"/> gave.</param>
    /// <returns>The run.</returns>
    public static StoredRun Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        JsonElement run = document.RootElement;
        string id = run.GetProperty("id").GetString()!;
        InjuredTraining training = run.GetProperty("training").Deserialize<InjuredTraining>(RunStore.Plain)!;
        int trainImages = run.GetProperty("trainImages").GetInt32();
        int[] validationImages = Counts(run.GetProperty("validationImages"));
        double[] epochs = Row(run, "testEpoch"), losses = Row(run, "testLoss"), top1 = Row(run, "testTop1");
        return new StoredRun
        {
            Id = id,
            Twin = run.GetProperty("twin").GetString()!,
            Injuries = [.. run.GetProperty("injuries").EnumerateArray().Select(i => new StoredInjury(i.GetProperty("code").GetString()!, i.GetProperty("severity").GetInt32()))],
            Training = training,
            Tests = [.. epochs.Select((e, i) => new TestPoint((int)e, losses[i], top1[i]))],
            Log = new TrainingLog
            {
                Source = id,
                Epochs = Points(run),
                Signals = Signals(run),
                Facts = new TrainingFacts
                {
                    Classes = validationImages.Length,
                    TrainImages = trainImages,
                    ValidationImages = validationImages,
                    BatchSize = Math.Min(training.Batch, trainImages),
                    PlannedEpochs = training.Epochs,
                    Augments = training.Augment,
                    Dropout = training.Network.Dropout,
                    LearningRate = training.Rate,
                    WeightDecay = training.Adam ? 100 * training.WeightDecay : training.WeightDecay,
                    LabelSmoothing = training.Smoothing,
                    Diverged = run.GetProperty("diverged").GetString(),
                },
            },
        };
    }

    private static EpochPoint[] Points(JsonElement run)
    {
        double[] rate = Row(run, "rate"), trainLoss = Row(run, "trainLoss"), trainTop1 = Row(run, "trainTop1"), valLoss = Row(run, "valLoss"), valTop1 = Row(run, "valTop1");
        return [.. rate.Select((r, i) => new EpochPoint(i + 1, r, trainLoss[i], trainTop1[i], valLoss[i], valTop1[i]))];
    }

    private static EpochSignals[] Signals(JsonElement run)
    {
        var columns = RunStore.Columns.ToDictionary(c => c.Name, c => Row(run, c.Name));
        int[][] predictions = [.. run.GetProperty("valPredictions").EnumerateArray().Select(Counts)];
        (string Name, double[] Gradient, double[] Update, double[] Deviation, double[] Dead)[] blocks = [.. run.GetProperty("blocks").EnumerateArray().Select(b =>
            (b.GetProperty("name").GetString()!, Row(b, "gradientNorm"), Row(b, "updateRatio"), Row(b, "activationDeviation"), Row(b, "deadShare")))];
        return [.. predictions.Select((taken, i) =>
        {
            double At(string name) => columns[name][i];
            return new EpochSignals
            {
                Epoch = i + 1,
                Steps = new SignalSummary(At("firstLoss"), At("meanLoss"), At("lossDeviation"), At("highestLoss"), At("gradientNorm"), At("highestGradientNorm"),
                    At("weightNorm"), At("updateNorm"), At("momentumCosine"), At("confidentlyWrong"), At("lossMedian"), At("lossP90"), At("topLabelShare")),
                ProbeLoss = At("probeLoss"),
                ProbeTop1 = At("probeTop1"),
                ProbeBatchLoss = At("probeBatchLoss"),
                ProbeBatchTop1 = At("probeBatchTop1"),
                ValConfidentlyWrong = At("valConfidentlyWrong"),
                ValLossMedian = At("valLossMedian"),
                ValLossP90 = At("valLossP90"),
                ValPredictions = taken,
                Blocks = [.. blocks.Select(b => new BlockSignals(b.Name, b.Gradient[i], b.Update[i], b.Deviation[i], b.Dead[i]))],
            };
        })];
    }

    private static double[] Row(JsonElement of, string name) =>
        [.. of.GetProperty(name).EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Null ? double.NaN : v.GetDouble())];

    private static int[] Counts(JsonElement row) => [.. row.EnumerateArray().Select(v => v.GetInt32())];
}
