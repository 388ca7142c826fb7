using Sightline.Datasets;
using Sightline.Datasets.Splits;
using Sightline.Imaging;

namespace Sightline.Labs;

/// <summary>Images held in memory as bytes, all of one square size: what the labs train on.</summary>
/// <param name="Side">Side in pixels.</param>
/// <param name="Classes">Class names.</param>
/// <param name="Train">Training pixels, one image after the other: R, G, B of each pixel, row by row.</param>
/// <param name="TrainLabels">Training labels.</param>
/// <param name="Validation">Held-out pixels.</param>
/// <param name="ValidationLabels">Held-out labels.</param>
internal sealed record LabImages(int Side, IReadOnlyList<string> Classes, byte[] Train, int[] TrainLabels, byte[] Validation, int[] ValidationLabels)
{
    private const ulong SplitSeed = 7;

    /// <summary>Bytes of one image.</summary>
    public int Stride => 3 * Side * Side;

    /// <summary>Mean and deviation of each channel over the training images, in 0–1.</summary>
    /// <returns>Three means, three deviations.</returns>
    public (float[] Mean, float[] Deviation) ChannelStatistics()
    {
        double[] sum = new double[3], squares = new double[3];
        for (int i = 0; i < Train.Length; i++)
        {
            double v = Train[i] / 255.0;
            sum[i % 3] += v;
            squares[i % 3] += v * v;
        }
        double n = Train.Length / 3.0;
        float[] mean = [.. sum.Select(s => (float)(s / n))];
        float[] deviation = [.. squares.Select((s, c) => (float)Math.Max(1e-3, Math.Sqrt(s / n - mean[c] * (double)mean[c])))];
        return (mean, deviation);
    }

    /// <summary>The same with at most so many training and validation images, drawn with a seed, as many of each class as can be.</summary>
    /// <param name="train">Training images.</param>
    /// <param name="validation">Validation images.</param>
    /// <param name="seed">The seed of the draw.</param>
    /// <returns>The subset.</returns>
    public LabImages Subset(int train, int validation, ulong seed)
    {
        int[] t = Draw(TrainLabels, train, new SeedStream(seed, "subset/train")), v = Draw(ValidationLabels, validation, new SeedStream(seed, "subset/val"));
        return this with
        {
            Train = Take(Train, t),
            TrainLabels = [.. t.Select(i => TrainLabels[i])],
            Validation = Take(Validation, v),
            ValidationLabels = [.. v.Select(i => ValidationLabels[i])],
        };
    }

