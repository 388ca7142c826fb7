using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Imaging;

/// <summary>
/// Separable resampling in fixed point: rows first, rounded to bytes, then columns. All sums are integers, so the result is the same
/// on every machine and thread.
/// </summary>
internal static class Resampler
{
    private const int Half = 1 << (Filter.Precision - 1);

    /// <summary>Resamples interleaved pixels of 3 (RGB) or 4 (RGBA; the fourth is ignored) bytes.</summary>
    /// <param name="source">The pixels.</param>
    /// <param name="width">Source width in pixels.</param>
    /// <param name="height">Source height in pixels.</param>
    /// <param name="pixelBytes">3 or 4.</param>
    /// <param name="horizontal">Weights along x; null copies columns.</param>
    /// <param name="vertical">Weights along y; null copies rows.</param>
    /// <param name="target">The output.</param>
    public static void Run(ReadOnlySpan<byte> source, int width, int height, int pixelBytes, Filter? horizontal, Filter? vertical, RgbImage target)
    {
        int top = vertical?.Lowest ?? 0;
        int bottom = vertical?.End ?? height;
        if (vertical is null)
        {
            for (int y = 0; y < bottom; y++)
                PackRow(source, width, height, pixelBytes, y, horizontal, target.Row(y));
            return;
        }
        int rowBytes = 3 * target.Width;
        byte[] between = ArrayPool<byte>.Shared.Rent((bottom - top) * rowBytes);
        try
        {
            for (int y = top; y < bottom; y++)
                PackRow(source, width, height, pixelBytes, y, horizontal, between.AsSpan((y - top) * rowBytes, rowBytes));
            Filter filter = vertical.Value;
            for (int y = 0; y < target.Height; y++)
            {
                ReadOnlySpan<int> weights = filter.Weights.AsSpan(y * filter.Stride, filter.Count[y]);
                Column(between.AsSpan((filter.First[y] - top) * rowBytes, filter.Count[y] * rowBytes), weights, target.Row(y));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(between);
        }
    }

    private static void PackRow(ReadOnlySpan<byte> source, int width, int height, int pixelBytes, int y, Filter? filter, Span<byte> target)
    {
        ReadOnlySpan<byte> row = source.Slice(y * width * pixelBytes, width * pixelBytes);
        if (filter is Filter horizontal)
        {
            Row(row, pixelBytes, horizontal, target);
        }
        else if (pixelBytes == 3)
        {
            row.CopyTo(target);
        }
        else
        {
            PixelPacking.RgbaToRgb(row, target);
        }
    }

    /// <summary>One output pixel at a time, its three channels side by side in one vector.</summary>
    private static void Row(ReadOnlySpan<byte> row, int pixelBytes, Filter filter, Span<byte> target)
    {
        ref byte input = ref MemoryMarshal.GetReference(row);
        ref byte output = ref MemoryMarshal.GetReference(target);
        ref int weights = ref MemoryMarshal.GetArrayDataReference(filter.Weights);
        // A 4-byte load at the last RGB pixel would leave the row: these pixels go the plain way.
        int safeEnd = pixelBytes == 4 ? int.MaxValue : row.Length / 3 - 1;
        int[] firsts = filter.First;
        int[] counts = filter.Count;
        for (int i = 0; i < firsts.Length; i++)
        {
            int first = firsts[i];
            int count = counts[i];
            ref int w = ref Unsafe.Add(ref weights, i * filter.Stride);
            if (first + count <= safeEnd && 3 * i + 4 <= target.Length)
            {
                ref byte p = ref Unsafe.Add(ref input, first * pixelBytes);
                var sum = Vector128.Create(Half);
                for (int k = 0; k < count; k++)
                {
                    sum += Widen(ref p) * Vector128.Create(Unsafe.Add(ref w, k));
                    p = ref Unsafe.Add(ref p, pixelBytes);
                }
                Vector128<short> shorts = Vector128.Narrow(sum >>> Filter.Precision, Vector128<int>.Zero);
                // Four bytes are written; the fourth is overwritten by the next pixel.
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref output, 3 * i), Vector128.Narrow(shorts, Vector128<short>.Zero).AsUInt32().ToScalar());
                continue;
            }
            for (int c = 0; c < 3; c++)
            {
                int sum = Half;
                for (int k = 0; k < count; k++)
                    sum += row[(first + k) * pixelBytes + c] * Unsafe.Add(ref w, k);
                target[3 * i + c] = (byte)(sum >> Filter.Precision);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(ref byte pixel)
    {
        Vector128<byte> bytes = Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte();
        return Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32();
    }

    /// <summary>One output row: a weighted sum of whole input rows.</summary>
    private static void Column(ReadOnlySpan<byte> rows, ReadOnlySpan<int> weights, Span<byte> target)
    {
        int length = target.Length;
        int step = Vector<byte>.Count;
        ref byte input = ref MemoryMarshal.GetReference(rows);
        ref byte output = ref MemoryMarshal.GetReference(target);
        int i = 0;
        for (; i <= length - step; i += step)
        {
            var a = new Vector<int>(Half);
            Vector<int> b = a, c = a, d = a;
            for (int k = 0; k < weights.Length; k++)
            {
                int weight = weights[k];
                Vector<byte> bytes = Unsafe.ReadUnaligned<Vector<byte>>(ref Unsafe.Add(ref input, k * length + i));
                Vector.Widen(bytes, out Vector<ushort> low, out Vector<ushort> high);
                Vector.Widen(low, out Vector<uint> w0, out Vector<uint> w1);
                Vector.Widen(high, out Vector<uint> w2, out Vector<uint> w3);
                a += Vector.AsVectorInt32(w0) * weight;
                b += Vector.AsVectorInt32(w1) * weight;
                c += Vector.AsVectorInt32(w2) * weight;
                d += Vector.AsVectorInt32(w3) * weight;
            }
            Vector<ushort> ab = Vector.Narrow(Vector.AsVectorUInt32(a >>> Filter.Precision), Vector.AsVectorUInt32(b >>> Filter.Precision));
            Vector<ushort> cd = Vector.Narrow(Vector.AsVectorUInt32(c >>> Filter.Precision), Vector.AsVectorUInt32(d >>> Filter.Precision));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref output, i), Vector.Narrow(ab, cd));
        }
        for (; i < length; i++)
        {
            int sum = Half;
            for (int k = 0; k < weights.Length; k++)
                sum += rows[k * length + i] * weights[k];
            target[i] = (byte)(sum >> Filter.Precision);
        }
    }
}
