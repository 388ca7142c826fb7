using System.Runtime.InteropServices;
using Sightline.Diagnosis;
using Sightline.Injuries;
using Sightline.Metrics;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Training.Loop;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Signals;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Labs.Injured;

/// <summary>Trains one small network by the trainer that <c>sightline train</c> uses, and keeps what a run folder would.</summary>
/// <param name="training">What to train.</param>
/// <param name="images">Its images.</param>
internal sealed class SmallTraining(InjuredTraining training, DrawnImages images)
{
    private const int ProbeImages = 32, MeasuredSteps = 6, FirstSteps = 10, TestEvery = 3;
    private readonly List<EpochPoint> epochs = [];
    private readonly List<EpochSignals> signals = [];
    private readonly List<(int Epoch, double Loss, double Top1)> tests = [];

    /// <summary>Trains to the end, or until it diverges.</summary>
    /// <returns>Its curves and signals.</returns>
    public SmallRun Run()
    {
        using ScalarGuard guard = ScalarGuard.Enter();
        manual_seed(unchecked((long)(SeedStream.Derive(training.Seed, "torch") >> 1)));
        using var network = new SmallNetwork(training.Network, images.Classes, training.Seed);
        int batch = Math.Min(training.Batch, images.Train.Length), steps = images.Train.Length / batch;
        using var trainer = new Trainer(Recipe(), network, steps, PrecisionChoice.Float32);
        using Batch probed = BatchOf(0, [.. images.Train.Take(ProbeImages)], null);
        using var probe = new TrainingProbe(probed.Images, probed.Labels);
        string? diverged = null;
        int last = training.StopAfter > 0 ? training.StopAfter : training.Epochs;
        try
        {
            for (int epoch = 0; epoch < last; epoch++)
            {
                Epoch(trainer, probe, epoch, batch, steps, guard);
                if ((epoch + 1) % TestEvery == 0 || epoch + 1 == last)
                {
                    LogitScore test = Score(network, images.Test);
                    tests.Add((epoch + 1, test.Loss, test.Top1));
                }
            }
        }
        catch (TrainingDivergedException exception)
        {
            diverged = exception.Message;
        }
        int[] validation = new int[images.Classes];
        foreach (DrawnImage image in images.Validation)
            validation[image.Label]++;
        return new SmallRun(epochs, signals, tests, diverged, images.Train.Length, validation);
    }

    private void Epoch(Trainer trainer, TrainingProbe probe, int epoch, int batch, int steps, ScalarGuard guard)
    {
        trainer.BeginEpoch(epoch);
        DrawnImage[] order = Order(epoch);
        EpochProgress progress = EpochProgress.Start(epoch);
        var measured = new List<(long Step, StepResult Result)>();
        int every = Math.Max(1, steps / MeasuredSteps);
        double rate = trainer.NextRate;
        for (int step = 0; step < steps; step++)
        {
            using Batch one = BatchOf(step, order.AsSpan(step * batch, batch), training.Augment ? (epoch, step) : null);
            bool measure = trainer.Steps < FirstSteps || step % every == every - 1;
            rate = trainer.NextRate;
            StepResult result = trainer.Step([one], measure);
            progress = progress.With(result, 1, 0);
            if (measure)
                measured.Add((trainer.Steps, result));
            guard.AtBoundary();
        }
        LogitScore validation = Score(trainer.Network, images.Validation);
        trainer.RequireFiniteWeights();
        ProbeReading reading = probe.Measure(trainer.Network, trainer.Blocks, channelsLast: true);
        epochs.Add(new EpochPoint(epoch + 1, rate, progress.Loss, progress.Top1, validation.Loss, validation.Top1));
        signals.Add(new MeasuredEpoch(epoch + 1, measured, reading, validation).Signals());
    }

    // Shuffled well; or by class, in blocks that are shuffled.
    private DrawnImage[] Order(int epoch)
    {
        DrawnImage[] order = [.. images.Train];
        var stream = new SeedStream(training.Seed, "diagnosis/order", epoch);
        stream.Shuffle<DrawnImage>(order);
        if (training.Balanced)
        {
            DrawnImage[][] classes = [.. order.GroupBy(i => i.Label).OrderBy(g => g.Key).Select(g => g.ToArray())];
            return [.. order.Select(_ => classes[stream.NextInt(classes.Length)]).Select(of => of[stream.NextInt(of.Length)])];
        }
        if (training.SortedBlock == 0)
            return order;
        DrawnImage[][] blocks = [.. order.OrderBy(i => i.Label).Chunk(Math.Min(training.SortedBlock, order.Length))];
        if (training.SortedBlock < order.Length)
            stream.Shuffle<DrawnImage[]>(blocks);
        return [.. blocks.SelectMany(b => b)];
    }

