using System.Buffers.Binary;
using System.Numerics;

namespace Sightline.Diagnosis;

/// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4), and the masked form that TFRecord files store.</summary>
internal static class Crc32C
{
    internal static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }
        foreach (byte b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    /// <summary>Rotated and shifted, since a checksum over data that holds its own checksum is weak.</summary>
    internal static uint Masked(ReadOnlySpan<byte> bytes) => BitOperations.RotateRight(Of(bytes), 15) + 0xa282ead8;
}
