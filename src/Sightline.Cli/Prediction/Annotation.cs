using System.Globalization;
using Sightline.Imaging;

namespace Sightline.Cli.Prediction;

/// <summary>Pictures with their predictions drawn in.</summary>
internal static class Annotation
{
    private const int SmallestSide = 160;

    /// <summary>Writes one annotated picture as PNG; small ones are enlarged so that the words can be read.</summary>
    /// <param name="folder">Where to; a file of an earlier call of the command is replaced.</param>
    /// <param name="file">The picture; its name is kept.</param>
    /// <param name="image">Its pixels.</param>
    /// <param name="prediction">What was said about it.</param>
    /// <param name="taken">Names that this call of the command has written: pictures of one name from two folders get numbers.</param>
    public static void Write(string folder, string file, RgbImage image, Prediction prediction, HashSet<string> taken)
    {
        int scale = Math.Max(1, (int)Math.Ceiling(SmallestSide / (double)Math.Min(image.Width, image.Height)));
        RgbImage shown = scale == 1 ? image : Enlarged(image, scale);
        using var drawing = new Drawing(shown);
        double size = Math.Clamp(shown.Height / 16.0, 11, 28);
        for (int i = 0; i < prediction.Top.Count; i++)
        {
            (string label, double probability) = prediction.Top[i];
            drawing.Label(4, 4 + i * (size + 8), string.Create(CultureInfo.InvariantCulture, $"{label} {probability:0.00}"), size, i == 0 ? new Rgb(20, 90, 50) : new Rgb(60, 60, 60));
        }
        AtomicFile.WriteBytes(Path.Combine(folder, PictureFiles.FreeName(file, taken) + ".png"), ImageCodec.EncodePng(drawing.ToImage()));
    }

    private static RgbImage Enlarged(RgbImage image, int scale)
    {
        var large = new RgbImage(image.Width * scale, image.Height * scale);
        for (int y = 0; y < large.Height; y++)
        {
            Span<byte> from = image.Row(y / scale), to = large.Row(y);
            for (int x = 0; x < large.Width; x++)
                from.Slice(3 * (x / scale), 3).CopyTo(to[(3 * x)..]);
        }
        return large;
    }
}
