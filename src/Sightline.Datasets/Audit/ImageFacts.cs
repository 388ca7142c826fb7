using System.Buffers.Binary;
using System.Security.Cryptography;
using Sightline.Imaging;

namespace Sightline.Datasets.Audit;

/// <summary>What the audit keeps of one image.</summary>
/// <param name="Width">Width in pixels; 0 when it cannot be decoded.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="PixelHash">The first half of the SHA-256 over size and pixels.</param>
/// <param name="Blank">Whether all pixels are the same.</param>
/// <param name="Sums">Sums over R, G, B, then over their squares: whole numbers, so that the order of adding does not matter.</param>
/// <param name="Failure">Why it cannot be decoded.</param>
internal sealed record ImageFacts(int Width, int Height, UInt128 PixelHash, bool Blank, ulong[] Sums, BadInputException? Failure)
{
    /// <summary>Decodes and measures.</summary>
    /// <param name="content">The image.</param>
    /// <returns>The facts.</returns>
    public static ImageFacts Of(ImageContent content)
    {
        RgbImage image;
        try
        {
            image = content.Decode();
        }
        catch (BadInputException exception)
        {
            return new ImageFacts(0, 0, default, false, [], exception);
        }
        byte[] pixels = image.Pixels;
        ulong r = 0, g = 0, b = 0, rr = 0, gg = 0, bb = 0;
        bool blank = true;
        for (int i = 0; i < pixels.Length; i += 3)
        {
            uint red = pixels[i], green = pixels[i + 1], blue = pixels[i + 2];
            r += red;
            g += green;
            b += blue;
            rr += red * red;
            gg += green * green;
            bb += blue * blue;
            blank &= red == pixels[0] && green == pixels[1] && blue == pixels[2];
        }
        return new ImageFacts(image.Width, image.Height, Hash(image), blank, [r, g, b, rr, gg, bb], null);
    }

    private static UInt128 Hash(RgbImage image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[32];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, image.Width);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], image.Height);
        hash.AppendData(bytes[..8]);
        hash.AppendData(image.Pixels);
        hash.GetHashAndReset(bytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }
}
