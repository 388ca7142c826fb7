using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs;

/// <summary>How a lab trains.</summary>
internal sealed record LabTrainingPlan
{
    /// <summary>The registered network.</summary>
    public required string Network { get; init; }

    /// <summary>Its variant.</summary>
    public NetworkOptions Options { get; init; } = NetworkOptions.Default;

    /// <summary>Builds another network than the registered one, for so many classes; its weights are drawn anew.</summary>
    public Func<int, Classifier>? Build { get; init; }

    /// <summary>Whether training images are shifted and mirrored.</summary>
    public bool Augment { get; init; } = true;

    /// <summary>Passes over the training images.</summary>
    public required int Epochs { get; init; }

    /// <summary>Images a step.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Adam with decoupled decay instead of gradient descent with momentum.</summary>
    public bool AdamW { get; init; }

    /// <summary>The highest learning rate: reached after one epoch, then down a cosine to zero.</summary>
    public double Rate { get; init; } = 0.1;

    /// <summary>Weight decay, on all parameters, as in the paper.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Standard deviation of the random gain and offset of each channel of each training image, in normalised units.</summary>
    public double Light { get; init; }

    /// <summary>Whether to keep to float32 where bfloat16 would do, so that networks are timed alike.</summary>
    public bool Float32 { get; init; }

    /// <summary>Pixels that a random crop may shift by.</summary>
    public int Shift { get; init; } = 4;
}

/// <summary>
/// One training as the labs do it, written out in one place so that an experiment can be read whole: stochastic gradient descent with
/// momentum 0.9 or AdamW, warm-up and cosine, shift and flip, cross-entropy; bfloat16 and channels-last where the processor has them.
/// </summary>
internal sealed class LabTraining : IDisposable
{
    /// <summary>How many validation images the curve uses at each epoch; the last number goes over all of them.</summary>
    public const int CurveImages = 500;

    private readonly LabImages data;
    private readonly LabTrainingPlan plan;
    private readonly LabContext context;
    private readonly Classifier network;
    private readonly torch.optim.Optimizer optimiser;
    private readonly bool bf16;
    private readonly ScalarGuard guard = ScalarGuard.Enter();
    private readonly float[] scale = new float[3], offset = new float[3];

    /// <summary>Builds network and optimiser.</summary>
    /// <param name="data">The images.</param>
    /// <param name="plan">How to train.</param>
    /// <param name="context">Seed, progress, cancellation.</param>
    public LabTraining(LabImages data, LabTrainingPlan plan, LabContext context)
    {
        plan = plan with { BatchSize = Math.Min(plan.BatchSize, data.TrainLabels.Length) };
        (this.data, this.plan, this.context) = (data, plan, context);
        Allocator.Configure();
        Nnpack.Disable();
        network = plan.Build?.Invoke(data.Classes.Count) ?? Networks.Create(plan.Network, data.Classes.Count, context.Seed, plan.Options);
        if (plan.Build is not null)
            WeightInitialisation.Apply(network, context.Seed);
        ChannelsLast.Apply(network);
        (float[] mean, float[] deviation) = data.ChannelStatistics();
        for (int c = 0; c < 3; c++)
            (scale[c], offset[c]) = (1 / (255 * deviation[c]), -mean[c] / deviation[c]);
        bf16 = !plan.Float32 && MachineFacts.Here(1).Features.Contains("bf16", StringComparison.Ordinal) && Autocast.IsSupported && Bf16IsSound();
        optimiser = plan.AdamW
            ? torch.optim.AdamW(network.parameters(), plan.Rate, weight_decay: plan.WeightDecay)
            : torch.optim.SGD(network.parameters(), plan.Rate, momentum: 0.9, weight_decay: plan.WeightDecay);
    }

    /// <summary>The network, trained as far as it is.</summary>
    public Classifier Network => network;

    /// <summary>The arithmetic in use.</summary>
    public string Precision => bf16 ? "bf16" : "float32";

