using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Training.Augmentation;

namespace Sightline.Training.Pipeline;

/// <summary>What one pass consists of: which samples in which batch, and how one sample and one batch are made. No state that changes.</summary>
internal sealed class EpochPlan
{
    private readonly IReadOnlyList<ImageSample> samples;
    private readonly SampleReader reader;
    private readonly Preprocessing preprocessing;
    private readonly AugmentationRecipe recipe;
    private readonly LoaderOptions options;
    private readonly int epoch;
    private readonly int[] order;
    private readonly int[]? copyOf; // how many times an image came before in this epoch

    internal EpochPlan(
        IReadOnlyList<ImageSample> samples, SampleReader reader, Preprocessing preprocessing, AugmentationRecipe recipe, LoaderOptions options,
        int epoch, int firstBatch, int batches)
    {
        (this.samples, this.reader, this.preprocessing, this.recipe, this.options, this.epoch) = (samples, reader, preprocessing, recipe, options, epoch);
        FirstBatch = firstBatch;
        Batches = batches;
        int[] drawn = options.Shares?.Draw(new SeedStream(options.Seed, "sample-shares", 0, epoch).NextDouble()) ?? [.. Enumerable.Range(0, samples.Count)];
        int[] places = [.. Enumerable.Range(0, drawn.Length)];
        if (options.Shuffle)
            new SeedStream(options.Seed, "sample-order", 0, epoch).Shuffle(places.AsSpan());
        order = Array.ConvertAll(places, p => drawn[p]);
        if (options.Shares is not null)
        {
            int[] copies = new int[drawn.Length];
            for (int i = 1; i < drawn.Length; i++)
                copies[i] = drawn[i] == drawn[i - 1] ? copies[i - 1] + 1 : 0;
            copyOf = Array.ConvertAll(places, p => copies[p]);
        }
    }

    internal int FirstBatch { get; }

    internal int Batches { get; }

    internal int BatchSize => Math.Min(options.BatchSize, order.Length);

    internal int InputLength => preprocessing.Length;

    internal bool MixesLabels => recipe.MixesLabels;

    internal int Classes => options.Classes;

    internal int CountOf(int batch) => Math.Min(options.BatchSize, order.Length - batch * options.BatchSize);

    /// <summary>Reads one sample into its place in the batch.</summary>
    internal void Read(BatchSlot slot, int position)
    {
        int index = order[slot.Number * options.BatchSize + position];
        reader.Read(index, Occasion(slot.Number * options.BatchSize + position), slot.Images.AsSpan(position * InputLength, InputLength));
        slot.Labels[position] = samples[index].Label;
    }

    // What augmentation draws by in the place of the epoch: another number for each copy of an image. Epochs are below a million, and
    // the odd step makes alternating flips alternate between copies too.
    private int Occasion(int place) => copyOf is null ? epoch : epoch + copyOf[place] * ((1 << 20) + 1);

    /// <summary>Mixes the images and labels of a complete batch.</summary>
    internal void Mix(BatchSlot slot)
    {
        if (!MixesLabels)
            return;
        var stream = new SeedStream(options.Seed, "augmentation/label-mixing", slot.Number, epoch);
        LabelMixing.Apply(
            recipe, slot.Images.AsSpan(0, slot.Count * InputLength), slot.Labels.AsSpan(0, slot.Count), slot.Targets.AsSpan(0, slot.Count * Classes),
            preprocessing.Width, preprocessing.Height, Classes, ref stream);
    }

    /// <summary>Makes the tensors.</summary>
    internal Batch MakeBatch(BatchSlot slot) => new(
        slot.Number, slot.Images.AsSpan(0, slot.Count * InputLength), preprocessing.Height, preprocessing.Width, slot.Labels.AsSpan(0, slot.Count),
        MixesLabels ? slot.Targets.AsSpan(0, slot.Count * Classes) : default, order.AsSpan(slot.Number * options.BatchSize, slot.Count).ToArray());
}
