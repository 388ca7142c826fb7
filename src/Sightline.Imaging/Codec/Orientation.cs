namespace Sightline.Imaging;

/// <summary>Turns stored pixels upright.</summary>
internal static class Orientation
{
    /// <summary>Applies an EXIF orientation.</summary>
    /// <param name="stored">The pixels as stored.</param>
    /// <param name="orientation">1–8: the stored row 0 and column 0 are 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom, 8 left bottom.</param>
    /// <returns>The upright image.</returns>
    public static RgbImage Apply(RgbImage stored, int orientation)
    {
        if (orientation == 1)
            return stored;
        int w = stored.Width, h = stored.Height;
        RgbImage upright = orientation >= 5 ? RgbImage.Uninitialized(h, w) : RgbImage.Uninitialized(w, h);
        for (int y = 0; y < upright.Height; y++)
        {
            Span<byte> row = upright.Row(y);
            for (int x = 0; x < upright.Width; x++)
            {
                (int sx, int sy) = orientation switch
                {
                    2 => (w - 1 - x, y),
                    3 => (w - 1 - x, h - 1 - y),
                    4 => (x, h - 1 - y),
                    5 => (y, x),
                    6 => (y, h - 1 - x),
                    7 => (w - 1 - y, h - 1 - x),
                    _ => (w - 1 - y, x),
                };
                stored.Pixels.AsSpan(3 * (sy * w + sx), 3).CopyTo(row[(3 * x)..]);
            }
        }
        return upright;
    }
}
