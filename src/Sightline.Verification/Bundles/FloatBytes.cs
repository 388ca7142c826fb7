using System.Buffers.Binary;

namespace Sightline.Verification;

/// <summary>Tensors as bytes: float32, little-endian, row-major.</summary>
internal static class FloatBytes
{
    /// <summary>Writes numbers.</summary>
    /// <param name="values">The numbers.</param>
    /// <returns>Their bytes.</returns>
    public static byte[] Of(float[] values)
    {
        byte[] bytes = new byte[sizeof(float) * values.Length];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * i), values[i]);
        return bytes;
    }

    /// <summary>Reads numbers; bytes behind the last whole one are left.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The numbers.</returns>
    public static float[] Read(byte[] bytes)
    {
        float[] values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(sizeof(float) * i));
        return values;
    }
}
