using System.Buffers.Binary;

namespace Sightline.Imaging;

/// <summary>Reads headers of image files by hand: nothing is allocated by what a header claims.</summary>
internal static class ImageHeader
{
    /// <summary>Reads the header.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="BadInputException">This is no image file, or its header is cut off.</exception>
    public static ImageFacts Read(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.IsEmpty)
            throw new BadInputException("image-empty", "The file has no bytes.", name, fix: "Copy it again from its source, or remove it.");
        ImageFacts facts;
        try
        {
            facts = ImageSignature.Of(bytes) switch
            {
                ImageFormat.Jpeg => JpegHeader.Read(bytes),
                ImageFormat.Png => Png(bytes),
                ImageFormat.WebP => WebP(bytes),
                ImageFormat.Bmp => Bmp(bytes),
                ImageFormat.Gif => Gif(bytes),
                _ => throw new BadInputException("image-unreadable", $"This is {ImageSignature.Describe(bytes)}. JPEG, PNG, WebP, BMP and GIF can be read.", name),
            };
        }
        catch (Exception end) when (end is ArgumentOutOfRangeException or EndOfStreamException or IndexOutOfRangeException)
        {
            // A slice left the file: it promises more than there is.
            throw new BadInputException("image-truncated", "The file ends early.", name, fix: "Copy it again from its source.");
        }
        catch (InvalidDataException damage)
        {
            throw new BadInputException("image-damaged", damage.Message, name, fix: "Copy it again from its source.");
        }
        if (facts.Width < 1 || facts.Height < 1)
            throw new BadInputException("image-damaged", $"The header says {facts.Width}×{facts.Height} pixels.", name, fix: "Copy it again from its source.");
        return facts;
    }

    private static ImageFacts Png(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> ihdr = bytes.Slice(8, 25);
        if (!ihdr.Slice(4, 4).SequenceEqual("IHDR"u8))
            throw new InvalidDataException("A PNG must start with the chunk IHDR.");
        int width = Size(BinaryPrimitives.ReadUInt32BigEndian(ihdr[8..]));
        int height = Size(BinaryPrimitives.ReadUInt32BigEndian(ihdr[12..]));
        int depth = ihdr[16];
        int channels = ihdr[17] switch
        {
            0 => 1,
            2 or 3 => 3,
            4 => 2,
            6 => 4,
            _ => throw new InvalidDataException($"A PNG of colour type {ihdr[17]} does not exist."),
        };
        int frames = 1;
        int orientation = 1;
        for (int at = 33; at + 12 <= bytes.Length;)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
            ReadOnlySpan<byte> type = bytes.Slice(at + 4, 4);
            if (type.SequenceEqual("IEND"u8))
                return Turned(new ImageFacts(ImageFormat.Png, width, height, channels, depth, frames, orientation));
            ReadOnlySpan<byte> data = bytes[(at + 8)..];
            if (type.SequenceEqual("acTL"u8))
                frames = Math.Max(1, Size(BinaryPrimitives.ReadUInt32BigEndian(data)));
            else if (type.SequenceEqual("tRNS"u8) && channels is 1 or 3)
                channels++;
            else if (type.SequenceEqual("eXIf"u8))
                orientation = Exif.Orientation(data[..(int)Math.Min(length, data.Length)]);
            at = (int)Math.Min(at + 12 + length, bytes.Length);
        }
        // Decoders forgive a missing tail; but then nothing says that the rest is whole.
        throw new EndOfStreamException();
    }

    private static ImageFacts WebP(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> kind = bytes.Slice(12, 4);
        if (kind.SequenceEqual("VP8 "u8))
        {
            int w = BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) & 0x3FFF;
            int h = BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]) & 0x3FFF;
            return new ImageFacts(ImageFormat.WebP, w, h, 3, 8, 1, 1);
        }
        if (kind.SequenceEqual("VP8L"u8))
        {
            uint packed = BinaryPrimitives.ReadUInt32LittleEndian(bytes[21..]);
            return new ImageFacts(ImageFormat.WebP, (int)(packed & 0x3FFF) + 1, (int)((packed >> 14) & 0x3FFF) + 1, (packed >> 28 & 1) != 0 ? 4 : 3, 8, 1, 1);
        }
        if (!kind.SequenceEqual("VP8X"u8))
            throw new InvalidDataException("A WebP must start with the chunk VP8, VP8L or VP8X.");
        byte flags = bytes[20];
        int width = (bytes[24] | bytes[25] << 8 | bytes[26] << 16) + 1;
        int height = (bytes[27] | bytes[28] << 8 | bytes[29] << 16) + 1;
        int frames = 0;
        int orientation = 1;
        for (int at = 30; at + 8 <= bytes.Length;)
        {
            ReadOnlySpan<byte> type = bytes.Slice(at, 4);
            long length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]);
            if (type.SequenceEqual("ANMF"u8))
                frames++;
            else if (type.SequenceEqual("EXIF"u8))
                orientation = Exif.Orientation(bytes[(at + 8)..][..(int)Math.Min(length, bytes.Length - at - 8)]);
            long next = at + 8 + length + (length & 1);
            if (next > bytes.Length)
                break;
            at = (int)next;
        }
        return Turned(new ImageFacts(ImageFormat.WebP, width, height, (flags & 0x10) != 0 ? 4 : 3, 8, Math.Max(1, frames), orientation));
    }

    private static ImageFacts Bmp(ReadOnlySpan<byte> bytes)
    {
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(bytes[14..]);
        bool old = header == 12;
        int width = old ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]) : BinaryPrimitives.ReadInt32LittleEndian(bytes[18..]);
        int height = old ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]) : BinaryPrimitives.ReadInt32LittleEndian(bytes[22..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(old ? 24 : 28)..]);
        // A negative height says that rows are stored from the top.
        return new ImageFacts(ImageFormat.Bmp, width, height == int.MinValue ? 0 : Math.Abs(height), bits == 32 ? 4 : 3, 8, 1, 1);
    }

    private static ImageFacts Gif(ReadOnlySpan<byte> bytes)
    {
        int width = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        int height = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        int at = 13 + ColorTable(bytes[10]);
        int frames = 0;
        while (at < bytes.Length)
        {
            byte block = bytes[at];
            if (block == 0x21)
            {
                at = SkipSubBlocks(bytes, at + 2);
            }
            else if (block == 0x2C && at + 10 < bytes.Length)
            {
                frames++;
                at = SkipSubBlocks(bytes, at + 11 + ColorTable(bytes[at + 9]));
            }
            else
            {
                break;
            }
        }
        return new ImageFacts(ImageFormat.Gif, width, height, 3, 8, Math.Max(1, frames), 1);
    }

    private static int ColorTable(byte flags) => (flags & 0x80) != 0 ? 3 << ((flags & 7) + 1) : 0;

    private static int SkipSubBlocks(ReadOnlySpan<byte> bytes, int at)
    {
        while (at < bytes.Length && bytes[at] != 0)
            at += bytes[at] + 1;
        return at + 1;
    }

    private static int Size(uint value) => value > int.MaxValue ? throw new InvalidDataException($"The header says a size of {value}.") : (int)value;

    /// <summary>Swaps the sides when the orientation turns the image by a quarter.</summary>
    internal static ImageFacts Turned(ImageFacts stored) =>
        stored.Orientation >= 5 ? stored with { Width = stored.Height, Height = stored.Width } : stored;
}
