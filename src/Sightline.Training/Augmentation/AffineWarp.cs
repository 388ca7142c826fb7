using Sightline.Imaging;

namespace Sightline.Training.Augmentation;

/// <summary>
/// Affine maps with nearest-neighbour sampling, black outside, as Pillow's <c>transform(AFFINE, NEAREST)</c> to the bit: output pixel
/// (x, y) shows input (a·x' + b·y' + c, d·x' + e·y' + f), taken at its centre (x', y') = (x + ½, y + ½), in 16.16 fixed point.
/// </summary>
internal static class AffineWarp
{
    internal static RgbImage ShearX(RgbImage image, double slope) => Warp(image, 1, slope, 0, 0, 1, 0);

    internal static RgbImage ShearY(RgbImage image, double slope) => Warp(image, 1, 0, 0, slope, 1, 0);

    /// <summary>Moves the content by whole pixels, to the right and down.</summary>
    internal static RgbImage Translate(RgbImage image, int dx, int dy) => PadAndCrop.Shift(image, -dx, -dy, PadFill.Zero);

    /// <summary>Turns the content counter-clockwise about the centre.</summary>
    internal static RgbImage Rotate(RgbImage image, double degrees)
    {
        double angle = -degrees * Math.PI / 180;
        double cos = Math.Round(Math.Cos(angle), 15), sin = Math.Round(Math.Sin(angle), 15);
        double cx = image.Width / 2.0, cy = image.Height / 2.0;
        return Warp(image, cos, sin, cx - cos * cx - sin * cy, -sin, cos, cy + sin * cx - cos * cy);
    }

    private static RgbImage Warp(RgbImage image, double a, double b, double c, double d, double e, double f)
    {
        var result = new RgbImage(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        long xByX = Fixed(a), xByY = Fixed(b), yByX = Fixed(d), yByY = Fixed(e);
        long rowX = Fixed(c + (a + b) * 0.5), rowY = Fixed(f + (d + e) * 0.5);
        for (int y = 0; y < image.Height; y++, rowX += xByY, rowY += yByY)
        {
            Span<byte> to = result.Row(y);
            long sx = rowX, sy = rowY;
            for (int x = 0; x < image.Width; x++, sx += xByX, sy += yByX)
            {
                long px = sx >> 16, py = sy >> 16;
                if ((ulong)px >= (ulong)image.Width || (ulong)py >= (ulong)image.Height)
                    continue;
                int at = 3 * ((int)py * image.Width + (int)px);
                to[3 * x] = from[at];
                to[3 * x + 1] = from[at + 1];
                to[3 * x + 2] = from[at + 2];
            }
        }
        return result;
    }

    private static long Fixed(double value) => (long)Math.Floor(value * 65536.0 + 0.5);
}
