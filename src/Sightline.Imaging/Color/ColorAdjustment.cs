namespace Sightline.Imaging;

/// <summary>
/// Brightness, contrast, saturation and hue, as pure functions. Results equal Pillow's <c>ImageEnhance</c> (and torchvision's colour
/// functions on PIL images) to the bit.
/// </summary>
public static class ColorAdjustment
{
    /// <summary>Scales all channels.</summary>
    /// <param name="image">The image.</param>
    /// <param name="factor">0 gives black, 1 the image, above 1 is brighter.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The factor is negative or not finite.</exception>
    public static RgbImage Brightness(RgbImage image, double factor)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Map(image, BlendTable(0, Checked(factor)));
    }

    /// <summary>Moves all channels away from the image's mean grey, or towards it.</summary>
    /// <param name="image">The image.</param>
    /// <param name="factor">0 gives plain grey, 1 the image, above 1 has more contrast.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The factor is negative or not finite.</exception>
    public static RgbImage Contrast(RgbImage image, double factor)
    {
        ArgumentNullException.ThrowIfNull(image);
        long sum = 0;
        byte[] pixels = image.Pixels;
        for (int i = 0; i < pixels.Length; i += 3)
            sum += Luma(pixels[i], pixels[i + 1], pixels[i + 2]);
        int mean = (int)((double)sum / (pixels.Length / 3) + 0.5);
        return Map(image, BlendTable(mean, Checked(factor)));
    }

    /// <summary>Moves each pixel away from its own grey, or towards it.</summary>
    /// <param name="image">The image.</param>
    /// <param name="factor">0 gives a grey image, 1 the image, above 1 is more colourful.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The factor is negative or not finite.</exception>
    public static RgbImage Saturation(RgbImage image, double factor)
    {
        ArgumentNullException.ThrowIfNull(image);
        float alpha = Checked(factor);
        RgbImage result = RgbImage.Uninitialized(image.Width, image.Height);
        byte[] from = image.Pixels, to = result.Pixels;
        for (int i = 0; i < from.Length; i += 3)
        {
            int grey = Luma(from[i], from[i + 1], from[i + 2]);
            to[i] = Blend(grey, from[i], alpha);
            to[i + 1] = Blend(grey, from[i + 1], alpha);
            to[i + 2] = Blend(grey, from[i + 2], alpha);
        }
        return result;
    }

    /// <summary>Turns the hue of every pixel.</summary>
    /// <param name="image">The image.</param>
    /// <param name="turns">By how much, in full turns: −0.5 … 0.5. Steps are 1/256, as in torchvision.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentOutOfRangeException">More than half a turn.</exception>
    public static RgbImage Hue(RgbImage image, double turns)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!(Math.Abs(turns) <= 0.5))
            throw new ArgumentOutOfRangeException(nameof(turns), turns, "A hue turns by −0.5 … 0.5.");
        byte shift = unchecked((byte)(int)(turns * 255));
        RgbImage result = RgbImage.Uninitialized(image.Width, image.Height);
        byte[] from = image.Pixels, to = result.Pixels;
        for (int i = 0; i < from.Length; i += 3)
        {
            (byte h, byte s, byte v) = Hsv.From(from[i], from[i + 1], from[i + 2]);
            (to[i], to[i + 1], to[i + 2]) = Hsv.ToRgb(unchecked((byte)(h + shift)), s, v);
        }
        return result;
    }

    /// <summary>The grey of a colour (ITU-R 601-2), rounded.</summary>
    /// <param name="r">Red.</param>
    /// <param name="g">Green.</param>
    /// <param name="b">Blue.</param>
    /// <returns>0–255.</returns>
    public static byte Luma(byte r, byte g, byte b) => (byte)((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16);

    private static float Checked(double factor) => double.IsFinite(factor) && factor >= 0
        ? (float)factor
        : throw new ArgumentOutOfRangeException(nameof(factor), factor, "A factor is finite and at least 0.");

    private static byte[] BlendTable(int degenerate, float alpha)
    {
        byte[] table = new byte[256];
        for (int v = 0; v < 256; v++)
            table[v] = Blend(degenerate, v, alpha);
        return table;
    }

    /// <summary>Single precision and cut, not rounded, as Pillow does it.</summary>
    private static byte Blend(int degenerate, int value, float alpha) => (byte)Math.Clamp(degenerate + alpha * (value - degenerate), 0f, 255f);

    private static RgbImage Map(RgbImage image, byte[] table)
    {
        RgbImage result = RgbImage.Uninitialized(image.Width, image.Height);
        byte[] from = image.Pixels, to = result.Pixels;
        for (int i = 0; i < from.Length; i++)
            to[i] = table[from[i]];
        return result;
    }
}

/// <summary>8-bit hue, saturation, value (Smith 1978), with Pillow's rounding.</summary>
internal static class Hsv
{
    /// <summary>From RGB.</summary>
    public static (byte H, byte S, byte V) From(byte r, byte g, byte b)
    {
        byte max = Math.Max(r, Math.Max(g, b));
        byte min = Math.Min(r, Math.Min(g, b));
        if (max == min)
            return (0, 0, max);
        float range = max - min;
        float s = range / max;
        float rc = (max - r) / range, gc = (max - g) / range, bc = (max - b) / range;
        float h = r == max ? bc - gc : g == max ? (float)(2.0 + rc - bc) : (float)(4.0 + gc - rc);
        h = (float)((h / 6.0 + 1.0) % 1.0);
        return ((byte)Math.Clamp((int)(h * 255.0), 0, 255), (byte)Math.Clamp((int)(s * 255.0), 0, 255), max);
    }

    /// <summary>To RGB.</summary>
    public static (byte R, byte G, byte B) ToRgb(byte h, byte s, byte v)
    {
        if (s == 0)
            return (v, v, v);
        int sector = (int)Math.Floor(h * 6.0 / 255.0);
        float f = (float)(h * 6.0 / 255.0 - sector);
        float fs = (float)(s / 255.0);
        byte p = Round(v * (1.0 - fs)), q = Round(v * (1.0 - fs * f)), t = Round(v * (1.0 - fs * (1.0 - f)));
        return (sector % 6) switch
        {
            0 => (v, t, p),
            1 => (q, v, p),
            2 => (p, v, t),
            3 => (p, q, v),
            4 => (t, p, v),
            _ => (v, p, q),
        };
    }

    private static byte Round(double value) => (byte)Math.Clamp((int)Math.Round(value, MidpointRounding.AwayFromZero), 0, 255);
}