    /// <summary>Trains to the end and measures.</summary>
    /// <returns>Error on training and validation images, and the curves.</returns>
    public LabOutcome Run()
    {
        var curves = new Dictionary<string, IReadOnlyList<double>>();
        manual_seed(unchecked((long)SeedStream.Derive(context.Seed, "torch"))); // what layers draw, such as dropout's masks
        List<double> trainLoss = [], trainError = [], valLoss = [], valError = [];
        int stepsPerEpoch = data.TrainLabels.Length / plan.BatchSize, done = 0, steps = plan.Epochs * stepsPerEpoch;
        for (int epoch = 0; epoch < plan.Epochs; epoch++)
        {
            int[] order = Order(epoch);
            double loss = 0, wrong = 0;
            for (int step = 0; step < stepsPerEpoch; step++)
            {
                (double l, double w) = Step(order.AsSpan(step * plan.BatchSize, plan.BatchSize), epoch, done++, steps, stepsPerEpoch);
                loss += l;
                wrong += w;
                if (!double.IsFinite(l))
                    throw new InvalidOperationException($"The loss is {l} at step {done} of {steps}.");
                context.Progress?.Report(new WorkProgress($"epoch {epoch + 1}/{plan.Epochs}", step + 1, stepsPerEpoch, "steps", $"loss {loss / (step + 1):0.000}"));
            }
            trainLoss.Add(loss / stepsPerEpoch);
            trainError.Add(wrong / (stepsPerEpoch * (double)plan.BatchSize));
            (double vl, double ve) = Measure(data.Validation, data.ValidationLabels, Math.Min(CurveImages, data.ValidationLabels.Length));
            valLoss.Add(vl);
            valError.Add(ve);
        }
        curves["trainLoss"] = trainLoss;
        curves["trainErrorAugmented"] = trainError;
        curves["valLoss"] = valLoss;
        curves["valError"] = valError;
        (double finalTrainLoss, double finalTrainError) = Measure(data.Train, data.TrainLabels, data.TrainLabels.Length);
        (double finalValLoss, double finalValError) = Measure(data.Validation, data.ValidationLabels, data.ValidationLabels.Length);
        var metrics = new Dictionary<string, double>
        {
            ["trainError"] = finalTrainError,
            ["valError"] = finalValError,
            ["top1"] = 1 - finalValError,
            ["trainErrorAugmented"] = trainError[^1],
            ["trainLoss"] = finalTrainLoss,
            ["valLoss"] = finalValLoss,
            ["trainImages"] = data.TrainLabels.Length,
            ["valImages"] = data.ValidationLabels.Length,
        };
        return new LabOutcome(metrics, curves, Precision);
    }

    /// <summary>Trains a few steps and takes the gradient's norm at each 3×3 convolution, averaged over the steps.</summary>
    /// <param name="steps">How many.</param>
    /// <returns>Norm by layer from the input on, and the first over the last.</returns>
    public LabOutcome Gradients(int steps)
    {
        int perEpoch = data.TrainLabels.Length / plan.BatchSize;
        List<TorchSharp.Modules.Parameter> convolutions = [.. network.named_parameters().Select(p => p.parameter).Where(p => p.dim() == 4 && p.shape[2] == 3)];
        double[] norms = new double[convolutions.Count];
        int[] order = Order(0);
        for (int step = 0; step < steps; step++)
        {
            Step(order.AsSpan(step % perEpoch * plan.BatchSize, plan.BatchSize), 0, step, steps, perEpoch);
            for (int i = 0; i < norms.Length; i++)
            {
                using Tensor gradient = convolutions[i].grad!, norm = gradient.norm();
                norms[i] += norm.item<float>() / (double)steps;
            }
            context.Progress?.Report(new WorkProgress("gradients", step + 1, steps, "steps"));
        }
        var metrics = new Dictionary<string, double>
        {
            // The stem sees three channels only; the second convolution has the same shape as those behind it.
            ["first"] = norms[1],
            ["last"] = norms[^1],
            ["firstToLast"] = norms[1] / norms[^1],
            ["smallestToLargest"] = norms.Min() / norms.Max(),
        };
        return new LabOutcome(metrics, new Dictionary<string, IReadOnlyList<double>> { ["gradientNorm"] = norms }, Precision);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        optimiser.Dispose();
        network.Dispose();
        guard.Dispose();
    }

