using Sightline.Datasets.Windows;
using Sightline.Imaging;
using Sightline.Metrics.Detection;
using Sightline.Models;
using Sightline.Models.Detection;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Labs;

/// <summary>One training of a network that locates, and how well it does: AdamW, one epoch of warm-up, a cosine, windows mirrored at random.</summary>
internal sealed class LocatingTraining : IDisposable
{
    private const int BatchSize = 32;
    private const double HighestRate = 2e-3, Decay = 1e-2;

    private readonly LocatingImages images;
    private readonly Locator network;
    private readonly int epochs;
    private readonly LabContext context;
    private readonly optim.Optimizer optimiser;
    private readonly bool bf16;
    private readonly ScalarGuard guard = ScalarGuard.Enter();

    /// <summary>Draws the weights and makes the optimiser.</summary>
    /// <param name="images">The windows.</param>
    /// <param name="network">The network; it is disposed of with this.</param>
    /// <param name="epochs">Passes over the training windows.</param>
    /// <param name="context">Seed, progress, cancellation.</param>
    public LocatingTraining(LocatingImages images, Locator network, int epochs, LabContext context)
    {
        (this.images, this.network, this.epochs, this.context) = (images, network, epochs, context);
        Allocator.Configure();
        Nnpack.Disable();
        WeightInitialisation.Apply(network, context.Seed);
        ChannelsLast.Apply(network);
        bf16 = MachineFacts.Here(1).Features.Contains("bf16", StringComparison.Ordinal) && Autocast.IsSupported && Bf16IsSound();
        optimiser = optim.AdamW(network.parameters(), HighestRate, weight_decay: Decay);
    }

    /// <summary>Trains and measures.</summary>
    /// <returns>The losses by epoch, and what is found in held-out windows.</returns>
    public LabOutcome Run()
    {
        var losses = new List<double>();
        int perEpoch = Math.Max(1, images.Train.Count / BatchSize), steps = epochs * perEpoch;
        for (int epoch = 0, done = 0; epoch < epochs; epoch++)
        {
            int[] order = [.. Enumerable.Range(0, images.Train.Count)];
            new SeedStream(context.Seed, "shuffle", 0, epoch).Shuffle<int>(order);
            double sum = 0;
            foreach (int[] batch in order.Chunk(BatchSize).Take(perEpoch))
            {
                sum += Step(batch, epoch, done++, steps, perEpoch);
                context.Progress?.Report(new WorkProgress($"epoch {epoch + 1}/{epochs}", done - epoch * perEpoch, perEpoch, "steps", $"loss {sum / (done - epoch * perEpoch):0.000}"));
            }
            losses.Add(sum / perEpoch);
        }
        IReadOnlyList<ImageDetections> train = Find(images.Train), held = Find(images.Held);
        double threshold = BestThreshold(train);
        var metrics = new Dictionary<string, double>
        {
            ["ap50"] = AveragePrecision.Of(held).Ap,
            ["centreDistance"] = Distance(held),
            ["countOff"] = CountOff(held, threshold),
            ["found"] = Found(held, threshold),
            ["trainAp50"] = AveragePrecision.Of(train).Ap,
            ["trainCentreDistance"] = Distance(train),
            ["threshold"] = threshold,
            ["trainImages"] = train.Count,
            ["valImages"] = held.Count,
            ["valObjects"] = held.Sum(h => h.Objects.Count),
            // What no network at all would get: the image's middle, and the most frequent count.
            ["middleDistance"] = Distance([.. held.Select(h => h with { Found = [] })]),
            ["constantCountOff"] = Enumerable.Range(0, 10).Min(k => held.Average(h => Math.Abs(h.Objects.Count - k))),
        };
        return new LabOutcome(metrics, new Dictionary<string, IReadOnlyList<double>> { ["trainLoss"] = losses }, bf16 ? "bf16" : "float32");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        optimiser.Dispose();
        network.Dispose();
        guard.Dispose();
    }

    private double Step(int[] batch, int epoch, int done, int steps, int perEpoch)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        guard.AtBoundary();
        using DisposeScope scope = NewDisposeScope();
        ImageWindow[] windows = [.. batch.Select(i => images.Train[i])];
        (Tensor pixels, Tensor[] truth) = LocatingImages.Batch(windows, n => new SeedStream(context.Seed, "mirror", batch[n], epoch).NextInt(2) == 1);
        foreach (optim.ILearningRateController group in optimiser.ParamGroups)
            group.LearningRate = LabTraining.Rate(HighestRate, done, steps, perEpoch);
        network.train();
        optimiser.zero_grad();
        Tensor loss = network.Head.Loss(Forward(pixels), truth);
        loss.backward();
        optimiser.step();
        double value = loss.item<float>();
        return double.IsFinite(value) ? value : throw new InvalidOperationException($"The loss is {value} at step {done + 1} of {steps}.");
    }

    private List<ImageDetections> Find(IReadOnlyList<ImageWindow> windows)
    {
        network.eval();
        using IDisposable noGradient = no_grad();
        var found = new List<ImageDetections>();
        foreach (ImageWindow[] batch in windows.Chunk(100))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            guard.AtBoundary();
            using DisposeScope scope = NewDisposeScope();
            IReadOnlyList<Tensor> rows = network.Head.Decode(Forward(LocatingImages.Batch(batch).Pixels));
            found.AddRange(batch.Zip(rows, (w, r) => new ImageDetections(Boxes(r), w.Objects)));
        }
        return found;
    }

    private Tensor Forward(Tensor pixels)
    {
        if (!bf16)
            return network.call(pixels);
        Tensor output;
        using (Autocast.BFloat16())
            output = network.call(pixels);
        return output.to_type(ScalarType.Float32);
    }

    private bool Bf16IsSound()
    {
        using DisposeScope scope = NewDisposeScope();
        return Bf16LayerCheck.Run(network, LocatingImages.Batch([.. images.Train.Take(BatchSize)]).Pixels, context.Seed).Count == 0;
    }

    private static ScoredBox[] Boxes(Tensor rows) =>
        [.. BoxRows.Read(rows).Select(r => new ScoredBox(new CropBox(r[0], r[1], r[2] - r[0], r[3] - r[1]), r[4]))];

    // Pixels from the middle of the surest box to that of the nearest object, over images with objects; without a box the image's middle.
    private static double Distance(IReadOnlyList<ImageDetections> images) => images.Where(i => i.Objects.Count > 0).Average(i =>
    {
        CropBox guess = i.Found.Count > 0 ? i.Found.MaxBy(f => f.Score).Box : new CropBox(0, 0, LocatingImages.Side, LocatingImages.Side);
        return i.Objects.Min(o => Math.Sqrt(Square(o.X + o.Width / 2 - guess.X - guess.Width / 2) + Square(o.Y + o.Height / 2 - guess.Y - guess.Height / 2)));
    });

    private static double CountOff(IReadOnlyList<ImageDetections> images, double threshold) =>
        images.Average(i => Math.Abs(i.Found.Count(f => f.Score >= threshold) - i.Objects.Count));

    private static double Found(IReadOnlyList<ImageDetections> images, double threshold) =>
        images.Sum(i => AveragePrecision.Match(i with { Found = [.. i.Found.Where(f => f.Score >= threshold)] }, 0.5).Count(m => m.Object >= 0)) / (double)images.Sum(i => i.Objects.Count);

    // The score from which on boxes count, that counts training images best.
    private static double BestThreshold(IReadOnlyList<ImageDetections> images) =>
        Enumerable.Range(1, 19).Select(k => k / 20.0).MinBy(t => CountOff(images, t));

    private static double Square(double x) => x * x;
}
