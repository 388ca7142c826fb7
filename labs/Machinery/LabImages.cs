using System.Formats.Tar;
using System.IO.Compression;
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

    /// <summary>CIFAR-10 from the folder that holds it.</summary>
    /// <param name="folder">The folder with train.tar.gz and test.tar.gz, or the sets' own formats; null looks where data usually lies.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>All images.</returns>
    public static LabImages Cifar10(string? folder, CancellationToken cancellation)
    {
        string root = folder ?? SharedData("cifar10");
        string[] classes = [.. File.ReadAllLines(Path.Combine(root, "batches.meta.txt")).Where(l => l.Length > 0)];
        (byte[] train, int[] trainLabels) = ReadArchive(Path.Combine(root, "train.tar.gz"), classes, cancellation);
        (byte[] test, int[] testLabels) = ReadArchive(Path.Combine(root, "test.tar.gz"), classes, cancellation);
        return new LabImages(32, classes, train, trainLabels, test, testLabels);
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

    private static string SharedData(string name)
    {
        string? shared = Environment.GetEnvironmentVariable("SIGHTLINE_SHARED_DATA");
        for (string? at = Environment.CurrentDirectory; shared is null && at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "Sightline.slnx")))
                shared = Path.Combine(Path.GetDirectoryName(at)!, "shared", "data");
        }
        string folder = Path.Combine(shared ?? "", name);
        return Directory.Exists(folder) ? folder : throw new BadInputException("no-data", $"The data set '{name}' is not here.", shared, fix: "Set SIGHTLINE_SHARED_DATA to the folder that holds it, or name its folder with --data.");
    }

    private static (byte[] Pixels, int[] Labels) ReadArchive(string path, string[] classes, CancellationToken cancellation)
    {
        var files = new List<(string Name, byte[] Bytes)>();
        using (var tar = new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress)))
        {
            while (tar.GetNextEntry() is TarEntry entry)
            {
                if (entry.DataStream is null || !entry.Name.EndsWith(".jpg", StringComparison.Ordinal))
                    continue;
                using var buffer = new MemoryStream();
                entry.DataStream.CopyTo(buffer);
                files.Add((entry.Name, buffer.ToArray()));
                cancellation.ThrowIfCancellationRequested();
            }
        }
        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        byte[] pixels = new byte[files.Count * 3 * 32 * 32];
        int[] labels = new int[files.Count];
        Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            ImageCodec.Decode(files[i].Bytes, files[i].Name).Pixels.CopyTo(pixels, i * 3072);
            labels[i] = Array.IndexOf(classes, files[i].Name.Split('/')[^2]);
        });
        return (pixels, labels);
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
