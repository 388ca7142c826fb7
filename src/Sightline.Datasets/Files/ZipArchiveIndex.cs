using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Sightline.Datasets.Files;

/// <summary>
/// Reads zip archives in place from many threads, by their central directory (APPNOTE 6.3.10, sections 4.3.7, 4.3.12–4.3.16; zip64
/// too). <see cref="System.IO.Compression.ZipArchive"/> serves one thread only.
/// </summary>
internal static class ZipArchiveIndex
{
    private const uint EndOfDirectory = 0x06054b50, Zip64Locator = 0x07064b50, Zip64End = 0x06064b50, DirectoryEntry = 0x02014b50, LocalHeader = 0x04034b50;

    /// <summary>Makes the index.</summary>
    /// <param name="source">The archive's bytes.</param>
    /// <param name="location">What to call the archive in an error.</param>
    /// <param name="name">What to call it in the names of samples.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>The tree.</returns>
    /// <exception cref="BadInputException">The archive is damaged.</exception>
    public static FileTree Open(ByteSource source, string location, string name, ArchiveLimits limits)
    {
        var files = new List<TreeFile>();
        var folders = new List<string>();
        var problems = new List<DataProblem>();
        try
        {
            (long count, long offset, long size) = FindDirectory(source);
            byte[] directory = source.Read(offset, checked((int)size));
            int at = 0;
            for (long i = 0; i < count; i++)
            {
                Entry entry = ReadEntry(directory, ref at);
                if (TreePath.Normalise(entry.Name) is not string path)
                    problems.Add(ArchiveProblems.UnsafePath(location, entry.Name));
                else if (TreePath.IsLitter(path))
                    continue;
                else if (entry.Name.EndsWith('/'))
                    folders.Add(path);
                else if ((entry.Flags & 1) != 0)
                    problems.Add(ArchiveProblems.Encrypted(location, path));
                else if (entry.Method is not (0 or 8))
                    problems.Add(ArchiveProblems.Method(location, path, entry.Method));
                else if (entry.Length > limits.EntryBytes)
                    problems.Add(ArchiveProblems.TooLarge(location, path, entry.Length, limits.EntryBytes));
                else if (ArchiveLimits.IsBomb(entry.Length, entry.PackedLength))
                    problems.Add(ArchiveProblems.Ratio(location, path, entry.Length, entry.PackedLength));
                else
                    files.Add(new TreeFile(path, $"{name}!{path}", $"{location}!{path}", entry.Length, () => Read(source, entry, $"{location}!{path}")));
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or ArgumentException or OverflowException)
        {
            throw new BadInputException("archive-damaged", "The zip archive is damaged or cut off.", location, fix: "Download or copy it again.", inner: exception);
        }
        return new FileTree(location, files, folders, problems);
    }

    private sealed record Entry(string Name, int Flags, int Method, uint Crc, long PackedLength, long Length, long HeaderOffset);

    private static (long Count, long Offset, long Size) FindDirectory(ByteSource source)
    {
        // The end record has 22 bytes and up to 65,535 of comment after it.
        int tailLength = (int)Math.Min(source.Length, 22 + 65535);
        byte[] tail = source.Read(source.Length - tailLength, tailLength);
        for (int i = tailLength - 22; i >= 0; i--)
        {
            if (U32(tail, i) != EndOfDirectory)
                continue;
            long count = U16(tail, i + 10), size = U32(tail, i + 12), offset = U32(tail, i + 16);
            if (count != 0xffff && size != 0xffffffff && offset != 0xffffffff)
                return (count, offset, size);
            if (i < 20 || U32(tail, i - 20) != Zip64Locator)
                throw new InvalidDataException();
            byte[] end = source.Read((long)U64(tail, i - 12), 56);
            return U32(end, 0) == Zip64End ? ((long)U64(end, 32), (long)U64(end, 48), (long)U64(end, 40)) : throw new InvalidDataException();
        }
        throw new InvalidDataException();
    }

    private static Entry ReadEntry(byte[] d, ref int at)
    {
        if (at > d.Length - 46 || U32(d, at) != DirectoryEntry)
            throw new InvalidDataException();
        int flags = U16(d, at + 8), method = U16(d, at + 10);
        uint crc = U32(d, at + 16);
        long packed = U32(d, at + 20), length = U32(d, at + 24), header = U32(d, at + 42);
        int nameLength = U16(d, at + 28), extraLength = U16(d, at + 30), commentLength = U16(d, at + 32);
        string name = Encoding.UTF8.GetString(d, at + 46, nameLength);
        int extra = at + 46 + nameLength, extraEnd = extra + extraLength;
        while (extra + 4 <= extraEnd)
        {
            int id = U16(d, extra), size = U16(d, extra + 2), p = extra + 4;
            if (id == 1)
            {
                if (length == 0xffffffff)
                    (length, p) = ((long)U64(d, p), p + 8);
                if (packed == 0xffffffff)
                    (packed, p) = ((long)U64(d, p), p + 8);
                if (header == 0xffffffff)
                    header = (long)U64(d, p);
            }
            extra += 4 + size;
        }
        at = extraEnd + commentLength;
        return packed < 0 || length < 0 || header < 0 ? throw new InvalidDataException() : new Entry(name, flags, method, crc, packed, length, header);
    }

    private static byte[] Read(ByteSource source, Entry entry, string location)
    {
        try
        {
            byte[] header = source.Read(entry.HeaderOffset, 30);
            if (U32(header, 0) != LocalHeader)
                throw new InvalidDataException();
            byte[] packed = source.Read(entry.HeaderOffset + 30 + U16(header, 26) + U16(header, 28), checked((int)entry.PackedLength));
            byte[] bytes = entry.Method == 0 ? packed : Inflate(packed, (int)entry.Length);
            return bytes.Length == entry.Length && Crc32.Of(bytes) == entry.Crc ? bytes : throw new InvalidDataException();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or OverflowException)
        {
            throw new BadInputException("archive-entry-damaged", "This file in the archive is damaged.", location, fix: "Download or copy the archive again.", inner: exception);
        }
    }

    private static byte[] Inflate(byte[] packed, int length)
    {
        using var stream = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return stream.ReadByte() < 0 ? bytes : throw new InvalidDataException();
    }

    private static int U16(byte[] b, int at) => BinaryPrimitives.ReadUInt16LittleEndian(b.AsSpan(at));

    private static uint U32(byte[] b, int at) => BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(at));

    private static ulong U64(byte[] b, int at) => BinaryPrimitives.ReadUInt64LittleEndian(b.AsSpan(at));
}
