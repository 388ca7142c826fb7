using System.Buffers.Binary;
using System.Text;

namespace Sightline.Diagnosis;

/// <summary>
/// Writes the part of TensorFlow's <c>event.proto</c> and <c>summary.proto</c> that scalars need, in protobuf's wire format:
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
}
