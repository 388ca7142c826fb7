using SkiaSharp;

namespace Sightline.Imaging;

/// <summary>An image that is being drawn on: text in the embedded font, rectangles, lines, other images. Edges are smoothed.</summary>
public sealed class Drawing : IDisposable
{
    private readonly SKBitmap bitmap;
    private readonly SKCanvas canvas;

    /// <summary>Starts from a copy of an image.</summary>
    /// <param name="image">The image; it is not changed.</param>
    public Drawing(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        PixelPacking.RgbToRgba(image.Pixels, bitmap.GetPixelSpan());
        canvas = new SKCanvas(bitmap);
    }

    /// <summary>Starts from an empty image.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="background">Its colour.</param>
    public Drawing(int width, int height, Rgb background)
        : this(Filled(width, height, background))
    {
    }

    /// <summary>Width in pixels.</summary>
    public int Width => bitmap.Width;

    /// <summary>Height in pixels.</summary>
    public int Height => bitmap.Height;

    /// <summary>How large a text will be.</summary>
    /// <param name="text">One line.</param>
    /// <param name="size">The font's size in pixels.</param>
    /// <returns>Advance width and line height (ascent and descent) in pixels.</returns>
    public static (double Width, double Height) MeasureText(string text, double size)
    {
        using SKFont font = Font(size);
        return (font.MeasureText(Drawable(text)), font.Metrics.Descent - font.Metrics.Ascent);
    }

    /// <summary>Shortens a text with an ellipsis until it fits.</summary>
    /// <param name="text">One line.</param>
    /// <param name="size">The font's size in pixels.</param>
    /// <param name="width">The room in pixels.</param>
    /// <returns>The text, its beginning and an ellipsis, or nothing when not even that fits.</returns>
    public static string FitText(string text, double size, double width)
    {
        ArgumentNullException.ThrowIfNull(text);
        using SKFont font = Font(size);
        if (font.MeasureText(Drawable(text)) <= width)
            return text;
        for (int length = text.Length - 1; length > 0; length--)
        {
            if (char.IsHighSurrogate(text[length - 1]))
                continue;
            string shorter = text[..length].TrimEnd() + "…";
            if (font.MeasureText(Drawable(shorter)) <= width)
                return shorter;
        }
        return "";
    }

    /// <summary>Draws one line of text.</summary>
    /// <param name="x">Left edge in pixels.</param>
    /// <param name="y">Top edge of the line in pixels.</param>
    /// <param name="text">The text.</param>
    /// <param name="size">The font's size in pixels.</param>
    /// <param name="color">Its colour.</param>
    /// <returns>This.</returns>
    public Drawing Text(double x, double y, string text, double size, Rgb color)
    {
        using SKFont font = Font(size);
        using SKPaint paint = Paint(color);
        canvas.DrawText(Drawable(text), (float)x, (float)(y - font.Metrics.Ascent), SKTextAlign.Left, font, paint);
        return this;
    }

    /// <summary>Draws one line of text on a filled plate, so that it can be read on any picture. The plate is kept inside the image where it fits.</summary>
    /// <param name="x">Left edge of the plate in pixels.</param>
    /// <param name="y">Top edge of the plate in pixels.</param>
    /// <param name="text">The text.</param>
    /// <param name="size">The font's size in pixels.</param>
    /// <param name="plate">The plate's colour; the text is black or white, whichever stands out.</param>
    /// <returns>This.</returns>
    public Drawing Label(double x, double y, string text, double size, Rgb plate)
    {
        (double width, double height) = MeasureText(text, size);
        double margin = size / 4;
        double left = Math.Max(0, Math.Min(x, Width - width - 2 * margin));
        double top = Math.Max(0, Math.Min(y, Height - height));
        FillRectangle(new CropBox(left, top, width + 2 * margin, height), plate);
        return Text(left + margin, top, text, size, ColorAdjustment.Luma(plate.R, plate.G, plate.B) > 140 ? Rgb.Black : Rgb.White);
    }

