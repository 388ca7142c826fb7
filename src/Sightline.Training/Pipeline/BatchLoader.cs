using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Training.Augmentation;

namespace Sightline.Training.Pipeline;

/// <summary>
/// Brings labelled images to the network in batches: managed threads read, decode and augment ahead of the consumer, within bounds; the
/// tensors are made on the consumer's thread. Order and augmentation depend on the seed, the epoch and each sample's index, never on
/// thread timing: the same batches come, bit for bit, whatever the number of workers, and also when an epoch is taken up in its middle.
/// </summary>
/// <remarks>
/// Without shuffling and with <see cref="AugmentationRecipe.None"/> it gives exactly what <see cref="Preprocessing.Apply"/> gives on the
/// robot. Threads live only while an epoch is being enumerated: leaving the loop, cancelling, an error, or <see cref="Dispose"/> ends
/// them. One epoch at a time is meant, but several work.
/// </remarks>
/// <example>
/// <code>
/// using var loader = new BatchLoader(samples, preprocessing, recipe, new LoaderOptions { BatchSize = 64, Seed = 1, Shuffle = true });
/// foreach (Batch batch in loader.Epoch(0))
/// {
///     using (batch)
///         Step(batch.Images, batch.Labels);
/// }
/// </code>
/// </example>
public sealed class BatchLoader : IDisposable
{
    private readonly IReadOnlyList<ImageSample> samples;
    private readonly Preprocessing preprocessing;
    private readonly AugmentationRecipe recipe;
    private readonly LoaderOptions options;
    private readonly SampleReader reader;
    private readonly List<EpochRun> running = [];
    private bool disposed;

    /// <summary>Creates a loader; reads nothing yet.</summary>
    /// <param name="samples">The images; <see cref="Batch.Indices"/> refer to this list.</param>
    /// <param name="preprocessing">What turns an image into the network's input.</param>
    /// <param name="augmentation">What happens to training images; <see cref="AugmentationRecipe.None"/> for evaluation.</param>
    /// <param name="options">Batch size, seed, order, threads.</param>
    /// <exception cref="BadInputException">The augmentation's values cannot be used.</exception>
    /// <exception cref="ArgumentException">There is no sample, an option is out of range, or labels are mixed and lie outside the classes.</exception>
    public BatchLoader(IReadOnlyList<ImageSample> samples, Preprocessing preprocessing, AugmentationRecipe augmentation, LoaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentNullException.ThrowIfNull(augmentation);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        augmentation.Validate();
        if (samples.Count == 0)
            throw new ArgumentException("There is no image to load.", nameof(samples));
        if (augmentation.MixesLabels && samples.FirstOrDefault(s => (uint)s.Label >= (uint)options.Classes) is ImageSample outside)
            throw new ArgumentException($"MixUp and CutMix need the number of classes: '{outside.Name}' has label {outside.Label} of {options.Classes} classes.", nameof(options));
        (this.samples, this.preprocessing, recipe, this.options) = (samples, preprocessing, augmentation, options);
        reader = new SampleReader(samples, preprocessing, augmentation, options.Seed, options.CacheBytes);
    }

    /// <summary>How many batches an epoch has; 0 when the only batch is not full and such are dropped.</summary>
    public int BatchesPerEpoch => options.DropLast ? Drawn / options.BatchSize : (Drawn + options.BatchSize - 1) / options.BatchSize;

    /// <summary>How many images an epoch gives.</summary>
    public int ImagesPerEpoch => options.DropLast ? BatchesPerEpoch * options.BatchSize : Drawn;

    private int Drawn => options.Shares?.Count ?? samples.Count;

    /// <summary>The batches of one epoch, in order. Each must be disposed by the caller.</summary>
    /// <param name="epoch">The epoch, from 0; it chooses order and augmentation.</param>
    /// <param name="startBatch">The batch to begin with: a resumed run gets exactly the remaining ones.</param>
    /// <param name="cancellation">Ends the enumeration with <see cref="OperationCanceledException"/>.</param>
    /// <returns>A lazy sequence; reading begins with the first batch asked for.</returns>
    /// <exception cref="BadInputException">While enumerating: an image cannot be read; the batches before its own still come.</exception>
    /// <exception cref="ObjectDisposedException">The loader is or was disposed.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int startBatch = 0, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(startBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(startBatch, BatchesPerEpoch);
        return Enumerate(epoch, startBatch, cancellation);
    }

    /// <summary>Ends every enumeration that is under way, and its threads.</summary>
    public void Dispose()
    {
        EpochRun[] ending;
        lock (running)
        {
            disposed = true;
            ending = [.. running];
            running.Clear();
        }
        foreach (EpochRun run in ending)
            run.Dispose();
    }

    private IEnumerable<Batch> Enumerate(int epoch, int startBatch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (startBatch == BatchesPerEpoch)
            yield break;
        EpochRun run = Start(new EpochPlan(samples, reader, preprocessing, recipe, options, epoch, startBatch, BatchesPerEpoch));
        try
        {
            for (int batch = startBatch; batch < BatchesPerEpoch; batch++)
                yield return run.Next(cancellation);
        }
        finally
        {
            run.Dispose();
            lock (running)
                running.Remove(run);
        }
    }

    private EpochRun Start(EpochPlan plan)
    {
        lock (running)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            var run = new EpochRun(plan, options.Workers, options.Prefetch);
            running.Add(run);
            return run;
        }
    }
}
