using System.Buffers.Binary;

namespace Sightline.Diagnosis;

/// <summary>Reads TensorBoard event files.</summary>
public static class EventFile
{
    /// <summary>The scalars of a file, in its order; reading stops quietly at a record that is torn or damaged, as TensorBoard does.</summary>
    /// <param name="path">The file.</param>
    /// <returns>All scalars before the first damaged record.</returns>
    public static IReadOnlyList<ScalarEvent> ReadScalars(string path)
    {
        var scalars = new List<ScalarEvent>();
        Walk(path, scalars.Add);
        return scalars;
    }

    /// <summary>Hands over the scalars of a file one by one.</summary>
    internal static EventFileReading Walk(string path, Action<ScalarEvent> take)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
        var records = new EventRecords(file);
        var parser = new EventParser();
        var scalars = new List<ScalarEvent>();
        while (records.Next(out ReadOnlySpan<byte> record))
        {
            scalars.Clear();
            try
            {
                parser.Parse(record, scalars);
            }
            catch (InvalidDataException)
            {
                return new EventFileReading(EventFileEnd.Damaged, records.Position, records.PassedOver);
            }
            foreach (ScalarEvent scalar in scalars)
                take(scalar);
        }
        return new EventFileReading(records.End, records.Position, records.PassedOver);
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

    /// <summary>The length of the leading part that holds whole events up to a step.</summary>
    internal static long LengthUpTo(Stream stream, long lastStep)
    {
        var records = new EventRecords(stream);
        var parser = new EventParser();
        var scalars = new List<ScalarEvent>();
        long end = records.Position;
        while (records.Next(out ReadOnlySpan<byte> record))
        {
            try
            {
                if (parser.Parse(record, scalars) > lastStep)
                    break;
            }
            catch (InvalidDataException)
            {
                break;
            }
            scalars.Clear();
            end = records.Position;
        }
        return end;
    }
}

/// <summary>How far an event file was read.</summary>
/// <param name="End">What ended it.</param>
/// <param name="Position">Where the last whole record ends.</param>
/// <param name="PassedOver">How many records were passed over for their size.</param>
internal readonly record struct EventFileReading(EventFileEnd End, long Position, int PassedOver);
