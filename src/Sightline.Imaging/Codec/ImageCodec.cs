using System.Buffers;
using SkiaSharp;

namespace Sightline.Imaging;

/// <summary>
/// Reads and writes image files through Skia. Reading never guesses: what would lose information, or needs a choice that other tools
/// make otherwise, is refused under its own code.
/// </summary>
/// <remarks>
/// Grey images become R = G = B. The EXIF orientation is applied. Colour profiles are ignored, as OpenCV, Pillow and torchvision do.
/// Refused: <c>image-empty</c>, <c>image-truncated</c>, <c>image-damaged</c>, <c>image-unreadable</c> (no format that can be read),
/// <c>image-too-large</c> (by the header, before memory is taken), <c>image-cmyk</c>, <c>image-16-bit</c>, <c>image-animated</c>,
/// <c>image-transparent</c> (unless <see cref="DecodeOptions.Background"/> says what lies behind).
/// </remarks>
public static partial class ImageCodec
{
    /// <summary>Reads an image file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits and choices.</param>
    /// <returns>The image, in RGB.</returns>
    /// <exception cref="BadInputException">The file is missing (<c>file-missing</c>) or no usable image; the code says how.</exception>
    public static RgbImage Read(string path, DecodeOptions? options = null) => Decode(ReadFile(path), path, options);

    /// <summary>Decodes JPEG, PNG, WebP, BMP or GIF bytes to RGB.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <param name="options">Limits and choices.</param>
    /// <returns>The image, in RGB.</returns>
    /// <exception cref="BadInputException">The bytes are no usable image; the code says how.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes, string name, DecodeOptions? options = null)
    {
        options ??= DecodeOptions.Default;
        ImageFacts facts = Check(bytes, name, options);
        using RgbaPixels decoded = DecodeRgba(bytes, name, facts, options, options.AtLeast is (int w, int h) ? Eighths(facts, w, h) : 8);
        RgbImage stored = RgbImage.Uninitialized(decoded.Width, decoded.Height);
        PixelPacking.RgbaToRgb(decoded.Span, stored.Pixels);
        return Orientation.Apply(stored, facts.Orientation);
    }

    /// <summary>
    /// Decodes, crops and scales in one go: what training does with every photo. A JPEG whose crop is much larger than the output is
    /// decoded at 1/8 … 7/8 of its size, still at least the output's.
    /// </summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <param name="choose">Given width and height of the upright image, chooses the box.</param>
    /// <param name="width">Output width in pixels.</param>
    /// <param name="height">Output height in pixels.</param>
    /// <param name="options">Limits and choices.</param>
    /// <returns>The crop.</returns>
    /// <exception cref="BadInputException">The bytes are no usable image; the code says how.</exception>
    public static RgbImage DecodeCrop(ReadOnlySpan<byte> bytes, string name, Func<int, int, CropBox> choose, int width, int height, DecodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(choose);
        options ??= DecodeOptions.Default;
        ImageFacts facts = Check(bytes, name, options);
        CropBox box = choose(facts.Width, facts.Height);
        if (facts.Orientation != 1)
            return Resize.Crop(Decode(bytes, name, options with { AtLeast = null }), box, width, height);
        double reduction = Math.Min(box.Width / width, box.Height / height);
        int eighths = facts.Format == ImageFormat.Jpeg && reduction > 1 ? Math.Clamp((int)Math.Ceiling(8 / reduction - 1e-9), 1, 8) : 8;
        using RgbaPixels decoded = DecodeRgba(bytes, name, facts, options, eighths, (box.Y, box.Y + box.Height, Math.Max(1, box.Height / height)));
        double sx = decoded.Width == facts.Width ? 1 : eighths / 8.0;
        double sy = decoded.Height == facts.Height ? 1 : eighths / 8.0;
        var scaled = new CropBox(box.X * sx, box.Y * sy, Math.Min(box.Width * sx, decoded.Width - box.X * sx), Math.Min(box.Height * sy, decoded.Height - box.Y * sy));
        return Resize.Window(decoded.Span, decoded.Width, decoded.Height, 4, scaled, width, height, 0, 0, width, height, Interpolation.Bilinear);
    }

    /// <summary>Reads only the header.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <returns>Format, size, channels, depth, frames.</returns>
    /// <exception cref="BadInputException">The bytes are no image (<c>image-empty</c>, <c>image-truncated</c>, <c>image-damaged</c>, <c>image-unreadable</c>).</exception>
    public static ImageFacts Inspect(ReadOnlySpan<byte> bytes, string name) => ImageHeader.Read(bytes, name);

