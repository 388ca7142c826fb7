namespace Sightline.Imaging;

/// <summary>Tells file formats by their first bytes.</summary>
public static class ImageSignature
{
    /// <summary>The format, or null when it is none that can be read.</summary>
    /// <param name="bytes">The file, at least its first bytes.</param>
    public static ImageFormat? Of(ReadOnlySpan<byte> bytes) => bytes switch
    {
        _ when Starts(bytes, [0xFF, 0xD8, 0xFF]) => ImageFormat.Jpeg,
        _ when Starts(bytes, [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]) => ImageFormat.Png,
        _ when Starts(bytes, "GIF87a"u8) || Starts(bytes, "GIF89a"u8) => ImageFormat.Gif,
        _ when Starts(bytes, "RIFF"u8) && (bytes.Length < 12 || bytes.Slice(8, 4).SequenceEqual("WEBP"u8)) => ImageFormat.WebP,
        _ when Starts(bytes, "BM"u8) => ImageFormat.Bmp,
        _ => null,
    };

    /// <summary>What a file that cannot be read seems to be.</summary>
    /// <param name="bytes">The file.</param>
    public static string Describe(ReadOnlySpan<byte> bytes)
    {
        if (Starts(bytes, "II*\0"u8) || Starts(bytes, "MM\0*"u8))
            return "a TIFF file";
        if (bytes.Length >= 12 && bytes.Slice(4, 4).SequenceEqual("ftyp"u8))
            return "a HEIC, AVIF or video file";
        if (Starts(bytes, "%PDF"u8))
            return "a PDF file";
        if (Starts(bytes, "version https://git-lfs"u8))
            return "a Git LFS pointer, not the file it stands for (git lfs pull fetches it)";
        if (Starts(bytes, "<!DOCTYPE"u8) || Starts(bytes, "<!doctype"u8) || Starts(bytes, "<html"u8))
            return "an HTML page, perhaps a download that went wrong";
        return bytes.IndexOfAnyExcept((byte)0) < 0 ? "a file of zero bytes only" : "no image that can be read";
    }

    private static bool Starts(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> magic) =>
        bytes.Length >= magic.Length ? bytes.StartsWith(magic) : bytes.Length >= 2 && magic.StartsWith(bytes);
}
