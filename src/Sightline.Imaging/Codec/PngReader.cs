using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Sightline.Imaging;

/// <summary>Reads single-channel PNG files as they are stored. Skia would turn palettes into colours and 16 bits into 8.</summary>
internal static class PngReader
{
    /// <summary>Reads grey or palette values of 1, 2, 4 or 8 bits.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <param name="options">Limits.</param>
    public static Plane<byte> Read8(ReadOnlySpan<byte> bytes, string name, DecodeOptions options)
    {
        Header header = ReadHeader(bytes, name, options);
        if (header.Depth > 8)
            throw new BadInputException("plane-wrong-depth", $"A plane of ids has at most 8 bits; this one has {header.Depth}.", name);
        byte[] rows = Unfilter(bytes, name, header);
        if (header.Depth == 8)
            return new Plane<byte>(header.Width, header.Height, rows);
        var plane = new Plane<byte>(header.Width, header.Height);
        int perByte = 8 / header.Depth;
        int mask = (1 << header.Depth) - 1;
        for (int y = 0; y < header.Height; y++)
        {
            ReadOnlySpan<byte> row = rows.AsSpan(y * header.RowBytes, header.RowBytes);
            Span<byte> target = plane.Row(y);
            for (int x = 0; x < target.Length; x++)
                target[x] = (byte)(row[x / perByte] >> (8 - header.Depth * (x % perByte + 1)) & mask);
        }
        return plane;
    }

    /// <summary>Reads grey values of 16 bits.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <param name="options">Limits.</param>
    public static Plane<ushort> Read16(ReadOnlySpan<byte> bytes, string name, DecodeOptions options)
    {
        Header header = ReadHeader(bytes, name, options);
        if (header.Depth != 16)
            throw new BadInputException("plane-wrong-depth", $"16 bits are expected; this PNG has {header.Depth}.", name);
        ushort[] values = MemoryMarshal.Cast<byte, ushort>(Unfilter(bytes, name, header)).ToArray();
        if (BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(values, values);
        return new Plane<ushort>(header.Width, header.Height, values);
    }

    private readonly record struct Header(int Width, int Height, int Depth)
    {
        public int RowBytes => checked((Width * Depth + 7) / 8);
    }

    private static Header ReadHeader(ReadOnlySpan<byte> bytes, string name, DecodeOptions options)
    {
        ImageFacts facts = ImageHeader.Read(bytes, name);
        if (facts.Format != ImageFormat.Png)
            throw new BadInputException("plane-not-png", $"A PNG is expected; this is a {facts.Format} file.", name);
        if ((long)facts.Width * facts.Height > Math.Min(options.MaxPixels, int.MaxValue / 16))
            throw new BadInputException("image-too-large", $"The header says {facts.Width}×{facts.Height} pixels; at most {options.MaxPixels} pixels are read.", name);
        if (bytes[25] is not (0 or 3))
            throw new BadInputException("plane-not-grey", "A grey or palette PNG is expected; this one stores colours.", name, fix: "Save ids as grey levels.");
        if (bytes[28] != 0)
            throw new BadInputException("plane-interlaced", "Interlaced PNGs are not read as planes.", name, fix: "Save it without interlacing.");
        if (facts.BitDepth is not (1 or 2 or 4 or 8 or 16))
            throw new BadInputException("image-damaged", $"A PNG of {facts.BitDepth} bits does not exist.", name);
        // Orientation is a matter of photos; ids and depth are stored upright.
        return facts.Orientation >= 5 ? new Header(facts.Height, facts.Width, facts.BitDepth) : new Header(facts.Width, facts.Height, facts.BitDepth);
    }

    private static byte[] Unfilter(ReadOnlySpan<byte> bytes, string name, Header header)
    {
        using var data = new MemoryStream(CollectData(bytes, name));
        using var zlib = new ZLibStream(data, CompressionMode.Decompress);
        int rowBytes = header.RowBytes;
        int step = Math.Max(1, header.Depth / 8);
        byte[] rows = new byte[checked(rowBytes * header.Height)];
        byte[] none = new byte[rowBytes];
        try
        {
            for (int y = 0; y < header.Height; y++)
            {
                int filter = zlib.ReadByte();
                Span<byte> row = rows.AsSpan(y * rowBytes, rowBytes);
                if (filter < 0)
                    throw new EndOfStreamException();
                zlib.ReadExactly(row);
                Undo(filter, row, y == 0 ? none : rows.AsSpan((y - 1) * rowBytes, rowBytes), step);
            }
        }
        catch (EndOfStreamException)
        {
            throw new BadInputException("image-truncated", "The image ends early.", name, fix: "Copy it again from its source.");
        }
        catch (InvalidDataException damage)
        {
            throw new BadInputException("image-damaged", "The image data is damaged.", name, fix: "Copy it again from its source.", inner: damage);
        }
        return rows;
    }

    private static byte[] CollectData(ReadOnlySpan<byte> bytes, string name)
    {
        var data = new MemoryStream();
        for (int at = 8; at + 12 <= bytes.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
            if (length > bytes.Length - at - 12)
                break;
            ReadOnlySpan<byte> type = bytes.Slice(at + 4, 4);
            if (type.SequenceEqual("IEND"u8))
                return data.ToArray();
            if (type.SequenceEqual("IDAT"u8))
            {
                ReadOnlySpan<byte> part = bytes.Slice(at + 8, (int)length);
                if (BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 8 + (int)length)..]) != Crc32.Of(type, part))
                    throw new BadInputException("image-damaged", "A checksum does not fit: the image data is damaged.", name, fix: "Copy it again from its source.");
                data.Write(part);
            }
            at += 12 + (int)length;
        }
        throw new BadInputException("image-truncated", "The image ends early.", name, fix: "Copy it again from its source.");
    }

    private static void Undo(int filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0;
            int up = above[i];
            row[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                4 => Paeth(left, up, i >= step ? above[i - step] : 0),
                _ => throw new InvalidDataException($"A PNG row filter {filter} does not exist."),
            });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int estimate = left + up - corner;
        int dl = Math.Abs(estimate - left), du = Math.Abs(estimate - up), dc = Math.Abs(estimate - corner);
        return dl <= du && dl <= dc ? left : du <= dc ? up : corner;
    }
}
