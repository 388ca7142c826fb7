using System.Buffers.Binary;

namespace Sightline.Diagnosis;

/// <summary>How the reading of an event file ended.</summary>
internal enum EventFileEnd
{
    /// <summary>At the file's end.</summary>
    Whole,

    /// <summary>The file ends in the middle of a record: it is being written, or was cut.</summary>
    Torn,

    /// <summary>A checksum does not hold, or a record is no event.</summary>
    Damaged,
}

/// <summary>
/// Walks over the records of an event file with one buffer, however long the file is. They are TFRecords: for each its length (uint64), the
/// length's masked CRC-32C, the bytes, their masked CRC-32C, all little-endian. Records above <see cref="LargestRecord"/> hold images, sound or a
/// graph, and are passed over unread.
/// </summary>
internal sealed class EventRecords(Stream stream)
{
    internal const int LargestRecord = 8 << 20;

    private byte[] buffer = new byte[1 << 12];

    /// <summary>Where the last whole record ends.</summary>
    internal long Position { get; private set; } = stream.Position;

    /// <summary>Why the last <see cref="Next"/> found none.</summary>
    internal EventFileEnd End { get; private set; }

    /// <summary>How many records were passed over for their size.</summary>
    internal int PassedOver { get; private set; }

    /// <summary>The next record, valid until the next call; false at the end and at a record that is torn or damaged.</summary>
    internal bool Next(out ReadOnlySpan<byte> record)
    {
        record = default;
        Span<byte> head = stackalloc byte[12];
        while (true)
        {
            int read = stream.ReadAtLeast(head, 12, throwOnEndOfStream: false);
            if (read < 12)
                return Stop(read == 0 ? EventFileEnd.Whole : EventFileEnd.Torn);
            if (BinaryPrimitives.ReadUInt32LittleEndian(head[8..]) != Crc32C.Masked(head[..8]))
                return Stop(EventFileEnd.Damaged);
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
            if (length > (ulong)Math.Max(0, stream.Length - stream.Position - 4))
                return Stop(EventFileEnd.Torn);
            if (length > LargestRecord)
            {
                Position = stream.Seek((long)length + 4, SeekOrigin.Current);
                PassedOver++;
                continue;
            }
            int size = (int)length + 4;
            if (buffer.Length < size)
                buffer = new byte[Math.Max(size, 2 * buffer.Length)];
            if (stream.ReadAtLeast(buffer.AsSpan(0, size), size, throwOnEndOfStream: false) < size)
                return Stop(EventFileEnd.Torn);
            record = buffer.AsSpan(0, (int)length);
            if (BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan((int)length)) != Crc32C.Masked(record))
                return Stop(EventFileEnd.Damaged);
            Position += 12 + size;
            return true;
        }
    }

    /// <summary>Whether a stream begins as event files do: with a length whose checksum holds.</summary>
    internal static bool Begins(Stream stream)
    {
        Span<byte> head = stackalloc byte[12];
        return stream.ReadAtLeast(head, 12, throwOnEndOfStream: false) == 12 && BinaryPrimitives.ReadUInt32LittleEndian(head[8..]) == Crc32C.Masked(head[..8]);
    }

    private bool Stop(EventFileEnd end)
    {
        End = end;
        return false;
    }
}
