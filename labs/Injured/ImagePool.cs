using System.Globalization;
using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Simulation;

namespace Sightline.Labs.Injured;

/// <summary>Images of 16 × 16 pixels that small trainings draw from, held out by stretches of time or by drives.</summary>
/// <param name="Classes">How many classes.</param>
/// <param name="Train">Training pixels: R, G, B of each pixel, row by row, one image after the other.</param>
/// <param name="TrainLabels">Their labels.</param>
/// <param name="Held">Held-out pixels.</param>
/// <param name="HeldLabels">Their labels.</param>
/// <param name="Mirrors">Whether a mirrored image keeps its label.</param>
internal sealed record ImagePool(int Classes, byte[] Train, int[] TrainLabels, byte[] Held, int[] HeldLabels, bool Mirrors)
{
    /// <summary>Side in pixels.</summary>
    public const int Side = 16;

    /// <summary>Bytes of an image.</summary>
    public const int Stride = 3 * Side * Side;

    private const int MostOfASet = 6000, FramesInARow = 100, OneInHeld = 4;

    /// <summary>The sets on which rules are written.</summary>
    public static IReadOnlyList<string> Known { get; } = ["footage", "cifar10"];

    /// <summary>The sets on which they are scored.</summary>
    public static IReadOnlyList<string> Unseen { get; } = ["bccd", "camvid", "donkeycar"];

    /// <summary>Opens a set.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="quick">Whether a few of rendered images do.</param>
    /// <returns>Its images.</returns>
    /// <exception cref="BadInputException">It is not on this machine (<c>no-data</c>).</exception>
    public static ImagePool Open(string name, bool quick = false) => name switch
    {
        "footage" => Footage(quick ? 8 : 40),
        "cifar10" => Split("cifar10", mirrors: true),
        "bccd" => Split("bccd", mirrors: true),
        "camvid" => Patches(),
        "donkeycar" => Steering(),
        _ => throw new ArgumentException($"There is no set '{name}'.", nameof(name)),
    };

    private static ImagePool Footage(int drives)
    {
        string folder = Path.Combine(DataFolders.Cache(), drives == 40 ? "diagnosis-footage" : $"diagnosis-footage-{drives}");
        Recorder.RecordOnce(new RecordingOptions { Seed = 23, Drives = drives, FramesPerDrive = 15, FramesPerSecond = 1 }, folder, null, CancellationToken.None);
        var set = ImageSet.Open(folder);
        string[] names = [.. set.Samples.Select(s => s.Group!).Distinct().Order(StringComparer.Ordinal)];
        HashSet<string> held = [.. names.Where((_, i) => i % OneInHeld == 0)];
        return Of(set, s => held.Contains(s.Group!), mirrors: true);
    }

    private static ImagePool Split(string name, bool mirrors) => Of(ImageSet.Open(LabImages.SharedData(name)), s => s.Split != "train", mirrors);

    private static ImagePool Of(ImageSet set, Func<ImageSample, bool> held, bool mirrors)
    {
        ImageSample[] train = Few([.. set.Samples.Where(s => !held(s))]), rest = Few([.. set.Samples.Where(held)]);
        var images = LabImages.From(set, train, rest, Side, CancellationToken.None);
        return new ImagePool(set.Classes.Count, images.Train, images.TrainLabels, images.Validation, images.ValidationLabels, mirrors);
    }

    private static ImageSample[] Few(ImageSample[] samples)
    {
        new SeedStream(3, "diagnosis/pool").Shuffle<ImageSample>(samples);
        return samples[..Math.Min(MostOfASet, samples.Length)];
    }

    // Squares of 60 pixels of a street, named by what covers most of them; held out by the last quarter of each drive.
    private static ImagePool Patches()
    {
        const int square = 60, kinds = 11;
        string folder = LabImages.SharedData("camvid");
        string[] files = [.. Directory.GetFiles(Path.Combine(folder, "images"), "*.jpg").Order(StringComparer.Ordinal)];
        var found = new List<(byte[] Pixels, int Label, bool Held)>[files.Length];
        Parallel.For(0, files.Length, i =>
        {
            string drive = Path.GetFileName(files[i]).Split('_')[0];
            string[] same = [.. files.Where(f => Path.GetFileName(f).StartsWith(drive + "_", StringComparison.Ordinal))];
            bool held = Array.IndexOf(same, files[i]) >= same.Length * 3 / 4;
            RgbImage image = ImageCodec.Decode(File.ReadAllBytes(files[i]), files[i]);
            string labels = Path.Combine(folder, "labels", Path.GetFileNameWithoutExtension(files[i]) + ".png");
            RgbImage ids = ImageCodec.Decode(File.ReadAllBytes(labels), labels);
            found[i] = [];
            for (int y = 0; y + square <= image.Height; y += square)
            {
                for (int x = 0; x + square <= image.Width; x += square)
                {
                    int[] counts = new int[256];
                    for (int v = y; v < y + square; v++)
                    {
                        for (int u = x; u < x + square; u++)
                            counts[ids.Pixels[3 * (v * ids.Width + u)]]++;
                    }
                    int label = Array.IndexOf(counts, counts.Max());
                    if (label < kinds && counts[label] > 0.6 * square * square)
                        found[i].Add((Resize.Crop(image, new CropBox(x, y, square, square), Side, Side).Pixels, label, held));
                }
            }
        });
        // Classes that hardly fill a square are left out.
        (byte[] Pixels, int Label, bool Held)[] all = [.. found.SelectMany(f => f)];
        int[] kept = [.. all.GroupBy(p => p.Label).Where(g => g.Count(p => p.Held) >= 50 && g.Count(p => !p.Held) >= 150).Select(g => g.Key).Order()];
        all = [.. all.Where(p => kept.Contains(p.Label)).Select(p => p with { Label = Array.IndexOf(kept, p.Label) })];
        return Of(all, kept.Length, mirrors: true);
    }

    // Five directions; held out in rows of frames, so that a frame's neighbours are mostly on its own side.
    private static ImagePool Steering()
    {
        string folder = LabImages.SharedData("donkeycar");
        string[][] rows = [.. File.ReadLines(Path.Combine(folder, "driving_log.csv")).Skip(1).Select(line => line.Split(','))];
        var all = new (byte[] Pixels, int Label, bool Held)[rows.Length];
        Parallel.For(0, rows.Length, i =>
        {
            string file = Path.Combine(folder, rows[i][3]);
            double angle = double.Parse(rows[i][4], CultureInfo.InvariantCulture);
            int label = angle switch { < -0.4 => 0, < -0.02 => 1, <= 0.02 => 2, <= 0.4 => 3, _ => 4 };
            all[i] = (Resize.To(ImageCodec.Decode(File.ReadAllBytes(file), file), Side, Side).Pixels, label, i / FramesInARow % OneInHeld == OneInHeld - 1);
        });
        return Of(all, 5, mirrors: false);
    }

    private static ImagePool Of((byte[] Pixels, int Label, bool Held)[] all, int classes, bool mirrors)
    {
        new SeedStream(3, "diagnosis/pool").Shuffle<(byte[], int, bool)>(all);
        var train = all.Where(p => !p.Held).Take(MostOfASet).ToArray();
        var held = all.Where(p => p.Held).Take(MostOfASet).ToArray();
        return new ImagePool(classes, [.. train.SelectMany(p => p.Pixels)], [.. train.Select(p => p.Label)], [.. held.SelectMany(p => p.Pixels)], [.. held.Select(p => p.Label)], mirrors);
    }
}
