using Sightline.Datasets.Coco;
using Sightline.Imaging;

namespace Sightline.Datasets.Windows;

/// <summary>A window before it is cut out.</summary>
/// <param name="Part">A square of whole pixels of the image.</param>
/// <param name="Objects">The objects in pixels of the scaled window.</param>
internal sealed record DrawnWindow(CropBox Part, IReadOnlyList<CropBox> Objects)
{
    /// <summary>Draws the windows of one image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="objects">Its objects of the wanted class.</param>
    /// <param name="options">Which windows.</param>
    /// <returns>No two alike.</returns>
    public static IReadOnlyList<DrawnWindow> Draw(CocoImage image, IReadOnlyList<CocoAnnotation> objects, WindowOptions options)
    {
        var found = new List<DrawnWindow>();
        int full = 0, empty = 0;
        int largest = Math.Min(options.LargestWindow, Math.Min(image.Width, image.Height));
        if (largest < options.SmallestWindow)
            return found;
        var stream = new SeedStream(options.Seed, "windows", image.Id);
        for (int i = 0; i < options.Tries && (full < options.PerImage || empty < options.EmptyPerImage); i++)
        {
            // Log-uniform: as many windows between 64 and 128 pixels as between 128 and 256.
            int side = Math.Clamp((int)Math.Round(Math.Exp(stream.Uniform(Math.Log(options.SmallestWindow), Math.Log(largest)))), options.SmallestWindow, largest);
            var part = new CropBox(stream.NextInt(image.Width - side + 1), stream.NextInt(image.Height - side + 1), side, side);
            if (Inside(part, objects, options) is not IReadOnlyList<CropBox> inside || found.Exists(w => w.Part == part))
                continue;
            bool wanted = inside.Count == 0 ? empty < options.EmptyPerImage : full < options.PerImage && inside.Count >= options.Least && inside.Count <= options.Most;
            if (!wanted)
                continue;
            found.Add(new DrawnWindow(part, inside));
            if (inside.Count == 0)
                empty++;
            else
                full++;
        }
        return found;
    }

    // The objects in a window, or null when one of them is there only in part, too small or too hidden.
    private static List<CropBox>? Inside(CropBox part, IReadOnlyList<CocoAnnotation> objects, WindowOptions options)
    {
        double scale = options.Side / part.Width;
        var inside = new List<CropBox>();
        foreach (CocoAnnotation a in objects)
        {
            var box = new CropBox(a.X, a.Y, a.Width, a.Height);
            double shared = box.Intersection(part);
            if (shared <= 0)
                continue;
            if (a.IsCrowd || shared < options.LeastInside * box.Area || Math.Max(a.Width, a.Height) * scale < options.SmallestObject || a.Occlusion > options.MostHidden)
                return null;
            double left = Math.Max(a.X, part.X), top = Math.Max(a.Y, part.Y);
            inside.Add(new CropBox(
                (left - part.X) * scale, (top - part.Y) * scale,
                (Math.Min(a.X + a.Width, part.X + part.Width) - left) * scale, (Math.Min(a.Y + a.Height, part.Y + part.Height) - top) * scale));
        }
        return inside;
    }
}
