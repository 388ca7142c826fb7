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

    /// <summary>An image whose pixels are not yet set; every one of them must be written.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <returns>An image with arbitrary pixels.</returns>
    internal static RgbImage Uninitialized(int width, int height) =>
        new(width, height, GC.AllocateUninitializedArray<byte>(checked(3 * width * height)));

    /// <summary>The bytes of row <paramref name="y"/>.</summary>
    /// <param name="y">The row, from 0 at the top.</param>
    /// <returns>3 · width bytes.</returns>
    public Span<byte> Row(int y) => Pixels.AsSpan(3 * Width * y, 3 * Width);

    /// <summary>A copy with pixels of its own.</summary>
    /// <returns>The copy.</returns>
    public RgbImage Clone() => new(Width, Height, (byte[])Pixels.Clone());

    /// <summary>Copies whole pixels out of a rectangle that lies inside the image.</summary>
    /// <param name="x">Left edge in pixels.</param>
    /// <param name="y">Top edge in pixels.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <returns>The rectangle's pixels.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle is empty or leaves the image.</exception>
    public RgbImage Crop(int x, int y, int width, int height)
    {
        if (x < 0 || y < 0 || width < 1 || height < 1 || x > Width - width || y > Height - height)
            throw new ArgumentOutOfRangeException(nameof(x), $"The rectangle {x}, {y}, {width}×{height} is not a part of an image of {Width}×{Height}.");
        RgbImage part = Uninitialized(width, height);
        for (int row = 0; row < height; row++)
            Row(y + row).Slice(3 * x, 3 * width).CopyTo(part.Row(row));
        return part;
    }

    /// <summary>Mirrors left and right.</summary>
    /// <returns>The mirrored image.</returns>
    public RgbImage FlipHorizontal()
    {
        RgbImage flipped = Uninitialized(Width, Height);
        for (int y = 0; y < Height; y++)
        {
            ReadOnlySpan<byte> from = Row(y);
            Span<byte> to = flipped.Row(y);
            for (int i = 0, o = to.Length - 3; o >= 0; i += 3, o -= 3)
            {
                to[o] = from[i];
                to[o + 1] = from[i + 1];
                to[o + 2] = from[i + 2];
            }
        }
        return flipped;
    }

    /// <summary>Surrounds the image with <paramref name="border"/> pixels of one colour on each side.</summary>
    /// <param name="border">Width of the border in pixels, at least 0.</param>
    /// <param name="fill">The border's colour.</param>
    /// <returns>An image of (width + 2 · border) × (height + 2 · border).</returns>
    public RgbImage Pad(int border, Rgb fill = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(border);
        var padded = new RgbImage(checked(Width + 2 * border), checked(Height + 2 * border));
        if (fill != default)
            padded.Fill(fill);
        for (int y = 0; y < Height; y++)
            Row(y).CopyTo(padded.Row(y + border)[(3 * border)..]);
        return padded;
    }

    /// <summary>Sets every pixel to one colour.</summary>
    /// <param name="color">The colour.</param>
    public void Fill(Rgb color)
    {
        Span<byte> first = Row(0);
        for (int i = 0; i < first.Length; i += 3)
        {
            first[i] = color.R;
            first[i + 1] = color.G;
            first[i + 2] = color.B;
        }
        for (int y = 1; y < Height; y++)
            first.CopyTo(Row(y));
    }
}

/// <summary>A colour.</summary>
/// <param name="R">Red, 0–255.</param>
/// <param name="G">Green, 0–255.</param>
/// <param name="B">Blue, 0–255.</param>
public readonly record struct Rgb(byte R, byte G, byte B)
{
    /// <summary>Black.</summary>
    public static Rgb Black => default;

    /// <summary>White.</summary>
    public static Rgb White => new(255, 255, 255);
}
