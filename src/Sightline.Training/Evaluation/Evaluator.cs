using System.Runtime.InteropServices;
using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Augmentation;
using Sightline.Training.Pipeline;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Evaluation;

/// <summary>Runs images through a network in float32, where it is (<see cref="ComputeDevice"/>), as training's validation and the robot do.</summary>
public static class Evaluator
{
    /// <summary>The logits of many images.</summary>
    /// <param name="network">The network; it is put in evaluation mode for the time being.</param>
    /// <param name="classes">How many logits it gives.</param>
    /// <param name="samples">The images.</param>
    /// <param name="preprocessing">What turns an image into the input.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Row-major <c>[N, K] float32</c>, in the order of the samples.</returns>
    /// <exception cref="BadInputException">An image cannot be used.</exception>
    public static float[] Logits(nn.Module<Tensor, Tensor> network, int classes, IReadOnlyList<ImageSample> samples, Preprocessing preprocessing,
        EvaluationOptions? options = null, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(samples);
        options ??= new EvaluationOptions();
        if (samples.Count == 0)
            return [];
        using BatchLoader loader = Loader(samples, preprocessing, classes, options, keep: false);
        return Logits(network, classes, loader, samples.Count, options, progress, cancellationToken);
    }

    private const int LargestBatch = (1 << 30) / sizeof(float);

    /// <summary>A loader for evaluation: no augmentation, in the order of the samples.</summary>
    /// <param name="samples">The images.</param>
    /// <param name="preprocessing">What turns an image into the input.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">How.</param>
    /// <param name="keep">Whether decoded images are kept for the next pass.</param>
    /// <returns>The loader; dispose it.</returns>
    internal static BatchLoader Loader(IReadOnlyList<ImageSample> samples, Preprocessing preprocessing, int classes, EvaluationOptions options, bool keep) =>
        new(samples, preprocessing, AugmentationRecipe.None, new LoaderOptions
        {
            // No more numbers than an array of 1 GiB holds: large images come in smaller batches.
            BatchSize = Math.Clamp(LargestBatch / preprocessing.Length, 1, options.BatchSize),
            Workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount,
            Classes = classes,
            CacheBytes = keep ? new LoaderOptions().CacheBytes : 0,
        });

    /// <summary>One pass over a loader.</summary>
    internal static float[] Logits(nn.Module<Tensor, Tensor> network, int classes, BatchLoader loader, int count, EvaluationOptions options,
        IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var logits = new float[checked(count * classes)];
        DeviceType device = ComputeDevice.Of(network);
        int done = 0;
        using var evaluating = new EvaluationMode(network);
        using IDisposable noGrad = no_grad();
        using ScalarGuard guard = ScalarGuard.Enter();
        foreach (Batch batch in loader.Epoch(0, 0, cancellationToken))
        {
            using (batch)
            using (DisposeScope scope = NewDisposeScope())
            {
                Tensor output = Views(network, ComputeDevice.Put(options.ChannelsLast ? ChannelsLast.Of(batch.Images) : batch.Images, device), options);
                if (output.shape is not [var n, var k] || n != batch.Count || k != classes)
                    throw new InvalidOperationException($"The network gave [{string.Join(", ", output.shape)}], expected [{batch.Count}, {classes}].");
                MemoryMarshal.Cast<byte, float>(ComputeDevice.Put(output, DeviceType.CPU).contiguous().bytes).CopyTo(logits.AsSpan(done * classes));
                done += batch.Count;
            }
            guard.AtBoundary();
            progress?.Report(new WorkProgress(options.Stage, done, count, "images"));
        }
        return logits;
    }

    /// <summary>The logits of many images under a trained model.</summary>
    /// <inheritdoc cref="Logits(nn.Module{Tensor, Tensor}, int, IReadOnlyList{ImageSample}, Preprocessing, EvaluationOptions, IProgress{WorkProgress}, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="samples">The images.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static float[] Logits(TrainedModel model, IReadOnlyList<ImageSample> samples, EvaluationOptions? options = null, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Logits(model.Network, model.Classes.Count, samples, model.Preprocessing, options, progress, cancellationToken);
    }

    /// <summary>The class probabilities of many images under a trained model: the softmax of <see cref="Logits(TrainedModel, IReadOnlyList{ImageSample}, EvaluationOptions, IProgress{WorkProgress}, CancellationToken)"/>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">The images.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Row-major <c>[N, K] float32</c>, in the order of the samples.</returns>
    /// <exception cref="BadInputException">An image cannot be used.</exception>
    public static float[] Probabilities(TrainedModel model, IReadOnlyList<ImageSample> samples, EvaluationOptions? options = null, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        float[] values = Logits(model, samples, options, progress, cancellationToken);
        Softmax(values, model.Classes.Count);
        return values;
    }

    /// <summary>Turns rows of logits into probabilities, in place.</summary>
    /// <param name="logits">Row-major <c>[N, K]</c>.</param>
    /// <param name="classes">K.</param>
    public static void Softmax(Span<float> logits, int classes)
    {
        for (int start = 0; start < logits.Length; start += classes)
        {
            Span<float> row = logits.Slice(start, classes);
            double largest = double.NegativeInfinity, sum = 0;
            foreach (float v in row)
                largest = Math.Max(largest, v);
            foreach (float v in row)
                sum += Math.Exp(v - largest);
            for (int k = 0; k < row.Length; k++)
                row[k] = (float)(Math.Exp(row[k] - largest) / sum);
        }
    }

    private static Tensor Views(nn.Module<Tensor, Tensor> network, Tensor images, EvaluationOptions options)
    {
        if (options.Augmentation == TestTimeAugmentation.None)
            return network.call(images);
        Tensor plain = Mirrored(network, images);
        if (options.Augmentation == TestTimeAugmentation.Flip)
            return plain;
        long h = images.shape[2], w = images.shape[3];
        Tensor padded = nn.functional.pad(images, [1, 1, 1, 1], PaddingModes.Reflect);
        Tensor upLeft = padded.narrow(2, 0, h).narrow(3, 0, w), downRight = padded.narrow(2, 2, h).narrow(3, 2, w);
        Tensor moved = (Mirrored(network, upLeft) + Mirrored(network, downRight)) / 2;
        return (plain + moved) / 2;
    }

    private static Tensor Mirrored(nn.Module<Tensor, Tensor> network, Tensor images) => (network.call(images) + network.call(images.flip(3))) / 2;
}
