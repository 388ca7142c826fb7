using Sightline.Injuries;

namespace Sightline.Labs.Injured;

/// <summary>The images of one small training, drawn from a pool by its seed, with what its faults did to them.</summary>
internal sealed class DrawnImages
{
    private const int Tested = 1000, Neighbours = 5, Compared = 1500;
    private readonly ImagePool pool;
    private readonly ulong seed;

    private DrawnImages(ImagePool pool, ulong seed, float[] mean, float[] deviation) => (this.pool, this.seed, Mean, Deviation) = (pool, seed, mean, deviation);

    /// <summary>Mean of each channel over the pool's training images, 0–255.</summary>
    public float[] Mean { get; }

    /// <summary>Deviation likewise.</summary>
    public float[] Deviation { get; }

    /// <summary>Training images: where their pixels begin, whether among the held-out ones, and the label that is given.</summary>
    public required DrawnImage[] Train { get; init; }

    /// <summary>Validation images.</summary>
    public required DrawnImage[] Validation { get; init; }

    /// <summary>Test images, with true labels.</summary>
    public required DrawnImage[] Test { get; init; }

    /// <summary>How many classes.</summary>
    public int Classes => pool.Classes;

    /// <summary>Draws.</summary>
    /// <param name="pool">Where from.</param>
    /// <param name="t">What for.</param>
    /// <returns>The images.</returns>
    public static DrawnImages Of(ImagePool pool, InjuredTraining t)
    {
        (float[] mean, float[] deviation) = Statistics(pool.Train);
        int[] train = Balanced(pool.TrainLabels, new SeedStream(t.Seed, "diagnosis/train"));
        int[] held = Balanced(pool.HeldLabels, new SeedStream(t.Seed, "diagnosis/held"));
        int[] chosen = train[..Math.Min(t.TrainImages, train.Length)];
        if (t.Thinning < 1)
            chosen = Thinned(chosen, pool.TrainLabels, t.Thinning);
        // Mixed before they are parted, so that both have the same share of every class.
        int tested = Math.Min(Tested, held.Length * 2 / 3), kept = Math.Min(tested * 7 / 5, held.Length);
        new SeedStream(t.Seed, "diagnosis/test").Shuffle<int>(held.AsSpan(0, kept));
        int[] test = held[..tested], rest = held[tested..kept];
        int[] validation = rest[..Math.Min(t.ValidationImages, rest.Length)];
        if (t.EasyValidation > 0)
            validation = Easy(pool, [.. rest, .. held[kept..]], t.EasyValidation, validation.Length);
        DrawnImage[] trainImages = [.. chosen.Select(i => new DrawnImage(i, false, pool.TrainLabels[i]))];
        DrawnImage[] validationImages = [.. validation.Select(i => new DrawnImage(i, true, pool.HeldLabels[i]))];
        Flip(trainImages, t.WrongLabels, pool.Classes, new SeedStream(t.Seed, "diagnosis/labels-train"));
        Flip(validationImages, t.WrongLabels, pool.Classes, new SeedStream(t.Seed, "diagnosis/labels-val"));
        int leaked = Math.Min((int)Math.Round(t.Leaked * validationImages.Length), trainImages.Length);
        Array.Copy(trainImages, validationImages, leaked);
        return new DrawnImages(pool, t.Seed, mean, deviation)
        {
            Train = trainImages,
            Validation = validationImages,
            Test = [.. test.Select(i => new DrawnImage(i, true, pool.HeldLabels[i]))],
        };
    }

