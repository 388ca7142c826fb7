using System.Buffers.Binary;

namespace Sightline.Diagnosis;

/// <summary>
/// The one number of a tensor, which is how TensorFlow 2 writes scalars:
/// <c>TensorProto { DataType dtype = 1; TensorShapeProto tensor_shape = 2; bytes tensor_content = 4; repeated float float_val = 5;
/// repeated double double_val = 6; repeated int32 int_val = 7; repeated int64 int64_val = 10 }</c>, <c>TensorShapeProto { repeated Dim dim = 2 }</c>,
/// <c>Dim { int64 size = 1 }</c>.
/// </summary>
internal static class TensorScalar
{
    private const int Float = 1, Double = 2, Int32 = 3, Int64 = 9, BFloat16 = 14, Half = 19;

    /// <summary>The number; null of a tensor that holds several, or no numbers.</summary>
    internal static double? Read(ReadOnlySpan<byte> tensor)
    {
        int type = 0;
        double? value = null;
        ReadOnlySpan<byte> raw = default;
        var reader = new WireReader(tensor);
        while (reader.Next(out int field, out ulong number, out ReadOnlySpan<byte> content))
        {
            switch (field)
            {
                case 1:
                    type = (int)number;
                    break;
                case 2:
                    if (!IsOneNumber(content))
                        return null;
                    break;
                case 4:
                    raw = content;
                    break;
                case 5:
                    // One number is written alone (its bits are in the key's number) or packed.
                    value = content.IsEmpty ? BitConverter.UInt32BitsToSingle((uint)number) : content.Length == 4 ? BinaryPrimitives.ReadSingleLittleEndian(content) : null;
                    break;
                case 6:
                    value = content.IsEmpty ? BitConverter.UInt64BitsToDouble(number) : content.Length == 8 ? BinaryPrimitives.ReadDoubleLittleEndian(content) : null;
                    break;
                case 7 or 10:
                    value = Whole(number, content);
                    break;
            }
        }
        return raw.IsEmpty ? value : OfContent(type, raw);
    }

    private static bool IsOneNumber(ReadOnlySpan<byte> shape)
    {
        var dimensions = new WireReader(shape);
        while (dimensions.Next(out int field, out _, out ReadOnlySpan<byte> dimension))
        {
            var reader = new WireReader(dimension);
            while (field == 2 && reader.Next(out int inner, out ulong size, out _))
            {
                if (inner == 1 && size != 1)
                    return false;
            }
        }
        return true;
    }

    private static double Whole(ulong number, ReadOnlySpan<byte> packed) => unchecked((long)(packed.IsEmpty ? number : WireReader.FirstVarint(packed)));

    private static double? OfContent(int type, ReadOnlySpan<byte> raw) => (type, raw.Length) switch
    {
        (Float, 4) => BinaryPrimitives.ReadSingleLittleEndian(raw),
        (Double, 8) => BinaryPrimitives.ReadDoubleLittleEndian(raw),
        (Int32, 4) => BinaryPrimitives.ReadInt32LittleEndian(raw),
        (Int64, 8) => BinaryPrimitives.ReadInt64LittleEndian(raw),
        (Half, 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(raw),
        // The upper half of a float's bits.
        (BFloat16, 2) => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(raw) << 16),
        _ => null,
    };
}
