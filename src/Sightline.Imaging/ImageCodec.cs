using SkiaSharp;

namespace Sightline.Imaging;

/// <summary>Reads and writes image files through Skia.</summary>
public static class ImageCodec
{
    /// <summary>Decodes JPEG, PNG, WebP, BMP or GIF bytes to RGB.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <returns>The image, in RGB.</returns>
    /// <exception cref="BadInputException">The bytes are no usable image; the code says how.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes, string name)
    {
        using SKData data = SKData.CreateCopy(bytes);
        using SKCodec codec = SKCodec.Create(data)
            ?? throw new BadInputException("image-unreadable", "This is no image that can be read (JPEG, PNG, WebP, BMP and GIF can).", name);
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        byte[] rgba = new byte[info.BytesSize];
        unsafe
        {
            fixed (byte* p = rgba)
            {
                if (codec.GetPixels(info, (nint)p) != SKCodecResult.Success)
                    throw new BadInputException("image-truncated", "The image ends early or is damaged.", name, fix: "Copy it again from its source.");
            }
        }
        var image = new RgbImage(info.Width, info.Height);
        for (int i = 0, o = 0; i < rgba.Length; i += 4, o += 3)
        {
            image.Pixels[o] = rgba[i];
            image.Pixels[o + 1] = rgba[i + 1];
            image.Pixels[o + 2] = rgba[i + 2];
        }
        return image;
    }

    /// <summary>Encodes to baseline JPEG.</summary>
    /// <param name="image">The image.</param>
    /// <param name="quality">1–100.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] EncodeJpeg(RgbImage image, int quality = 90) => Encode(image, SKEncodedImageFormat.Jpeg, quality);

    /// <summary>Encodes to PNG.</summary>
    /// <param name="image">The image.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] EncodePng(RgbImage image) => Encode(image, SKEncodedImageFormat.Png, 100);

    private static byte[] Encode(RgbImage image, SKEncodedImageFormat format, int quality)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> target = bitmap.GetPixelSpan();
        for (int i = 0, o = 0; o < target.Length; i += 3, o += 4)
        {
            target[o] = image.Pixels[i];
            target[o + 1] = image.Pixels[i + 1];
            target[o + 2] = image.Pixels[i + 2];
            target[o + 3] = 255;
        }
        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();
    }
}
