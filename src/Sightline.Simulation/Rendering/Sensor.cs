using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sightline.Simulation.Surfaces;
using Sightline.Simulation.Worlds;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Rendering;

/// <summary>From light to numbers: exposure, lens shading, shot and read noise, a tone curve, eight bits.</summary>
internal static class Sensor
{
    private static readonly Lanes steps = Vector512.Create(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    /// <summary>Writes the image.</summary>
    /// <param name="view">The frame.</param>
    /// <param name="red">Linear light, rows of <paramref name="stride"/>.</param>
    /// <param name="green">See <paramref name="red"/>.</param>
    /// <param name="blue">See <paramref name="red"/>.</param>
    /// <param name="stride">Pixels from row to row, a multiple of 16.</param>
    /// <param name="rgba">Receives R, G, B and 255 of each pixel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expose(FrameView view, float[] red, float[] green, float[] blue, int stride, Span<uint> rgba)
    {
        int width = view.Camera.Width, height = view.Camera.Height;
        Weather w = view.Yard.Weather;
        Vector3 gain = w.WhiteBalance * w.Exposure;
        float perRadius = 1f / (width * width / 4f + height * height / 4f);
        Span<uint> tail = stackalloc uint[16];
        ref uint target = ref MemoryMarshal.GetReference(rgba);
        for (int y = 0; y < height; y++)
        {
            float dy = y + 0.5f - height / 2f;
            for (int x = 0; x < width; x += 16)
            {
                Lanes px = steps + All(x);
                Lanes dx = px + All(0.5f - width / 2f);
                // A lens gives less light at its rim: cos⁴, nearly.
                Lanes lens = MulAdd(MulAdd(dx, dx, All(dy * dy)), All(-0.28f * perRadius), Lanes.One);
                IntLanes bits = Noise.Hash(Vector512.ConvertToInt32Native(px), Vector512.Create(y), view.NoiseSeed);
                nuint at = (nuint)(y * stride + x);
                IntLanes r = Quantise(Vector512.LoadUnsafe(ref red[0], at) * lens * gain.X, bits, w);
                IntLanes g = Quantise(Vector512.LoadUnsafe(ref green[0], at) * lens * gain.Y, Again(bits, 0x2c1b3c6d), w);
                IntLanes b = Quantise(Vector512.LoadUnsafe(ref blue[0], at) * lens * gain.Z, Again(bits, 0x297a2d39), w);
                IntLanes pixel = r | (g << 8) | (b << 16) | Vector512.Create(unchecked((int)0xff000000));
                if (x + 16 <= width)
                {
                    pixel.AsUInt32().StoreUnsafe(ref target, (nuint)(y * width + x));
                }
                else
                {
                    pixel.AsUInt32().CopyTo(tail);
                    tail[..(width - x)].CopyTo(rgba[(y * width + x)..]);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IntLanes Again(IntLanes bits, int factor)
    {
        IntLanes h = (bits ^ Vector512.ShiftRightLogical(bits, 15)) * Vector512.Create(factor | 1);
        return h ^ Vector512.ShiftRightLogical(h, 14);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IntLanes Quantise(Lanes light, IntLanes bits, Weather w)
    {
        // Four random bytes add up to a nearly normal number: mean 510, deviation 147.8.
        IntLanes byteMask = Vector512.Create(0xff);
        IntLanes sum = (bits & byteMask) + (Vector512.ShiftRightLogical(bits, 8) & byteMask)
            + (Vector512.ShiftRightLogical(bits, 16) & byteMask) + Vector512.ShiftRightLogical(bits, 24);
        Lanes normal = (Vector512.ConvertToSingle(sum) - All(510)) * (1 / 147.8f);
        light = Max(light, Lanes.Zero);
        Lanes deviation = Vector512.Sqrt(MulAdd(light, All(w.ShotNoise), All(w.ReadNoise * w.ReadNoise)));
        Lanes x = Max(MulAdd(normal, deviation, light), Lanes.Zero);
        // A shoulder that keeps highlights: straight below, then bending to 1 (after Reinhard et al. 2002).
        x = x * MulAdd(x, All(0.16f), Lanes.One) / (Lanes.One + x * 0.62f) * 1.12f;
        x = Min(x, Lanes.One);
        // sRGB's curve, from square roots.
        Lanes s1 = Vector512.Sqrt(x), s2 = Vector512.Sqrt(s1), s3 = Vector512.Sqrt(s2);
        Lanes curve = MulAdd(s1, All(0.662002687f), MulAdd(s2, All(0.684122060f), MulAdd(s3, All(-0.323583601f), x * -0.0225411470f)));
        return Vector512.ConvertToInt32Native(MulAdd(Saturate(curve), All(255), All(0.5f)));
    }
}
