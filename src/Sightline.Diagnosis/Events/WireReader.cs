using System.Buffers.Binary;

namespace Sightline.Diagnosis;

/// <summary>Walks over the fields of one message in protobuf's wire format.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>The next field: a number (also the bits of a float or double), or the bytes of a text, a message or packed numbers.</summary>
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

    /// <summary>The first of packed varints.</summary>
    public static ulong FirstVarint(ReadOnlySpan<byte> packed) => new WireReader(packed).Varint();

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
