using System.Buffers.Binary;
using System.Text;
using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>Event files put together from bytes, as other writers make them.</summary>
internal static class EventBytes
{
    public static byte[] Number(int field, ulong value) => [.. Varint((ulong)field << 3), .. Varint(value)];

    public static byte[] Bytes(int field, ReadOnlySpan<byte> content) => [.. Varint((ulong)(field << 3) | 2), .. Varint((ulong)content.Length), .. content];

    public static byte[] Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public static byte[] Single(float value) => BitConverter.GetBytes(value);

    /// <summary>An event with one value, whose fields beside the tag are given.</summary>
    public static byte[] Event(long step, string tag, params byte[][] fields) =>
        [0x09, .. BitConverter.GetBytes(1.5e9), .. Number(2, (ulong)step), .. Bytes(5, Bytes(1, [.. Text(1, tag), .. fields.SelectMany(f => f)]))];

    public static byte[] Simple(long step, string tag, float value) => Event(step, tag, [0x15, .. Single(value)]);

    /// <summary>A scalar of TensorFlow 2: a tensor under the plugin of scalars.</summary>
    public static byte[] Tensor(long step, string tag, byte[] tensor, string plugin = "scalars") => Event(step, tag, Bytes(8, tensor), Bytes(9, Bytes(1, Text(1, plugin))));

    public static byte[] FloatVal(float value) => [.. Number(1, 1), .. Bytes(2, []), .. Bytes(5, Single(value))];

    public static void Records(string path, params IEnumerable<byte[]> records)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, FileMode.Create);
        foreach (byte[] record in records)
            EventFile.WriteRecord(file, record);
    }

    /// <summary>The twelve bytes before a record.</summary>
    public static byte[] Head(ulong length)
    {
        byte[] head = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(head, length);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), Crc32C.Masked(head.AsSpan(0, 8)));
        return head;
    }

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
