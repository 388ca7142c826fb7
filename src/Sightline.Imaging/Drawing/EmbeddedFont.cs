using SkiaSharp;

namespace Sightline.Imaging;

/// <summary>
/// The font that pictures carry their text in: DejaVu Sans 2.37, embedded (licence in Drawing/Fonts). Skia without system libraries
/// finds no fonts of the system, and draws text as nothing, silently.
/// </summary>
public static class EmbeddedFont
{
    private static readonly Lazy<byte[]> bytes = new(Load);
    private static readonly Lazy<SKTypeface> typeface = new(() =>
        SKTypeface.FromData(SKData.CreateCopy(bytes.Value)) ?? throw new InvalidOperationException("Skia cannot read the embedded font."));

    /// <summary>The family's name.</summary>
    public static string Family => "DejaVu Sans";

    /// <summary>The TrueType file, for libraries that draw by themselves (plots).</summary>
    public static ReadOnlyMemory<byte> Bytes => bytes.Value;

    /// <summary>The font for Skia, loaded once.</summary>
    internal static SKTypeface Typeface => typeface.Value;

    private static byte[] Load()
    {
        using Stream stream = typeof(EmbeddedFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")
            ?? throw new InvalidOperationException("The font DejaVuSans.ttf is not embedded.");
        byte[] file = new byte[stream.Length];
        stream.ReadExactly(file);
        return file;
    }
}
