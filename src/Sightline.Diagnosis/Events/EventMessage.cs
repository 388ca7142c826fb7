using System.Buffers.Binary;
using System.Text;

namespace Sightline.Diagnosis;

/// <summary>
/// The part of TensorFlow's <c>event.proto</c> and <c>summary.proto</c> that scalars need, in protobuf's wire format:
/// <c>Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5 }</c>,
/// <c>Summary { repeated Value value = 1 }</c>, <c>Value { string tag = 1; float simple_value = 2 }</c>.
/// </summary>
internal static class EventMessage
{
    /// <summary>The first event of every file.</summary>
    internal static byte[] Version(double wallTime)
    {
        var event_ = new List<byte>(32);
        Double(event_, 1, wallTime);
        Bytes(event_, 3, "brain.Event:2"u8);
        return [.. event_];
    }

    internal static byte[] Scalar(ScalarEvent scalar)
    {
        var value = new List<byte>(32);
        Bytes(value, 1, Encoding.UTF8.GetBytes(scalar.Tag));
        Key(value, 2, 5);
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(number, scalar.Value);
        value.AddRange(number);
        var summary = new List<byte>(40);
        Bytes(summary, 1, [.. value]);
        var event_ = new List<byte>(64);
        Double(event_, 1, scalar.WallTime);
        Key(event_, 2, 0);
        Varint(event_, unchecked((ulong)scalar.Step));
        Bytes(event_, 5, [.. summary]);
        return [.. event_];
    }

    /// <summary>Reads an event's step and scalars; fields that are not known are passed over.</summary>
    /// <exception cref="InvalidDataException">The bytes are no event.</exception>
    internal static (long Step, IReadOnlyList<ScalarEvent> Scalars) Parse(ReadOnlySpan<byte> bytes)
    {
        double wallTime = 0;
        long step = 0;
        var values = new List<(string Tag, float Value)>();
        var reader = new WireReader(bytes);
        while (reader.Next(out int field, out ulong number, out ReadOnlySpan<byte> content))
        {
            switch (field)
            {
                case 1:
                    wallTime = BitConverter.UInt64BitsToDouble(number);
                    break;
                case 2:
                    step = unchecked((long)number);
                    break;
                case 5:
                    ParseSummary(content, values);
                    break;
            }
        }
        long at = step;
        double time = wallTime;
        return (step, [.. values.Select(v => new ScalarEvent(v.Tag, at, v.Value, time))]);
    }

    private static void ParseSummary(ReadOnlySpan<byte> bytes, List<(string, float)> values)
    {
        var summary = new WireReader(bytes);
        while (summary.Next(out int field, out _, out ReadOnlySpan<byte> content))
        {
            if (field != 1)
                continue;
            string? tag = null;
            float? value = null;
            var reader = new WireReader(content);
            while (reader.Next(out int inner, out ulong number, out ReadOnlySpan<byte> text))
            {
                if (inner == 1)
                    tag = Encoding.UTF8.GetString(text);
                else if (inner == 2)
                    value = BitConverter.UInt32BitsToSingle((uint)number);
            }
            if (tag is not null && value is float scalar)
                values.Add((tag, scalar));
        }
    }

    private static void Key(List<byte> to, int field, int wireType) => Varint(to, (ulong)(field << 3 | wireType));

    private static void Varint(List<byte> to, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            to.Add((byte)(value | 0x80));
        to.Add((byte)value);
    }

    private static void Double(List<byte> to, int field, double value)
    {
        Key(to, field, 1);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(number, value);
        to.AddRange(number);
    }

    private static void Bytes(List<byte> to, int field, ReadOnlySpan<byte> content)
    {
        Key(to, field, 2);
        Varint(to, (ulong)content.Length);
        to.AddRange(content);
    }

    /// <summary>Walks over the fields of one message.</summary>
    private ref struct WireReader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> rest = bytes;

        public bool Next(out int field, out ulong number, out ReadOnlySpan<byte> content)
        {
            field = 0;
            number = 0;
            content = default;
            if (rest.IsEmpty)
                return false;
            ulong key = Varint();
            field = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    number = Varint();
                    break;
                case 1:
                    number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                    break;
                case 2:
                    content = Take(Varint());
                    break;
                case 5:
                    number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                    break;
                default:
                    throw new InvalidDataException($"Field {field} has wire type {key & 7}, which protobuf does not use any more.");
            }
            return true;
        }

        private ReadOnlySpan<byte> Take(ulong count)
        {
            if (count > (ulong)rest.Length)
                throw new InvalidDataException("The message ends in the middle of a field.");
            ReadOnlySpan<byte> taken = rest[..(int)count];
            rest = rest[(int)count..];
            return taken;
        }

        private ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; shift < 64; shift += 7)
            {
                byte b = Take(1)[0];
                value |= (ulong)(b & 0x7f) << shift;
                if (b < 0x80)
                    return value;
            }
            throw new InvalidDataException("A number is longer than ten bytes.");
        }
    }
}
