using Sightline.Datasets.Coco;
using Sightline.Datasets.Windows;
using Sightline.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Labs;

/// <summary>Windows of images with the boxes in them, split by drive.</summary>
/// <param name="Train">To train on.</param>
/// <param name="Held">Of other drives.</param>
internal sealed record LocatingImages(IReadOnlyList<ImageWindow> Train, IReadOnlyList<ImageWindow> Held)
{
    /// <summary>Side of the windows in pixels.</summary>
    public const int Side = 48;

    private const int Drives = 90, FramesPerDrive = 14;

    /// <summary>Windows of footage, where persons are to be found, or of the reader's COCO file, where its most frequent class is.</summary>
    /// <param name="context">Seed and data; its seed says which third of the drives is held out.</param>
    /// <param name="several">Windows with two to six objects, else with one; five such for each window without any.</param>
    /// <returns>The windows.</returns>
    public static LocatingImages Open(LabContext context, bool several)
    {
        string path = context.Data ?? LabFootage.Record(context, context.Quick ? 3 : Drives, context.Quick ? 6 : FramesPerDrive, perSecond: 0.5, seed: 17);
        string file = Directory.Exists(path) ? Path.Combine(path, "annotations.json") : path;
        string kind = context.Data is null ? "person" : MostFrequent(file);
        var options = new WindowOptions { Class = kind, Side = Side, Least = several ? 2 : 1, Most = several ? 6 : 1, SmallestWindow = 48, LargestWindow = 120, SmallestObject = 12, PerImage = 5, Seed = 17 };
        IReadOnlyList<ImageWindow> windows = ObjectWindows.Cut(file, options, context.Cancellation);
        Func<string, bool> held = LabFootage.Third(windows.Select(Group), context.Seed);
        var images = new LocatingImages([.. windows.Where(w => !held(Group(w)))], [.. windows.Where(w => held(Group(w)))]);
        return images.Train.Any(w => w.Objects.Count > 0) && images.Held.Any(w => w.Objects.Count > 0) ? images : throw new BadInputException(
            "empty-split", $"{images.Train.Count} training and {images.Held.Count} held-out windows were found that show '{kind}' as wanted; both are needed.", file,
            fix: "Take a set with more images, of at least 48 pixels a side.");
    }

    /// <summary>A batch.</summary>
    /// <param name="windows">The windows.</param>
    /// <param name="mirror">Whether to mirror each; null for none.</param>
    /// <returns>Pixels from −1 to 1, <c>[N, 3, S, S] float32</c>, channels last in memory; the boxes of each window.</returns>
    public static (Tensor Pixels, Tensor[] Boxes) Batch(IReadOnlyList<ImageWindow> windows, Func<int, bool>? mirror = null)
    {
        float[] pixels = new float[windows.Count * 3 * Side * Side];
        Tensor[] boxes = new Tensor[windows.Count];
        for (int n = 0; n < windows.Count; n++)
        {
            bool flip = mirror?.Invoke(n) ?? false;
            byte[] source = windows[n].Image.Pixels;
            Span<float> target = pixels.AsSpan(n * source.Length, source.Length);
            for (int i = 0; i < source.Length; i += 3)
            {
                int x = i / 3 % Side, from = flip ? i + 3 * (Side - 1 - 2 * x) : i;
                for (int c = 0; c < 3; c++)
                    target[i + c] = source[from + c] / 127.5f - 1;
            }
            boxes[n] = Boxes(windows[n], flip);
        }
        return (tensor(pixels, [windows.Count, Side, Side, 3]).permute(0, 3, 1, 2), boxes);
    }

    /// <summary>A window's boxes.</summary>
    /// <param name="window">The window.</param>
    /// <param name="mirrored">Whether it is mirrored.</param>
    /// <returns><c>[objects, 4] float32</c>: left, top, right, bottom in pixels.</returns>
    public static Tensor Boxes(ImageWindow window, bool mirrored = false) => window.Objects.Count == 0
        ? zeros(0, 4)
        : tensor(window.Objects.SelectMany(b => Row(b, mirrored)).ToArray(), [window.Objects.Count, 4]);

    private static float[] Row(CropBox box, bool flip)
    {
        double left = flip ? Side - box.X - box.Width : box.X;
        return [(float)left, (float)box.Y, (float)(left + box.Width), (float)(box.Y + box.Height)];
    }

    private static string Group(ImageWindow window) => window.Group ?? window.Name[..window.Name.LastIndexOf('@')];

    private static string MostFrequent(string file)
    {
        CocoDataset dataset = CocoJson.Read(file);
        var counts = dataset.Annotations.CountBy(a => a.CategoryId).ToDictionary();
        return dataset.Categories.OrderByDescending(c => counts.GetValueOrDefault(c.Id)).FirstOrDefault()?.Name
            ?? throw new BadInputException("window-class", "There are no classes in this file.", file);
    }
}
