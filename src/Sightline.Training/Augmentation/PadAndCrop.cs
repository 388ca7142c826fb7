using Sightline.Imaging;

namespace Sightline.Training.Augmentation;

/// <summary>Pad-and-crop without the padded image: a crop at an offset, with what lies outside filled in.</summary>
internal static class PadAndCrop
{
    /// <summary>The crop of the image's own size whose corner lies at (<paramref name="dx"/>, <paramref name="dy"/>), which may be negative.</summary>
    internal static RgbImage Shift(RgbImage image, int dx, int dy, PadFill fill)
    {
        if (dx == 0 && dy == 0)
            return image;
        int width = image.Width, height = image.Height;
        var shifted = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
        {
            int from = y + dy;
            if ((uint)from >= (uint)height)
            {
                if (fill == PadFill.Zero)
                    continue;
                from = Mirror(from, height);
            }
            ReadOnlySpan<byte> source = image.Row(from);
            Span<byte> target = shifted.Row(y);
            int first = Math.Max(0, -dx), end = Math.Min(width, width - dx);
            if (end > first)
                source.Slice(3 * (first + dx), 3 * (end - first)).CopyTo(target[(3 * first)..]);
            if (fill == PadFill.Zero)
                continue;
            for (int x = 0; x < width; x++)
            {
                if (x == first && end > first)
                {
                    x = end - 1;
                    continue;
                }
                source.Slice(3 * Mirror(x + dx, width), 3).CopyTo(target[(3 * x)..]);
            }
        }
        return shifted;
    }

    /// <summary>The index that a mirror at both edges, without repeating the edge, brings back into 0 … size − 1.</summary>
    internal static int Mirror(int i, int size)
    {
        if (size == 1)
            return 0;
        int period = 2 * (size - 1);
        i = ((i % period) + period) % period;
        return i < size ? i : period - i;
    }
}
