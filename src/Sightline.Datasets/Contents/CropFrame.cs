using System.Buffers.Binary;
using System.Security.Cryptography;
using Sightline.Datasets.Coco;
using Sightline.Datasets.Files;
using Sightline.Imaging;

namespace Sightline.Datasets.Contents;

/// <summary>How a crop is cut around a box.</summary>
/// <param name="Margin">The share of its sides by which the box grows on every side.</param>
/// <param name="Square">Whether the shorter side then grows to the longer.</param>
internal readonly record struct CropShape(double Margin, bool Square)
{
    /// <summary>The whole pixels to cut out of an image.</summary>
    /// <param name="box">The object's box.</param>
    /// <param name="width">The image's width in pixels.</param>
    /// <param name="height">The image's height in pixels.</param>
    /// <returns>Left, top, width and height inside the image; null when the box is outside.</returns>
    public (int X, int Y, int Width, int Height)? Region(CropBox box, int width, int height)
    {
        if (!(box.Width > 0 && box.Height > 0) || box.X >= width || box.Y >= height || box.X + box.Width <= 0 || box.Y + box.Height <= 0)
            return null;
        double w = box.Width * (1 + (2 * Margin)), h = box.Height * (1 + (2 * Margin));
        if (Square)
            w = h = Math.Max(w, h);
        (int x, int columns) = Span(box.X + (box.Width / 2), w, width);
        (int y, int rows) = Span(box.Y + (box.Height / 2), h, height);
        return (x, y, columns, rows);
    }

    // A square that would reach over the image's edge is moved inside, so that it stays square; anything else is cut off there.
    private (int Start, int Length) Span(double centre, double length, int limit)
    {
        if (Square)
        {
            int side = Math.Clamp((int)Math.Round(length), 1, limit);
            return (Math.Clamp((int)Math.Round(centre - (side / 2.0)), 0, limit - side), side);
        }
        int start = Math.Clamp((int)Math.Floor(centre - (length / 2)), 0, limit - 1);
        int end = Math.Clamp((int)Math.Ceiling(centre + (length / 2)), start + 1, limit);
        return (start, end - start);
    }
}

/// <summary>How much memory the crops of a set may still take.</summary>
/// <param name="bytes">The number of bytes.</param>
internal sealed class CropMemory(long bytes)
{
    private long left = bytes;

    /// <summary>Takes memory when there is enough.</summary>
    /// <param name="bytes">How much.</param>
    /// <returns>Whether it was there.</returns>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref left, -bytes) >= 0)
            return true;
        Interlocked.Add(ref left, bytes);
        return false;
    }
}

/// <summary>
/// An image that crops are cut from. It is decoded once and all its crops are kept, while there is memory: a training run asks for the
/// crops in random order, and would decode each image again for every object in it.
/// </summary>
/// <param name="file">The image file.</param>
/// <param name="labelled">The width and height in pixels that the labels give the image; 0 where they don't say.</param>
/// <param name="shape">How crops are cut.</param>
/// <param name="memory">The memory for all crops of the set.</param>
internal sealed class CropFrame(TreeFile file, (int Width, int Height) labelled, CropShape shape, CropMemory memory)
{
    private readonly List<CropBox> boxes = [];
    private readonly List<RleMask?> masks = [];
    private readonly Lock gate = new();
    private RgbImage?[]? kept;
    private byte[]? fileHash;

    /// <summary>Adds an object; only while the set is opened.</summary>
    /// <param name="box">Its box.</param>
    /// <param name="mask">Its pixels in the image, when known.</param>
    /// <returns>The crop.</returns>
    public CropImage Add(CropBox box, RleMask? mask)
    {
        boxes.Add(box);
        masks.Add(mask);
        return new CropImage(this, boxes.Count - 1);
    }

