using System.Buffers.Binary;

namespace Sightline.Diagnosis;

/// <summary>
/// Reads TensorBoard event files. They are TFRecord files: for each record its length (uint64), the length's masked CRC-32C, the bytes,
/// their masked CRC-32C, all little-endian.
/// </summary>
public static class EventFile
{
    private const int LargestRecord = 64 << 20;

    /// <summary>The scalars of a file, in its order; reading stops quietly at a record that is torn or damaged, as TensorBoard does.</summary>
    /// <param name="path">The file.</param>
    /// <returns>All scalars before the first damaged record.</returns>
    public static IReadOnlyList<ScalarEvent> ReadScalars(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var scalars = new List<ScalarEvent>();
        while (ReadRecord(file) is byte[] record)
            scalars.AddRange(EventMessage.Parse(record).Scalars);
        return scalars;
    }

    internal static void WriteRecord(Stream stream, ReadOnlySpan<byte> record)
    {
        Span<byte> length = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(length[8..], Crc32C.Masked(length[..8]));
        Span<byte> checksum = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, Crc32C.Masked(record));
        stream.Write(length);
        stream.Write(record);
        stream.Write(checksum);
    }

    /// <summary>The next record; null at the end, and at a record that is torn or whose checksum doesn't hold.</summary>
    internal static byte[]? ReadRecord(Stream stream)
    {
        Span<byte> length = stackalloc byte[12];
        if (stream.ReadAtLeast(length, 12, throwOnEndOfStream: false) < 12 || BinaryPrimitives.ReadUInt32LittleEndian(length[8..]) != Crc32C.Masked(length[..8]))
            return null;
        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (count > LargestRecord)
            return null;
        byte[] record = new byte[count];
        Span<byte> checksum = stackalloc byte[4];
        return stream.ReadAtLeast(record, record.Length, throwOnEndOfStream: false) == record.Length
            && stream.ReadAtLeast(checksum, 4, throwOnEndOfStream: false) == 4
            && BinaryPrimitives.ReadUInt32LittleEndian(checksum) == Crc32C.Masked(record) ? record : null;
    }

    /// <summary>The length of the leading part that holds whole events up to a step.</summary>
    internal static long LengthUpTo(Stream stream, long lastStep)
    {
        long end = stream.Position;
        while (ReadRecord(stream) is byte[] record)
        {
            try
            {
                if (EventMessage.Parse(record).Step > lastStep)
                    break;
            }
            catch (InvalidDataException)
            {
                break;
            }
            end = stream.Position;
        }
        return end;
    }
}
