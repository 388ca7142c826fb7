using Sightline.Imaging;

namespace Sightline.Training.Augmentation;

/// <summary>
/// Operations on pixel values that only augmentation needs, as Pillow does them (<c>ImageEnhance</c>, <c>ImageOps</c>), to the bit:
/// published augmentation strengths were tuned on these. All return a new image.
/// </summary>
internal static class PixelOperations
{
    /// <summary>Blends with the image smoothed by the 3×3 kernel (1 1 1, 1 5 1, 1 1 1) / 13; the border row and column stay.</summary>
    internal static RgbImage Sharpness(RgbImage image, double factor)
    {
        var result = new RgbImage(image.Width, image.Height, (byte[])image.Pixels.Clone());
        float f = (float)factor;
        for (int y = 1; y < image.Height - 1; y++)
        {
            ReadOnlySpan<byte> above = image.Row(y - 1), here = image.Row(y), below = image.Row(y + 1);
            Span<byte> to = result.Row(y);
            for (int i = 3; i < here.Length - 3; i++)
            {
                int sum = above[i - 3] + above[i] + above[i + 3] + here[i - 3] + 5 * here[i] + here[i + 3] + below[i - 3] + below[i] + below[i + 3];
                to[i] = Blend((byte)((2 * sum + 13) / 26), here[i], f);
            }
        }
        return result;
    }

    /// <summary>Keeps the highest bits of each value.</summary>
    internal static RgbImage Posterize(RgbImage image, int bits)
    {
        Span<byte> table = stackalloc byte[256];
        for (int v = 0; v < 256; v++)
            table[v] = (byte)(v & ~((1 << (8 - bits)) - 1));
        return Map(image, table, table, table);
    }

    /// <summary>Inverts values at or above the threshold.</summary>
    internal static RgbImage Solarize(RgbImage image, double threshold)
    {
        Span<byte> table = stackalloc byte[256];
        for (int v = 0; v < 256; v++)
            table[v] = (byte)(v < threshold ? v : 255 - v);
        return Map(image, table, table, table);
    }

    /// <summary>Stretches each channel's range to 0–255.</summary>
    internal static RgbImage AutoContrast(RgbImage image)
    {
        Span<byte> tables = stackalloc byte[3 * 256];
        Span<int> histogram = stackalloc int[256];
        for (int c = 0; c < 3; c++)
        {
            Histogram(image, c, histogram);
            int low = 0, high = 255;
            while (histogram[low] == 0)
                low++;
            while (histogram[high] == 0)
                high--;
            double scale = high <= low ? 1 : 255.0 / (high - low);
            double offset = high <= low ? 0 : -low * scale;
            for (int v = 0; v < 256; v++)
                tables[256 * c + v] = (byte)Math.Clamp((int)(v * scale + offset), 0, 255);
        }
        return Map(image, tables[..256], tables.Slice(256, 256), tables.Slice(512, 256));
    }

    /// <summary>Makes each channel's histogram flat.</summary>
    internal static RgbImage Equalize(RgbImage image)
    {
        Span<byte> tables = stackalloc byte[3 * 256];
        Span<int> histogram = stackalloc int[256];
        for (int c = 0; c < 3; c++)
        {
            Histogram(image, c, histogram);
            int last = 255, filled = 0;
            while (histogram[last] == 0)
                last--;
            foreach (int count in histogram)
                filled += count > 0 ? 1 : 0;
            int step = (image.Width * image.Height - histogram[last]) / 255;
            int n = step / 2;
            for (int v = 0; v < 256; v++)
            {
                tables[256 * c + v] = (byte)(filled <= 1 || step == 0 ? v : Math.Min(255, n / step));
                n += histogram[v];
            }
        }
        return Map(image, tables[..256], tables.Slice(256, 256), tables.Slice(512, 256));
    }

    private static RgbImage Map(RgbImage image, ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue)
    {
        var result = new RgbImage(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
        for (int i = 0; i < from.Length; i += 3)
        {
            to[i] = red[from[i]];
            to[i + 1] = green[from[i + 1]];
            to[i + 2] = blue[from[i + 2]];
        }
        return result;
    }

    private static void Histogram(RgbImage image, int channel, Span<int> histogram)
    {
        histogram.Clear();
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int i = channel; i < pixels.Length; i += 3)
            histogram[pixels[i]]++;
    }

    private static byte Blend(byte from, byte to, float factor)
    {
        float value = from + factor * (to - from);
        return value <= 0 ? (byte)0 : value >= 255 ? (byte)255 : (byte)value;
    }
}
