namespace Sightline.Imaging;

/// <summary>
/// An 8-bit RGB image: row-major, interleaved, origin at the top-left corner of the top-left pixel, x right, y down. Pixel (i, j)
/// covers [i, i+1) × [j, j+1).
/// </summary>
public sealed class RgbImage
{
    /// <summary>Creates a black image.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    public RgbImage(int width, int height)
        : this(width, height, new byte[checked(3 * width * height)])
    {
    }

    /// <summary>Wraps <paramref name="pixels"/> without copying.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">Exactly 3 · width · height bytes: R, G, B of each pixel, row by row.</param>
    /// <exception cref="ArgumentException">The buffer's length does not fit the size.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != checked(3 * width * height))
            throw new ArgumentException($"An RGB image of {width}×{height} has {3L * width * height} bytes, not {pixels.Length}.", nameof(pixels));
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>R, G, B of each pixel, row by row: 3 · width · height bytes.</summary>
    public byte[] Pixels { get; }

    /// <summary>The bytes of row <paramref name="y"/>.</summary>
    /// <param name="y">The row, from 0 at the top.</param>
    /// <returns>3 · width bytes.</returns>
    public Span<byte> Row(int y) => Pixels.AsSpan(3 * Width * y, 3 * Width);
}