    /// <summary>The normalised values of some images, each shifted and mirrored as a stream says.</summary>
    /// <param name="images">Which.</param>
    /// <param name="step">The step whose shifts they get; null leaves images as they are.</param>
    /// <returns><c>[N, 3, 16, 16]</c>, row-major.</returns>
    public float[] Values(ReadOnlySpan<DrawnImage> images, (int Epoch, int Step)? step)
    {
        var stream = new SeedStream(seed, "diagnosis/augment", step?.Epoch ?? 0, step?.Step ?? 0);
        const int side = ImagePool.Side, plane = side * side;
        float[] values = new float[images.Length * ImagePool.Stride];
        for (int n = 0; n < images.Length; n++)
        {
            ReadOnlySpan<byte> pixels = (images[n].Held ? pool.Held : pool.Train).AsSpan(images[n].Index * ImagePool.Stride, ImagePool.Stride);
            (int dx, int dy, bool mirror) = step is null ? (0, 0, false) : (stream.NextInt(5) - 2, stream.NextInt(5) - 2, stream.NextInt(2) == 1 && pool.Mirrors);
            for (int y = 0; y < side; y++)
            {
                int v = Math.Clamp(y + dy, 0, side - 1);
                for (int x = 0; x < side; x++)
                {
                    int u = Math.Clamp(x + dx, 0, side - 1), from = 3 * (v * side + (mirror ? side - 1 - u : u));
                    for (int c = 0; c < 3; c++)
                        values[n * ImagePool.Stride + c * plane + y * side + x] = (pixels[from + c] - Mean[c]) / Deviation[c];
                }
            }
        }
        return values;
    }

    // As many of each class as can be, in turn.
    private static int[] Balanced(int[] labels, SeedStream stream)
    {
        int[] order = [.. Enumerable.Range(0, labels.Length)];
        stream.Shuffle<int>(order);
        var rank = new Dictionary<int, int>();
        return [.. order.Select(i => (Index: i, Turn: rank[labels[i]] = rank.GetValueOrDefault(labels[i]) + 1)).OrderBy(p => p.Turn).Select(p => p.Index)];
    }

    private static int[] Thinned(int[] chosen, int[] labels, double share)
    {
        var left = new Dictionary<int, int>();
        foreach (IGrouping<int, int> group in chosen.GroupBy(i => labels[i]))
            left[group.Key] = group.Key == 0 ? group.Count() : Math.Max(2, (int)Math.Round(share * group.Count()));
        return [.. chosen.Where(i => left[labels[i]]-- > 0)];
    }

    private static void Flip(DrawnImage[] images, double share, int classes, SeedStream stream)
    {
        for (int i = 0; i < images.Length; i++)
        {
            if (stream.NextDouble() < share)
                images[i] = images[i] with { Label = (images[i].Label + 1 + stream.NextInt(classes - 1)) % classes };
        }
    }

    // Easy are those whose nearest training images all bear their label.
    private static int[] Easy(ImagePool pool, int[] rest, double share, int count)
    {
        int compared = Math.Min(Compared, pool.TrainLabels.Length);
        bool[] easy = new bool[rest.Length];
        for (int r = 0; r < rest.Length; r++)
        {
            ReadOnlySpan<byte> own = pool.Held.AsSpan(rest[r] * ImagePool.Stride, ImagePool.Stride);
            (int Distance, int Label)[] near = new (int, int)[compared];
            for (int t = 0; t < compared; t++)
            {
                ReadOnlySpan<byte> other = pool.Train.AsSpan(t * ImagePool.Stride, ImagePool.Stride);
                int sum = 0;
                for (int i = 0; i < own.Length; i += 2)
                    sum += (own[i] - other[i]) * (own[i] - other[i]);
                near[t] = (sum, pool.TrainLabels[t]);
            }
            int label = pool.HeldLabels[rest[r]];
            easy[r] = near.OrderBy(p => p.Distance).Take(Neighbours).Count(p => p.Label == label) > Neighbours / 2;
        }
        int wanted = (int)Math.Round(share * count);
        int[] first = [.. rest.Where((_, r) => easy[r]).Take(wanted)];
        return [.. first, .. rest.Except(first).Take(Math.Max(0, share < 1 ? count - first.Length : 0))];
    }

    private static (float[] Mean, float[] Deviation) Statistics(byte[] pixels)
    {
        double[] sum = new double[3], squares = new double[3];
        for (int i = 0; i < pixels.Length; i++)
        {
            sum[i % 3] += pixels[i];
            squares[i % 3] += pixels[i] * (double)pixels[i];
        }
        double n = pixels.Length / 3.0;
        return ([.. sum.Select(s => (float)(s / n))], [.. sum.Select((s, c) => (float)Math.Max(1, Math.Sqrt(squares[c] / n - s / n * (s / n))))]);
    }
}

/// <summary>One image of a small training.</summary>
/// <param name="Index">Its place in the pool's training or held-out images.</param>
/// <param name="Held">Which of the two.</param>
/// <param name="Label">The label that it is given.</param>
internal readonly record struct DrawnImage(int Index, bool Held, int Label);
