using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Augmentation;
using Sightline.Training.Pipeline;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Signals;

/// <summary>
/// A few training images, always the same, that a network is asked about at the end of every epoch. Asking changes nothing: no weight, no
/// statistic, no random state.
/// </summary>
public sealed class TrainingProbe : IDisposable
{
    // Two forward passes of one image in two hundred cost about 0.3 % of an epoch's forward and backward passes.
    private const int ImagesPerProbed = 200, Fewest = 32, Most = 64;
    private readonly Tensor images;
    private readonly Tensor labels;

    /// <summary>Takes images as the probe.</summary>
    /// <param name="images"><c>[N, 3, H, W] float32</c>, as the network takes them; copied.</param>
    /// <param name="labels"><c>[N] int64</c>; copied.</param>
    public TrainingProbe(Tensor images, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        this.images = images.clone().DetachFromDisposeScope();
        this.labels = labels.clone().DetachFromDisposeScope();
    }

    /// <summary>Draws a probe from the training images: one in two hundred, at least 32 and at most 64.</summary>
    /// <param name="training">The training images.</param>
    /// <param name="preprocessing">What turns an image into the input.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="seed">The run's seed; the draw is its stream <c>probe</c>.</param>
    /// <returns>The probe; dispose it.</returns>
    /// <exception cref="BadInputException">An image cannot be used.</exception>
    public static TrainingProbe Of(IReadOnlyList<ImageSample> training, Preprocessing preprocessing, int classes, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(training);
        int[] order = [.. Enumerable.Range(0, training.Count)];
        new SeedStream(seed, "probe").Shuffle<int>(order);
        int count = Math.Min(Math.Clamp(training.Count / ImagesPerProbed, Fewest, Most), training.Count);
        ImageSample[] drawn = [.. order.Take(count).Select(i => training[i])];
        using var loader = new BatchLoader(drawn, preprocessing, AugmentationRecipe.None, new LoaderOptions { BatchSize = count, Classes = classes, CacheBytes = 0 });
        using Batch batch = loader.Epoch(0).First();
        return new TrainingProbe(batch.Images, batch.Labels);
    }

    /// <summary>Asks a network.</summary>
    /// <param name="network">The network, where it computes; left in the mode and with the statistics that it had.</param>
    /// <param name="blocks">Its blocks.</param>
    /// <param name="channelsLast">Whether it takes images channels-last.</param>
    /// <returns>What it did.</returns>
    public ProbeReading Measure(Classifier network, IReadOnlyList<NetworkBlock> blocks, bool channelsLast)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(blocks);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        DeviceType device = ComputeDevice.Of(network);
        Tensor input = ComputeDevice.Put(channelsLast ? ChannelsLast.Of(images) : images, device);
        using var evaluating = new EvaluationMode(network);
        (double Loss, double Top1) own;
        BlockActivations[] activations;
        using (var reading = new LayerReading(network, blocks))
        {
            own = Score(network, input);
            activations = [.. blocks.Select(b => reading.Of(b.Name))];
        }
        (double Loss, double Top1) batch = BatchScore(network, input);
        return new ProbeReading(own.Loss, own.Top1, batch.Loss, batch.Top1, activations);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        images.Dispose();
        labels.Dispose();
    }

    private (double Loss, double Top1) Score(Classifier network, Tensor input)
    {
        Tensor logits = ComputeDevice.Put(network.call(input), DeviceType.CPU);
        return (nn.functional.cross_entropy(logits, labels).item<float>(), logits.argmax(1).eq(labels).sum().item<long>() / (double)labels.shape[0]);
    }

    private (double Loss, double Top1) BatchScore(Classifier network, Tensor input)
    {
        BatchNorm[] norms = [.. network.modules().OfType<BatchNorm>().Where(n => n.track_running_stats)];
        if (norms.Length == 0 || labels.shape[0] < 2)
            return (double.NaN, double.NaN);
        Tensor[][] kept = [.. norms.Select(n => new[] { n.running_mean!.clone(), n.running_var!.clone(), n.num_batches_tracked!.clone() })];
        try
        {
            foreach (BatchNorm norm in norms)
                norm.train();
            return Score(network, input);
        }
        finally
        {
            for (int i = 0; i < norms.Length; i++)
            {
                norms[i].running_mean!.copy_(kept[i][0]);
                norms[i].running_var!.copy_(kept[i][1]);
                norms[i].num_batches_tracked!.copy_(kept[i][2]);
            }
        }
    }
}