    /// <summary>Outlines a rectangle; the line lies half inside, half outside.</summary>
    /// <param name="box">The rectangle in pixels.</param>
    /// <param name="color">The line's colour.</param>
    /// <param name="thickness">The line's thickness in pixels.</param>
    /// <returns>This.</returns>
    public Drawing Rectangle(CropBox box, Rgb color, double thickness = 2)
    {
        using SKPaint paint = Paint(color);
        paint.Style = SKPaintStyle.Stroke;
        paint.StrokeWidth = (float)thickness;
        canvas.DrawRect((float)box.X, (float)box.Y, (float)box.Width, (float)box.Height, paint);
        return this;
    }

    /// <summary>Fills a rectangle.</summary>
    /// <param name="box">The rectangle in pixels.</param>
    /// <param name="color">The colour.</param>
    /// <param name="opacity">0 leaves what is there, 1 hides it.</param>
    /// <returns>This.</returns>
    public Drawing FillRectangle(CropBox box, Rgb color, double opacity = 1)
    {
        using SKPaint paint = Paint(color);
        paint.Color = paint.Color.WithAlpha((byte)Math.Round(255 * Math.Clamp(opacity, 0, 1)));
        canvas.DrawRect((float)box.X, (float)box.Y, (float)box.Width, (float)box.Height, paint);
        return this;
    }

    /// <summary>Draws a straight line.</summary>
    /// <param name="x0">Start, x in pixels.</param>
    /// <param name="y0">Start, y.</param>
    /// <param name="x1">End, x.</param>
    /// <param name="y1">End, y.</param>
    /// <param name="color">The line's colour.</param>
    /// <param name="thickness">The line's thickness in pixels.</param>
    /// <returns>This.</returns>
    public Drawing Line(double x0, double y0, double x1, double y1, Rgb color, double thickness = 1)
    {
        using SKPaint paint = Paint(color);
        paint.StrokeWidth = (float)thickness;
        canvas.DrawLine((float)x0, (float)y0, (float)x1, (float)y1, paint);
        return this;
    }

    /// <summary>Copies an image's pixels, unscaled.</summary>
    /// <param name="x">Left edge in pixels.</param>
    /// <param name="y">Top edge in pixels.</param>
    /// <param name="image">The image; what leaves the drawing is cut off.</param>
    /// <returns>This.</returns>
    public Drawing Image(int x, int y, RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        int left = Math.Max(0, x), right = Math.Min(Width, x + image.Width);
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int row = Math.Max(0, y); row < Math.Min(Height, y + image.Height) && left < right; row++)
            PixelPacking.RgbToRgba(image.Row(row - y)[(3 * (left - x))..(3 * (right - x))], pixels.Slice(4 * (row * Width + left), 4 * (right - left)));
        return this;
    }

    /// <summary>What has been drawn.</summary>
    /// <returns>A new image.</returns>
    public RgbImage ToImage()
    {
        canvas.Flush();
        RgbImage image = RgbImage.Uninitialized(Width, Height);
        PixelPacking.RgbaToRgb(bitmap.GetPixelSpan(), image.Pixels);
        return image;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        canvas.Dispose();
        bitmap.Dispose();
    }

    private static RgbImage Filled(int width, int height, Rgb background)
    {
        var image = new RgbImage(width, height);
        image.Fill(background);
        return image;
    }

    private static SKFont Font(double size)
    {
        if (!(size > 0 && size < 10_000))
            throw new ArgumentOutOfRangeException(nameof(size), size, "A font's size is above 0.");
        return new SKFont(EmbeddedFont.Typeface, (float)size) { Subpixel = true, Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None };
    }

    /// <summary>Line breaks and tabs have no glyph.</summary>
    private static string Drawable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.AsSpan().IndexOfAnyInRange('\0', '\u001F') < 0 ? text : string.Create(text.Length, text, (to, from) =>
        {
            for (int i = 0; i < to.Length; i++)
                to[i] = from[i] < ' ' ? ' ' : from[i];
        });
    }

    private static SKPaint Paint(Rgb color) => new() { Color = new SKColor(color.R, color.G, color.B), IsAntialias = true, Style = SKPaintStyle.Fill };
}
