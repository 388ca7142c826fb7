using System.Buffers;
using SkiaSharp;

namespace Sightline.Imaging;

/// <content>Writing.</content>
public static partial class ImageCodec
{
    /// <summary>Encodes to baseline JPEG, chroma halved both ways (4:2:0).</summary>
    /// <param name="image">The image.</param>
    /// <param name="quality">1–100.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] EncodeJpeg(RgbImage image, int quality = 90) =>
        Encode(image, (pixels, stream) => pixels.Encode(stream, new SKJpegEncoderOptions(quality)));

    /// <summary>Encodes to 8-bit RGB PNG.</summary>
    /// <param name="image">The image.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] EncodePng(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return PngWriter.Write(image.Width, image.Height, PngWriter.Rgb8, 3, image.Pixels);
    }

    /// <summary>Encodes to 8-bit grey PNG: the values are stored as they are, for class ids.</summary>
    /// <param name="plane">The values.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] EncodePng(Plane<byte> plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        return PngWriter.Write(plane.Width, plane.Height, PngWriter.Grey8, 1, plane.Values);
    }

    /// <summary>Encodes to 16-bit grey PNG: the values are stored as they are, for depth (millimetres, say) and instance ids.</summary>
    /// <param name="plane">The values.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] EncodePng(Plane<ushort> plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        byte[] bytes = new byte[2 * plane.Values.Length];
        for (int i = 0; i < plane.Values.Length; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2 * i), plane.Values[i]);
        return PngWriter.Write(plane.Width, plane.Height, PngWriter.Grey16, 2, bytes);
    }

    /// <summary>Reads a grey or palette PNG of at most 8 bits as it is stored: class ids, without any conversion of colours.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <param name="options">Limits.</param>
    /// <returns>The values: grey levels or palette indices.</returns>
    /// <exception cref="BadInputException">This is no such PNG; the code says how (<c>plane-not-grey</c>, <c>plane-wrong-depth</c>, <c>plane-interlaced</c>, or a code of <see cref="Decode"/>).</exception>
    public static Plane<byte> DecodePlane8(ReadOnlySpan<byte> bytes, string name, DecodeOptions? options = null) =>
        PngReader.Read8(bytes, name, options ?? DecodeOptions.Default);

    /// <summary>Reads a grey PNG of 16 bits: depth, instance ids.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <param name="options">Limits.</param>
    /// <returns>The values.</returns>
    /// <exception cref="BadInputException">This is no such PNG; the code says how (<c>plane-not-grey</c>, <c>plane-wrong-depth</c>, <c>plane-interlaced</c>, or a code of <see cref="Decode"/>).</exception>
    public static Plane<ushort> DecodePlane16(ReadOnlySpan<byte> bytes, string name, DecodeOptions? options = null) =>
        PngReader.Read16(bytes, name, options ?? DecodeOptions.Default);

    private static unsafe byte[] Encode(RgbImage image, Func<SKPixmap, SKWStream, bool> write)
    {
        ArgumentNullException.ThrowIfNull(image);
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        byte[] rgba = ArrayPool<byte>.Shared.Rent(info.BytesSize);
        try
        {
            PixelPacking.RgbToRgba(image.Pixels, rgba);
            fixed (byte* p = rgba)
            {
                using var pixmap = new SKPixmap(info, (nint)p);
                using var stream = new SKDynamicMemoryWStream();
                if (!write(pixmap, stream))
                    throw new InvalidOperationException($"Skia cannot encode an image of {image.Width}×{image.Height}.");
                using SKData data = stream.DetachAsData();
                return data.ToArray();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgba);
        }
    }
}