    /// <summary>One crop; the caller may change its pixels.</summary>
    /// <param name="index">Which.</param>
    /// <returns>The crop.</returns>
    public RgbImage Crop(int index)
    {
        if (Volatile.Read(ref kept) is RgbImage?[] all)
            return Copy(all[index] ?? throw Outside(index));
        lock (gate)
        {
            if (kept is null)
            {
                RgbImage image = EncodedImage.Decode(file, labelled);
                long bytes = boxes.Sum(b => shape.Region(b, image.Width, image.Height) is (_, _, int w, int h) ? 3L * w * h : 0);
                if (!memory.TryTake(bytes))
                    return Cut(image, boxes[index]) ?? throw Outside(index);
                Volatile.Write(ref kept, [.. boxes.Select(b => Cut(image, b))]);
            }
        }
        return Copy(kept[index] ?? throw Outside(index));
    }

    /// <summary>Where in a crop its object is.</summary>
    /// <param name="index">Which crop.</param>
    /// <returns>The object's pixels, else those whose middle is in its box; null when there is none.</returns>
    public ObjectPixels? FindObject(int index)
    {
        (int imageWidth, int imageHeight) = labelled;
        if (imageWidth == 0 || imageHeight == 0)
        {
            RgbImage image = EncodedImage.Decode(file);
            (imageWidth, imageHeight) = (image.Width, image.Height);
        }
        CropBox box = boxes[index];
        if (shape.Region(box, imageWidth, imageHeight) is not (int left, int top, int width, int height))
            throw Outside(index);
        byte[]? mask = masks[index] is { } own && own.Width == imageWidth && own.Height == imageHeight ? own.ToBitmap() : null;
        var pixels = new Plane<byte>(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double column = left + x + 0.5 - box.X, row = top + y + 0.5 - box.Y;
                bool inside = mask is not null ? mask[(top + y) * imageWidth + left + x] != 0 : column >= 0 && column < box.Width && row >= 0 && row < box.Height;
                pixels[x, y] = (byte)(inside ? 1 : 0);
            }
        }
        return pixels.Values.AsSpan().Contains((byte)1) ? new ObjectPixels(pixels, mask is not null) : null;
    }

    /// <summary>The hash of the stored image and the way this crop is cut from it.</summary>
    /// <param name="index">Which crop.</param>
    /// <returns>A SHA-256.</returns>
    public byte[] StoredHash(int index)
    {
        byte[] ofFile;
        lock (gate)
            ofFile = fileHash ??= SHA256.HashData(file.ReadBytes());
        Span<byte> bytes = stackalloc byte[32 + (6 * 8)];
        ofFile.CopyTo(bytes);
        CropBox box = boxes[index];
        double[] numbers = [box.X, box.Y, box.Width, box.Height, shape.Margin, shape.Square ? 1 : 0];
        for (int i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes[(32 + (8 * i))..], numbers[i]);
        return SHA256.HashData(bytes);
    }

    private RgbImage? Cut(RgbImage image, CropBox box)
    {
        if (shape.Region(box, image.Width, image.Height) is not (int x, int y, int width, int height))
            return null;
        var crop = new RgbImage(width, height);
        for (int row = 0; row < height; row++)
            image.Row(y + row).Slice(3 * x, 3 * width).CopyTo(crop.Row(row));
        return crop;
    }

    private static RgbImage Copy(RgbImage image) => new(image.Width, image.Height, image.Pixels.AsSpan().ToArray());

    private BadInputException Outside(int index) =>
        new("box-outside-image", $"Object {index} lies outside the image.", file.Location, fix: "Correct or remove this object's box.");
}

/// <summary>An object cut out of an image.</summary>
/// <param name="frame">The image.</param>
/// <param name="index">Which of its crops.</param>
internal sealed class CropImage(CropFrame frame, int index) : ImageContent
{
    /// <inheritdoc/>
    public override byte[] ReadBytes() => frame.Crop(index).Pixels;

    /// <inheritdoc/>
    public override RgbImage Decode() => frame.Crop(index);

    /// <inheritdoc/>
    public override ObjectPixels? FindObject() => frame.FindObject(index);

    /// <inheritdoc/>
    internal override byte[] StoredHash() => frame.StoredHash(index);
}