    private (double Loss, double Wrong) Step(ReadOnlySpan<int> batch, int epoch, int done, int steps, int stepsPerEpoch)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        guard.AtBoundary();
        using DisposeScope scope = NewDisposeScope();
        (Tensor images, Tensor labels) = Batch(data.Train, data.TrainLabels, batch, plan.Augment, epoch);
        foreach (torch.optim.ILearningRateController group in optimiser.ParamGroups)
            group.LearningRate = Rate(plan.Rate, done, steps, stepsPerEpoch);
        network.train();
        optimiser.zero_grad();
        TrainingLogits logits = InTraining(images);
        (Tensor loss, Tensor total) = logits.Loss(l => functional.cross_entropy(l, labels));
        total.backward();
        optimiser.step();
        using IDisposable noGrad = no_grad();
        return (loss.item<float>(), logits.Logits.argmax(1).ne(labels).sum().item<long>());
    }

    /// <summary>Passes batches of images through the network without gradients, in whatever mode it is.</summary>
    /// <param name="held">Held-out images, else training images; neither is augmented.</param>
    /// <param name="take">Gets each batch's logits <c>[N, K] float32</c> and labels <c>[N] int64</c>; both are freed afterwards.</param>
    public void Pass(bool held, Action<Tensor, Tensor> take)
    {
        (byte[] pixels, int[] labels) = held ? (data.Validation, data.ValidationLabels) : (data.Train, data.TrainLabels);
        Pass(pixels, labels, [.. Enumerable.Range(0, labels.Length)], take);
    }

    /// <summary>The error on all held-out images, in evaluation mode.</summary>
    /// <param name="change">Changes each batch of images <c>[N, 3, S, S] float32</c> before it goes in; null leaves it.</param>
    /// <returns>A fraction.</returns>
    public double HeldError(Func<Tensor, Tensor>? change = null) => Measure(data.Validation, data.ValidationLabels, data.ValidationLabels.Length, change).Error;

    private void Pass(byte[] pixels, int[] labels, int[] indices, Action<Tensor, Tensor> take, Func<Tensor, Tensor>? change = null)
    {
        using IDisposable noGrad = no_grad();
        foreach (int[] batch in indices.Chunk(250))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            guard.AtBoundary();
            using DisposeScope scope = NewDisposeScope();
            (Tensor images, Tensor truth) = Batch(pixels, labels, batch, augment: false, 0);
            take(Forward(change is null ? images : change(images)), truth);
        }
    }

    private (double Loss, double Error) Measure(byte[] pixels, int[] labels, int count, Func<Tensor, Tensor>? change = null)
    {
        network.eval();
        double loss = 0;
        long wrong = 0;
        // For a part, every k-th image: the sets are ordered by class.
        int[] chosen = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * labels.Length / count))];
        Pass(pixels, labels, chosen, (logits, truth) =>
        {
            loss += functional.cross_entropy(logits, truth, reduction: Reduction.Sum).item<float>();
            wrong += logits.argmax(1).ne(truth).sum().item<long>();
        }, change);
        return (loss / count, wrong / (double)count);
    }

    // With auxiliary classifiers, where the network has some.
    private TrainingLogits InTraining(Tensor images)
    {
        if (!bf16)
            return TrainingLogits.Of(network, images);
        using (Autocast.BFloat16())
            return TrainingLogits.Of(network, images).Float32();
    }

    private Tensor Forward(Tensor images)
    {
        if (!bf16)
            return network.call(images);
        Tensor logits;
        using (Autocast.BFloat16())
            logits = network.call(images);
        return logits.to_type(ScalarType.Float32);
    }

    // One epoch up to the highest rate, then a cosine to zero.
    internal static double Rate(double highest, int step, int steps, int stepsPerEpoch) => step < stepsPerEpoch
        ? highest * (step + 1) / stepsPerEpoch
        : highest * (1 + Math.Cos(Math.PI * (step - stepsPerEpoch) / Math.Max(1, steps - stepsPerEpoch))) / 2;

    private int[] Order(int epoch)
    {
        int[] order = [.. Enumerable.Range(0, data.TrainLabels.Length)];
        new SeedStream(context.Seed, "shuffle", 0, epoch).Shuffle<int>(order);
        return order;
    }

    // Pixels as normalised float32, channels last in memory: written row by row as the bytes lie, then seen as [N, 3, H, W].
    private (Tensor Images, Tensor Labels) Batch(byte[] pixels, int[] labels, ReadOnlySpan<int> indices, bool augment, int epoch)
    {
        int side = data.Side, stride = data.Stride;
        float[] values = new float[indices.Length * stride];
        long[] truth = new long[indices.Length];
        float[] a = new float[3], b = new float[3];
        for (int n = 0; n < indices.Length; n++)
        {
            truth[n] = labels[indices[n]];
            var stream = new SeedStream(context.Seed, "augmentation", indices[n], epoch);
            int dx = augment ? stream.NextInt(2 * plan.Shift + 1) - plan.Shift : 0, dy = augment ? stream.NextInt(2 * plan.Shift + 1) - plan.Shift : 0;
            bool flip = augment && stream.NextInt(2) == 1;
            for (int c = 0; c < 3; c++)
            {
                float gain = augment && plan.Light > 0 ? (float)stream.Normal(1, plan.Light) : 1, shift = augment && plan.Light > 0 ? (float)stream.Normal(0, plan.Light) : 0;
                (a[c], b[c]) = (scale[c] * gain, offset[c] * gain + shift);
            }
            ReadOnlySpan<byte> source = pixels.AsSpan(indices[n] * stride, stride);
            Span<float> target = values.AsSpan(n * stride, stride);
            for (int y = 0; y < side; y++)
            {
                int fromY = y + dy;
                if (fromY < 0 || fromY >= side)
                    continue; // outside the image: zero, the mean colour
                for (int x = 0; x < side; x++)
                {
                    int fromX = (flip ? side - 1 - x : x) + dx;
                    if (fromX < 0 || fromX >= side)
                        continue;
                    int s = 3 * (fromY * side + fromX), t = 3 * (y * side + x);
                    target[t] = source[s] * a[0] + b[0];
                    target[t + 1] = source[s + 1] * a[1] + b[1];
                    target[t + 2] = source[s + 2] * a[2] + b[2];
                }
            }
        }
        Tensor images = torch.tensor(values, [indices.Length, side, side, 3]).permute(0, 3, 1, 2);
        return (images, torch.tensor(truth));
    }

    private bool Bf16IsSound()
    {
        using DisposeScope scope = NewDisposeScope();
        int[] some = [.. Enumerable.Range(0, Math.Min(plan.BatchSize, data.TrainLabels.Length))];
        (Tensor images, Tensor _) = Batch(data.Train, data.TrainLabels, some, augment: false, 0);
        return Bf16LayerCheck.Run(network, images, context.Seed).Count == 0;
    }
}
