using Sightline.Imaging;

namespace Sightline.Datasets.Contents;

/// <summary>How raw pixels lie in a file.</summary>
internal enum RawLayout
{
    /// <summary>One byte a pixel.</summary>
    Grey,

    /// <summary>All of red, then all of green, then all of blue.</summary>
    PlanarRgb,

    /// <summary>Red, green and blue of each pixel.</summary>
    InterleavedRgb,
}

/// <summary>An image whose pixels lie uncompressed in a larger file, read once for all its images.</summary>
/// <param name="file">The larger file's bytes.</param>
/// <param name="offset">Where the pixels start.</param>
/// <param name="width">Width in pixels.</param>
/// <param name="height">Height in pixels.</param>
/// <param name="layout">How they lie.</param>
internal sealed class RawImage(byte[] file, int offset, int width, int height, RawLayout layout) : ImageContent
{
    private int Length => width * height * (layout == RawLayout.Grey ? 1 : 3);

    /// <inheritdoc/>
    public override byte[] ReadBytes() => file.AsSpan(offset, Length).ToArray();

    /// <inheritdoc/>
    public override RgbImage Decode()
    {
        ReadOnlySpan<byte> source = file.AsSpan(offset, Length);
        var image = new RgbImage(width, height);
        byte[] pixels = image.Pixels;
        int plane = width * height;
        switch (layout)
        {
            case RawLayout.Grey:
                for (int i = 0, o = 0; i < plane; i++, o += 3)
                    pixels[o] = pixels[o + 1] = pixels[o + 2] = source[i];
                break;
            case RawLayout.PlanarRgb:
                for (int i = 0, o = 0; i < plane; i++, o += 3)
                {
                    pixels[o] = source[i];
                    pixels[o + 1] = source[i + plane];
                    pixels[o + 2] = source[i + (2 * plane)];
                }
                break;
            default:
                source.CopyTo(pixels);
                break;
        }
        return image;
    }
}
