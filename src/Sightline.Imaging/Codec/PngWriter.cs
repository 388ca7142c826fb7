using System.Buffers.Binary;
using System.IO.Compression;

namespace Sightline.Imaging;

/// <summary>Writes PNG files of every depth that the project stores, which Skia does not (PNG specification, third edition).</summary>
internal static class PngWriter
{
    /// <summary>8-bit grey.</summary>
    public static (byte Depth, byte ColorType) Grey8 => (8, 0);

    /// <summary>16-bit grey, big-endian.</summary>
    public static (byte Depth, byte ColorType) Grey16 => (16, 0);

    /// <summary>8-bit RGB.</summary>
    public static (byte Depth, byte ColorType) Rgb8 => (8, 2);

    /// <summary>Writes one image.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="kind">Depth and colour type.</param>
    /// <param name="pixelBytes">Bytes of a pixel.</param>
    /// <param name="pixels">The pixels, row by row.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] Write(int width, int height, (byte Depth, byte ColorType) kind, int pixelBytes, ReadOnlySpan<byte> pixels)
    {
        var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = kind.Depth;
        header[9] = kind.ColorType;
        header[10..].Clear();
        Chunk(file, "IHDR"u8, header);
        Chunk(file, "IDAT"u8, Compress(pixels, width * pixelBytes, height, pixelBytes));
        Chunk(file, "IEND"u8, default);
        return file.ToArray();
    }

    /// <summary>Every row is stored as its difference to the row above (filter 2), which suits labels, depth and rendered pictures, and vectorises.</summary>
    private static ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> pixels, int rowBytes, int height, int pixelBytes)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] line = new byte[rowBytes + 1];
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> row = pixels.Slice(y * rowBytes, rowBytes);
                if (y == 0)
                {
                    line[0] = 1; // difference to the pixel at the left: there is no row above
                    for (int i = 0; i < rowBytes; i++)
                        line[i + 1] = (byte)(row[i] - (i >= pixelBytes ? row[i - pixelBytes] : 0));
                }
                else
                {
                    line[0] = 2;
                    Subtract(row, pixels.Slice((y - 1) * rowBytes, rowBytes), line.AsSpan(1));
                }
                zlib.Write(line);
            }
        }
        return packed.GetBuffer().AsSpan(0, (int)packed.Length);
    }

    private static void Subtract(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> target)
    {
        int i = 0;
        for (; i <= row.Length - System.Numerics.Vector<byte>.Count; i += System.Numerics.Vector<byte>.Count)
            (new System.Numerics.Vector<byte>(row[i..]) - new System.Numerics.Vector<byte>(above[i..])).CopyTo(target[i..]);
        for (; i < row.Length; i++)
            target[i] = (byte)(row[i] - above[i]);
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, Crc32.Of(type, data));
        file.Write(word);
    }

}

/// <summary>The checksum of PNG chunks (ISO 3309), eight bytes at a time.</summary>
internal static class Crc32
{
    private static readonly uint[] table = MakeTable();

    /// <summary>The checksum of a chunk's type and data.</summary>
    /// <param name="type">Four bytes.</param>
    /// <param name="data">The data.</param>
    public static uint Of(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data) => ~Update(Update(uint.MaxValue, type), data);

    private static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] t = table;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = t[7 * 256 + (byte)low] ^ t[6 * 256 + (byte)(low >> 8)] ^ t[5 * 256 + (byte)(low >> 16)] ^ t[4 * 256 + (byte)(low >> 24)]
                ^ t[3 * 256 + (byte)high] ^ t[2 * 256 + (byte)(high >> 8)] ^ t[256 + (byte)(high >> 16)] ^ t[(byte)(high >> 24)];
        }
        foreach (byte b in bytes)
            crc = t[(byte)(crc ^ b)] ^ (crc >> 8);
        return crc;
    }

    private static uint[] MakeTable()
    {
        uint[] t = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint c = i;
            for (int k = 0; k < 8; k++)
                c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            t[i] = c;
        }
        for (int slice = 1; slice < 8; slice++)
        {
            for (int i = 0; i < 256; i++)
            {
                uint before = t[(slice - 1) * 256 + i];
                t[slice * 256 + i] = t[(byte)before] ^ (before >> 8);
            }
        }
        return t;
    }
}