    private Batch BatchOf(int number, ReadOnlySpan<DrawnImage> of, (int Epoch, int Step)? step)
    {
        int[] labels = new int[of.Length], indices = new int[of.Length];
        for (int i = 0; i < labels.Length; i++)
            (labels[i], indices[i]) = (of[i].Label, i);
        return new Batch(number, images.Values(of, step), ImagePool.Side, ImagePool.Side, labels, [], indices);
    }

    private LogitScore Score(Classifier network, DrawnImage[] of)
    {
        using var evaluating = new EvaluationMode(network);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Batch batch = BatchOf(0, of, null);
        Tensor logits = network.call(ChannelsLast.Of(batch.Images)).contiguous();
        return LogitScore.Of(MemoryMarshal.Cast<byte, float>(logits.bytes), [.. of.Select(i => i.Label)], images.Classes);
    }

    private Recipe Recipe() => new()
    {
        Seed = training.Seed,
        Data = new DataRecipe { Path = training.Data },
        Network = new NetworkRecipe { Name = training.Network.Kind.ToString() },
        Loss = new LossRecipe { LabelSmoothing = training.Smoothing },
        Optimiser = new OptimiserRecipe
        {
            Name = training.Adam ? OptimiserName.AdamW : OptimiserName.Sgd,
            LearningRate = training.Rate,
            // Decoupled decay is multiplied by the rate, which is a hundredth of gradient descent's.
            WeightDecay = training.Adam ? 100 * training.WeightDecay : training.WeightDecay,
        },
        Schedule = training.Shape switch
        {
            RateShape.OneCycle => new ScheduleRecipe { Name = ScheduleName.OneCycle, WarmupEpochs = training.Warmup ? 0.3 * training.Epochs : 0 },
            RateShape.Step => new ScheduleRecipe { Name = ScheduleName.Step, WarmupEpochs = Rise, Milestones = [training.DropAt * training.Epochs, 0.85 * training.Epochs], StepFactor = training.DropFactor },
            RateShape.Constant => new ScheduleRecipe { Name = ScheduleName.Constant, WarmupEpochs = Rise },
            _ => new ScheduleRecipe { Name = ScheduleName.Cosine, WarmupEpochs = Rise },
        },
        Training = new TrainingRecipe { Epochs = training.Epochs, BatchSize = training.Batch, ClipNorm = training.Clip, Precision = PrecisionChoice.Float32 },
    };

    private double? Rise => training.Warmup ? 0.1 * training.Epochs : null;
}

/// <summary>What a small training left.</summary>
/// <param name="Epochs">Its curves.</param>
/// <param name="Signals">What was measured beside them.</param>
/// <param name="Tests">Loss and accuracy on the test images, every third epoch: no rule sees them.</param>
/// <param name="Diverged">Why it ended early, if it did.</param>
/// <param name="TrainImages">Training images.</param>
/// <param name="ValidationImages">Validation images by class.</param>
internal sealed record SmallRun(
    IReadOnlyList<EpochPoint> Epochs, IReadOnlyList<EpochSignals> Signals, IReadOnlyList<(int Epoch, double Loss, double Top1)> Tests, string? Diverged,
    int TrainImages, IReadOnlyList<int> ValidationImages)
{
    /// <summary>The run as it is stored.</summary>
    /// <param name="planned">What was planned.</param>
    /// <returns>Its name, its faults, its log.</returns>
    public StoredRun Stored(PlannedRun planned) => new()
    {
        Id = planned.Id,
        Twin = planned.Twin,
        Injuries = [.. planned.Injuries.Select(i => new StoredInjury(i.Code, i.Severity))],
        Training = planned.Training,
        Tests = [.. Tests.Select(t => new TestPoint(t.Epoch, t.Loss, t.Top1))],
        Log = new TrainingLog
        {
            Source = planned.Id,
            Epochs = Epochs,
            Signals = Signals,
            Facts = new TrainingFacts { TrainImages = TrainImages, ValidationImages = ValidationImages, Diverged = Diverged },
        },
    };
}