    internal static byte[] ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new BadInputException("file-missing", "There is no such file.", path);
        return File.ReadAllBytes(path);
    }

    private static ImageFacts Check(ReadOnlySpan<byte> bytes, string name, DecodeOptions options)
    {
        ImageFacts facts = ImageHeader.Read(bytes, name);
        long pixels = (long)facts.Width * facts.Height;
        if (pixels > Math.Min(options.MaxPixels, int.MaxValue / 4))
        {
            throw new BadInputException(
                "image-too-large", $"The header says {facts.Width}×{facts.Height} pixels; at most {options.MaxPixels} pixels are read.", name, fix: "Reduce the image, or remove it if the header lies.");
        }
        if (facts.Format == ImageFormat.Jpeg && facts.Channels == 4)
            throw new BadInputException("image-cmyk", "This JPEG has the four printing inks (CMYK), whose colours depend on a printer's profile.", name, fix: "Convert it to RGB.");
        if (facts.BitDepth > 8)
        {
            throw new BadInputException(
                "image-16-bit", $"This image has {facts.BitDepth} bits a channel; its lower bits would be lost.", name, fix: "Convert it to 8 bits with the scaling you want.");
        }
        if (facts.Frames > 1)
            throw new BadInputException("image-animated", $"This file holds {facts.Frames} frames.", name, fix: "Save the frames that you mean as images of their own.");
        return facts;
    }

    /// <summary>How many eighths of a JPEG's size still give at least a size.</summary>
    private static int Eighths(ImageFacts facts, int width, int height) => facts.Format != ImageFormat.Jpeg
        ? 8
        : Math.Clamp((int)Math.Ceiling(8 * Math.Max((double)width / facts.Width, (double)height / facts.Height) - 1e-9), 1, 8);

    /// <summary>Decodes to RGBA; where only some rows of a JPEG will be looked at, the others may be left undefined.</summary>
    private static unsafe RgbaPixels DecodeRgba(
        ReadOnlySpan<byte> bytes, string name, ImageFacts facts, DecodeOptions options, int eighths, (double Top, double Bottom, double Margin)? rows = null)
    {
        fixed (byte* file = bytes)
        {
            using SKData data = SKData.Create((nint)file, bytes.Length);
            using SKCodec codec = SKCodec.Create(data) ?? throw Truncated(name);
            SKSizeI size = eighths == 8 ? codec.Info.Size : codec.GetScaledDimensions(eighths / 8f);
            if ((long)size.Width * size.Height > (long)facts.Width * facts.Height)
                throw new BadInputException("image-damaged", $"The header says {facts.Width}×{facts.Height} pixels, the data {size.Width}×{size.Height}.", name);
            bool opaque = codec.Info.AlphaType == SKAlphaType.Opaque;
            var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
            var pixels = new RgbaPixels(size.Width, size.Height);
            try
            {
                // A file without its end mark is decoded whole, so that being cut off shows whichever rows are wanted.
                bool partly = rows is not null && facts.Format == ImageFormat.Jpeg && opaque && bytes.EndsWith([(byte)0xFF, (byte)0xD9]);
                SKCodecResult result;
                fixed (byte* p = pixels.Span)
                    result = partly ? GetRows(codec, info, p, facts.Height, rows!.Value) : codec.GetPixels(info, (nint)p);
                if (result == SKCodecResult.IncompleteInput)
                    throw Truncated(name);
                if (result != SKCodecResult.Success)
                    throw new BadInputException("image-damaged", $"The image data is damaged ({result}).", name, fix: "Copy it again from its source.");
                if (!opaque)
                    Flatten(pixels.Span, name, options.Background);
                return pixels;
            }
            catch
            {
                pixels.Dispose();
                throw;
            }
        }
    }

    /// <summary>Skipped rows cost no transform, and those below the last wanted one not even their entropy decoding.</summary>
    private static unsafe SKCodecResult GetRows(SKCodec codec, SKImageInfo info, byte* pixels, int fullHeight, (double Top, double Bottom, double Margin) rows)
    {
        double scale = (double)info.Height / fullHeight;
        int top = Math.Clamp((int)Math.Floor((rows.Top - rows.Margin) * scale) - 2, 0, info.Height - 1);
        int bottom = Math.Clamp((int)Math.Ceiling((rows.Bottom + rows.Margin) * scale) + 2, top + 1, info.Height);
        SKCodecResult start = codec.StartScanlineDecode(info);
        if (start == SKCodecResult.Unimplemented)
            return codec.GetPixels(info, (nint)pixels);
        if (start != SKCodecResult.Success)
            return start;
        if (top > 0 && !codec.SkipScanlines(top))
            return SKCodecResult.IncompleteInput;
        return codec.GetScanlines((nint)(pixels + (long)top * info.RowBytes), bottom - top, info.RowBytes) == bottom - top ? SKCodecResult.Success : SKCodecResult.IncompleteInput;
    }

    private static BadInputException Truncated(string name) =>
        new("image-truncated", "The image ends early or its data is damaged.", name, fix: "Copy it again from its source.");

    private static void Flatten(Span<byte> rgba, string name, Rgb? background)
    {
        long transparent = 0;
        for (int i = 3; i < rgba.Length; i += 4)
            transparent += rgba[i] != 255 ? 1 : 0;
        if (transparent == 0)
            return;
        if (background is not Rgb behind)
        {
            throw new BadInputException(
                "image-transparent", FormattableString.Invariant($"{400.0 * transparent / rgba.Length:0.##} % of the pixels are transparent, and nothing says what lies behind them."), name,
                fix: "Save it without transparency, on the background that you mean.");
        }
        for (int i = 0; i < rgba.Length; i += 4)
        {
            int alpha = rgba[i + 3];
            rgba[i] = Over(rgba[i], behind.R, alpha);
            rgba[i + 1] = Over(rgba[i + 1], behind.G, alpha);
            rgba[i + 2] = Over(rgba[i + 2], behind.B, alpha);
        }
    }

    private static byte Over(int front, int behind, int alpha) => (byte)((front * alpha + behind * (255 - alpha) + 127) / 255);

    /// <summary>Decoded pixels in a borrowed buffer: a photo is more than a megabyte, too much to leave to the collector each time.</summary>
    private sealed class RgbaPixels(int width, int height) : IDisposable
    {
        private readonly byte[] buffer = ArrayPool<byte>.Shared.Rent(checked(4 * width * height));

        public int Width => width;

        public int Height => height;

        public Span<byte> Span => buffer.AsSpan(0, 4 * width * height);

        public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);
    }
}
