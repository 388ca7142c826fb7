namespace Sightline.Imaging;

/// <summary>A continuous rectangle in an image, in pixels; pixel (i, j) covers [i, i+1) × [j, j+1).</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Top edge.</param>
/// <param name="Width">Width, above 0.</param>
/// <param name="Height">Height, above 0.</param>
public readonly record struct CropBox(double X, double Y, double Width, double Height)
{
    /// <summary>Its area in square pixels.</summary>
    public double Area => Width * Height;

    /// <summary>The area that it shares with another box.</summary>
    /// <param name="other">The other box.</param>
    /// <returns>Square pixels, 0 when they are apart.</returns>
    public double Intersection(CropBox other) =>
        Math.Max(0, Math.Min(X + Width, other.X + other.Width) - Math.Max(X, other.X)) * Math.Max(0, Math.Min(Y + Height, other.Y + other.Height) - Math.Max(Y, other.Y));

    /// <summary>Intersection over union with another box: 1 for the same box, 0 for boxes that are apart.</summary>
    /// <param name="other">The other box.</param>
    /// <returns>0–1; 0 when both are empty.</returns>
    public double IoU(CropBox other)
    {
        double shared = Intersection(other), all = Area + other.Area - shared;
        return all > 0 ? shared / all : 0;
    }
}

/// <summary>
/// Changes of size, the same for training and on the robot. Bilinear and area results equal Pillow's to the bit, and so torchvision's
/// on PIL images: anti-aliased, fixed point, rows before columns.
/// </summary>
public static class Resize
{
    /// <summary>Scales both sides to a size, whatever this does to the aspect.</summary>
    /// <param name="image">The image.</param>
    /// <param name="width">Output width in pixels, at least 1.</param>
    /// <param name="height">Output height in pixels, at least 1.</param>
    /// <param name="interpolation">How output pixels are made.</param>
    /// <returns>The scaled image; <paramref name="image"/> itself when it has the size already.</returns>
    public static RgbImage To(RgbImage image, int width, int height, Interpolation interpolation = Interpolation.Bilinear)
    {
        ArgumentNullException.ThrowIfNull(image);
        return image.Width == width && image.Height == height
            ? image
            : Crop(image, new CropBox(0, 0, image.Width, image.Height), width, height, interpolation);
    }