    /// <summary>The same with the pixels of every image in another order, one for all images: every value is still there, no neighbour is.</summary>
    /// <param name="seed">The seed of the order.</param>
    /// <returns>The permuted images.</returns>
    public LabImages Permuted(ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, Side * Side)];
        new SeedStream(seed, "permutation").Shuffle<int>(order);
        return this with { Train = Reordered(Train, order), Validation = Reordered(Validation, order) };
    }

    private byte[] Reordered(byte[] pixels, int[] order)
    {
        byte[] moved = new byte[pixels.Length];
        for (int image = 0; image < pixels.Length; image += Stride)
        {
            for (int i = 0; i < order.Length; i++)
                pixels.AsSpan(image + 3 * order[i], 3).CopyTo(moved.AsSpan(image + 3 * i));
        }
        return moved;
    }

    /// <summary>The same images, every one scaled.</summary>
    /// <param name="side">Side in pixels.</param>
    /// <returns>The images.</returns>
    public LabImages Resized(int side) => side == Side ? this : this with { Side = side, Train = Scaled(Train, side), Validation = Scaled(Validation, side) };

    /// <summary>Reads an image set, every image scaled to a square.</summary>
    /// <param name="path">Any set that <c>sightline data info</c> knows; one without a held-out split loses a fifth to it, by group.</param>
    /// <param name="side">Side in pixels.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>All images.</returns>
    public static LabImages Open(string path, int side, CancellationToken cancellation)
    {
        ImageSet set = ImageSet.Open(path);
        if (!set.Splits.Any(s => s is "val" or "test"))
            set = SplitByGroup.Apply(set, 0.2, SplitSeed);
        string held = set.Splits.Contains("val") ? "val" : "test";
        return From(set, [.. set.Samples.Where(s => s.Split == "train")], [.. set.Samples.Where(s => s.Split == held)], side, cancellation);
    }

    /// <summary>Decodes given samples.</summary>
    /// <param name="set">Their set.</param>
    /// <param name="train">Training samples.</param>
    /// <param name="validation">Held-out samples.</param>
    /// <param name="side">Side in pixels.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The images.</returns>
    public static LabImages From(ImageSet set, IReadOnlyList<ImageSample> train, IReadOnlyList<ImageSample> validation, int side, CancellationToken cancellation)
    {
        if (train.Count == 0 || validation.Count == 0)
            throw new BadInputException("empty-split", $"The set has {train.Count} training and {validation.Count} held-out images; both are needed.", set.Root);
        return new LabImages(side, set.Classes, Decode(train, side, cancellation), [.. train.Select(s => s.Label)], Decode(validation, side, cancellation), [.. validation.Select(s => s.Label)]);
    }

    private static byte[] Decode(IReadOnlyList<ImageSample> samples, int side, CancellationToken cancellation)
    {
        byte[] pixels = new byte[samples.Count * 3 * side * side];
        Parallel.For(0, samples.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
            samples[i].Content.DecodeCrop((width, height) => new CropBox(0, 0, width, height), side, side).Pixels.CopyTo(pixels, i * 3 * side * side));
        return pixels;
    }

    /// <summary>CIFAR-10 from where data sets usually lie.</summary>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>All images.</returns>
    public static LabImages Cifar10(CancellationToken cancellation) => Open(SharedData("cifar10"), 32, cancellation);

    /// <summary>The same few training images of CIFAR-10 for every cell of a lab, or of the reader's data, and all held-out ones.</summary>
    /// <param name="context">Where the reader's data is, if any; a quick run takes <see cref="Synthetic"/>.</param>
    /// <param name="train">Training images.</param>
    /// <param name="seed">The subset's own seed.</param>
    /// <returns>The images, 32×32.</returns>
    public static LabImages Few(LabContext context, int train, ulong seed)
    {
        LabImages all = context.Data is not null ? Open(context.Data, 32, context.Cancellation)
            : context.Quick ? Synthetic(300, 40) : Cifar10(context.Cancellation);
        return all.Subset(train, int.MaxValue, seed);
    }

    /// <summary>Noise with one bright quarter a class: for tests that machinery runs, where nothing is to be learnt about the world.</summary>
    /// <param name="train">Training images.</param>
    /// <param name="validation">Validation images.</param>
    /// <returns>The images, 32×32, of four classes.</returns>
    public static LabImages Synthetic(int train, int validation)
    {
        (byte[] t, int[] tl) = Quarters(train, 1);
        (byte[] v, int[] vl) = Quarters(validation, 2);
        return new LabImages(32, ["top-left", "top-right", "bottom-left", "bottom-right"], t, tl, v, vl);
    }

    private static (byte[] Pixels, int[] Labels) Quarters(int count, ulong seed)
    {
        byte[] pixels = new byte[count * 3072];
        int[] labels = new int[count];
        for (int n = 0; n < count; n++)
        {
            var stream = new SeedStream(seed, "quarters", n);
            labels[n] = n % 4;
            for (int i = 0; i < 3072; i++)
            {
                bool right = i / 3 % 32 >= 16, bottom = i / 96 >= 16;
                bool here = labels[n] == (bottom ? 2 : 0) + (right ? 1 : 0);
                pixels[n * 3072 + i] = (byte)(stream.NextInt(128) + (here ? 100 : 0));
            }
        }
        return (pixels, labels);
    }

    /// <summary>Where a data set lies, among those that stand beside the checkout or were fetched.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its folder.</returns>
    /// <exception cref="BadInputException">It is not here (<c>no-data</c>).</exception>
    public static string SharedData(string name) => DataFolders.Set(name)
        ?? throw new BadInputException("no-data", $"The data set '{name}' is not here.", fix: $"Fetch it with sightline data get {name}, set SIGHTLINE_SHARED_DATA to the folder that holds it, or name a set with --data.");

    private byte[] Scaled(byte[] pixels, int side)
    {
        byte[] scaled = new byte[pixels.Length / Stride * 3 * side * side];
        Parallel.For(0, pixels.Length / Stride, i =>
            Resize.To(new RgbImage(Side, Side, pixels.AsSpan(i * Stride, Stride).ToArray()), side, side).Pixels.CopyTo(scaled, i * 3 * side * side));
        return scaled;
    }

    private byte[] Take(byte[] pixels, int[] indices)
    {
        byte[] taken = new byte[indices.Length * Stride];
        for (int i = 0; i < indices.Length; i++)
            pixels.AsSpan(indices[i] * Stride, Stride).CopyTo(taken.AsSpan(i * Stride));
        return taken;
    }

    // The same share of every class: shuffled within classes, then dealt out in turn.
    private static int[] Draw(int[] labels, int count, SeedStream stream)
    {
        int[] order = [.. Enumerable.Range(0, labels.Length)];
        stream.Shuffle<int>(order);
        if (count >= labels.Length)
            return [.. order.Order()];
        var turns = new Dictionary<int, int>();
        return [.. order.Select(i => (Index: i, Turn: turns[labels[i]] = turns.GetValueOrDefault(labels[i]) + 1)).OrderBy(p => p.Turn).Take(count).Select(p => p.Index).Order()];
    }
}