    /// <summary>
    /// Crops a continuous box and scales it in one pass. Near the box's edges pixels just outside it contribute, as they do inside the
    /// image; cut whole pixels with <see cref="RgbImage.Crop"/> first where that is not wanted.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="box">The box, inside the image.</param>
    /// <param name="width">Output width in pixels, at least 1.</param>
    /// <param name="height">Output height in pixels, at least 1.</param>
    /// <param name="interpolation">How output pixels are made.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The box is empty or leaves the image.</exception>
    public static RgbImage Crop(RgbImage image, CropBox box, int width, int height, Interpolation interpolation = Interpolation.Bilinear)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Window(image.Pixels, image.Width, image.Height, 3, box, width, height, 0, 0, width, height, interpolation);
    }

    /// <summary>Scales the shorter side to a length (the longer follows, rounded down as torchvision does), then cuts out the centre.</summary>
    /// <param name="image">The image.</param>
    /// <param name="shorterSide">The shorter side after scaling, in pixels.</param>
    /// <param name="width">Width of the cut in pixels.</param>
    /// <param name="height">Height of the cut in pixels.</param>
    /// <param name="interpolation">How output pixels are made.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The cut is larger than the scaled image.</exception>
    public static RgbImage ShorterSideCenterCrop(RgbImage image, int shorterSide, int width, int height, Interpolation interpolation = Interpolation.Bilinear)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(shorterSide, 1);
        bool wide = image.Width >= image.Height;
        int longer = (int)((long)shorterSide * Math.Max(image.Width, image.Height) / Math.Min(image.Width, image.Height));
        int fullWidth = wide ? longer : shorterSide;
        int fullHeight = wide ? shorterSide : longer;
        if (width > fullWidth || height > fullHeight)
            throw new ArgumentOutOfRangeException(nameof(width), $"A centre of {width}×{height} cannot be cut from {fullWidth}×{fullHeight}.");
        int left = (int)Math.Round((fullWidth - width) / 2.0, MidpointRounding.ToEven);
        int top = (int)Math.Round((fullHeight - height) / 2.0, MidpointRounding.ToEven);
        return image.Width == fullWidth && image.Height == fullHeight
            ? image.Crop(left, top, width, height)
            : Window(image.Pixels, image.Width, image.Height, 3, new CropBox(0, 0, image.Width, image.Height), fullWidth, fullHeight, left, top, width, height, interpolation);
    }

    /// <summary>Scales the image to fit inside a size, centred, and fills the rest.</summary>
    /// <param name="image">The image.</param>
    /// <param name="width">Output width in pixels.</param>
    /// <param name="height">Output height in pixels.</param>
    /// <param name="fill">What the rest is filled with.</param>
    /// <returns>A new image.</returns>
    public static RgbImage Letterbox(RgbImage image, int width, int height, Rgb fill)
    {
        ArgumentNullException.ThrowIfNull(image);
        LetterboxPlacement placement = LetterboxPlacement.Of(image.Width, image.Height, width, height);
        RgbImage inner = To(image, placement.Width, placement.Height);
        var boxed = new RgbImage(width, height);
        boxed.Fill(fill);
        for (int y = 0; y < inner.Height; y++)
            inner.Row(y).CopyTo(boxed.Row(placement.Y + y)[(3 * placement.X)..]);
        return boxed;
    }

    /// <summary>Scales a plane of ids or depths by taking the value under each output pixel's centre: ids must never be mixed.</summary>
    /// <typeparam name="T">The value of a pixel.</typeparam>
    /// <param name="plane">The plane.</param>
    /// <param name="width">Output width in pixels, at least 1.</param>
    /// <param name="height">Output height in pixels, at least 1.</param>
    /// <returns>A new plane.</returns>
    public static Plane<T> Nearest<T>(Plane<T> plane, int width, int height)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(plane);
        var target = new Plane<T>(width, height);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<T> from = plane.Row(NearestIndex(y, 0, plane.Height, height, plane.Height));
            Span<T> to = target.Row(y);
            for (int x = 0; x < width; x++)
                to[x] = from[NearestIndex(x, 0, plane.Width, width, plane.Width)];
        }
        return target;
    }

    /// <summary>A window of the output that the whole box would become.</summary>
    internal static RgbImage Window(
        ReadOnlySpan<byte> source, int sourceWidth, int sourceHeight, int pixelBytes, CropBox box, int fullWidth, int fullHeight,
        int left, int top, int width, int height, Interpolation interpolation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        const double slack = 1e-6; // sums of doubles may end a hair outside
        if (!(box.Width > 0) || !(box.Height > 0) || box.X < -slack || box.Y < -slack || box.X + box.Width > sourceWidth + slack || box.Y + box.Height > sourceHeight + slack)
            throw new ArgumentOutOfRangeException(nameof(box), $"The box {box.X}, {box.Y}, {box.Width}×{box.Height} is not a part of an image of {sourceWidth}×{sourceHeight}.");
        double right = Math.Min(box.X + box.Width, sourceWidth);
        double bottom = Math.Min(box.Y + box.Height, sourceHeight);
        double x0 = Math.Max(box.X, 0);
        double y0 = Math.Max(box.Y, 0);
        RgbImage target = RgbImage.Uninitialized(width, height);
        if (interpolation == Interpolation.Nearest)
        {
            PickNearest(source, sourceWidth, sourceHeight, pixelBytes, new CropBox(x0, y0, right - x0, bottom - y0), fullWidth, fullHeight, left, top, target);
            return target;
        }
        bool sameColumns = x0 == 0 && right == sourceWidth && fullWidth == sourceWidth && width == fullWidth;
        bool sameRows = y0 == 0 && bottom == sourceHeight && fullHeight == sourceHeight && height == fullHeight;
        Filter? horizontal = sameColumns ? null : Filter.Create(sourceWidth, x0, right, fullWidth, left, width, interpolation);
        Filter? vertical = sameRows ? null : Filter.Create(sourceHeight, y0, bottom, fullHeight, top, height, interpolation);
        Resampler.Run(source, sourceWidth, sourceHeight, pixelBytes, horizontal, vertical, target);
        return target;
    }

    private static void PickNearest(
        ReadOnlySpan<byte> source, int sourceWidth, int sourceHeight, int pixelBytes, CropBox box, int fullWidth, int fullHeight, int left, int top, RgbImage target)
    {
        for (int y = 0; y < target.Height; y++)
        {
            ReadOnlySpan<byte> from = source[(NearestIndex(top + y, box.Y, box.Height, fullHeight, sourceHeight) * sourceWidth * pixelBytes)..];
            Span<byte> to = target.Row(y);
            for (int x = 0; x < target.Width; x++)
                from.Slice(NearestIndex(left + x, box.X, box.Width, fullWidth, sourceWidth) * pixelBytes, 3).CopyTo(to[(3 * x)..]);
        }
    }

    private static int NearestIndex(int output, double start, double length, int outputSize, int inputSize) =>
        Math.Clamp((int)Math.Floor(start + (output + 0.5) * length / outputSize), 0, inputSize - 1);
}

/// <summary>Where a letterboxed image lies in its frame, for carrying boxes and points there and back.</summary>
/// <param name="X">Left edge of the scaled image in pixels.</param>
/// <param name="Y">Top edge of the scaled image in pixels.</param>
/// <param name="Width">Its width in pixels.</param>
/// <param name="Height">Its height in pixels.</param>
/// <param name="Scale">Scaled pixels per original pixel, before the sides were rounded.</param>
public readonly record struct LetterboxPlacement(int X, int Y, int Width, int Height, double Scale)
{
    /// <summary>Fits an image into a frame, centred.</summary>
    /// <param name="imageWidth">The image's width in pixels.</param>
    /// <param name="imageHeight">The image's height in pixels.</param>
    /// <param name="frameWidth">The frame's width in pixels.</param>
    /// <param name="frameHeight">The frame's height in pixels.</param>
    /// <returns>The placement.</returns>
    public static LetterboxPlacement Of(int imageWidth, int imageHeight, int frameWidth, int frameHeight)
    {
        double scale = Math.Min((double)frameWidth / imageWidth, (double)frameHeight / imageHeight);
        int width = Math.Clamp((int)Math.Round(imageWidth * scale, MidpointRounding.AwayFromZero), 1, frameWidth);
        int height = Math.Clamp((int)Math.Round(imageHeight * scale, MidpointRounding.AwayFromZero), 1, frameHeight);
        return new LetterboxPlacement((frameWidth - width) / 2, (frameHeight - height) / 2, width, height, scale);
    }
}
