using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sightline.Simulation.Casting;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Rendering;

/// <summary>Renders a frame: one ray through the middle of each pixel, in blocks of 4×4, then four more through pixels on edges.</summary>
internal static class FrameRenderer
{
    private static readonly Lanes columns = Vector512.Create(0.5f, 1.5f, 2.5f, 3.5f, 0.5f, 1.5f, 2.5f, 3.5f, 0.5f, 1.5f, 2.5f, 3.5f, 0.5f, 1.5f, 2.5f, 3.5f);
    private static readonly Lanes rows = Vector512.Create(0.5f, 0.5f, 0.5f, 0.5f, 1.5f, 1.5f, 1.5f, 1.5f, 2.5f, 2.5f, 2.5f, 2.5f, 3.5f, 3.5f, 3.5f, 3.5f);

    // A rotated grid, so that nearly upright and nearly level edges have four steps each.
    private static readonly Vector128<float> gridX = Vector128.Create(0.375f, 0.875f, 0.125f, 0.625f);
    private static readonly Vector128<float> gridY = Vector128.Create(0.125f, 0.375f, 0.625f, 0.875f);

    /// <summary>Renders linear light, depth, surfaces and movement.</summary>
    /// <param name="view">The frame.</param>
    /// <param name="buffers">Receives it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Render(FrameView view, FrameBuffers buffers)
    {
        var shader = new SurfaceShader(view);
        for (int y = 0; y < buffers.Rows; y += 4)
        {
            for (int x = 0; x < buffers.Stride; x += 4)
            {
                RayPacket packet = Rays(view, columns + All(x), rows + All(y));
                shader.Shade(ref packet, true, out Shaded seen);
                int at = y * buffers.Stride + x, stride = buffers.Stride;
                Store(seen.Red, buffers.Red, at, stride);
                Store(seen.Green, buffers.Green, at, stride);
                Store(seen.Blue, buffers.Blue, at, stride);
                Store(seen.MotionX, buffers.MotionX, at, stride);
                Store(seen.MotionY, buffers.MotionY, at, stride);
                Store(packet.T, buffers.Depth, at, stride);
                Store(seen.Surface.AsSingle(), MemoryMarshal.Cast<int, float>(buffers.Surface.AsSpan()), at, stride);
                Store(seen.Object.AsSingle(), MemoryMarshal.Cast<int, float>(buffers.Object.AsSpan()), at, stride);
            }
        }
        SmoothEdges(view, shader, buffers);
    }

    /// <summary>The rays through sixteen places in the image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RayPacket Rays(FrameView view, Lanes u, Lanes v)
    {
        PinholeCamera c = view.Camera;
        Affine w = view.WorldFromCamera;
        Lanes x = (u - All((float)c.Cx)) * (float)(1 / c.Fx), y = (v - All((float)c.Cy)) * (float)(1 / c.Fy);
        var packet = new RayPacket
        {
            Ox = All(w.Origin.X),
            Oy = All(w.Origin.Y),
            Oz = All(w.Origin.Z),
            Dx = MulAdd(All(w.X.X), x, MulAdd(All(w.Y.X), y, All(w.Z.X))),
            Dy = MulAdd(All(w.X.Y), x, MulAdd(All(w.Y.Y), y, All(w.Z.Y))),
            Dz = MulAdd(All(w.X.Z), x, MulAdd(All(w.Y.Z), y, All(w.Z.Z))),
            T = All(float.PositiveInfinity),
        };
        packet.Prepare();
        return packet;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Lanes lanes, Span<float> plane, int at, int stride)
    {
        ref float start = ref MemoryMarshal.GetReference(plane);
        lanes.GetLower().GetLower().StoreUnsafe(ref start, (nuint)at);
        lanes.GetLower().GetUpper().StoreUnsafe(ref start, (nuint)(at + stride));
        lanes.GetUpper().GetLower().StoreUnsafe(ref start, (nuint)(at + 2 * stride));
        lanes.GetUpper().GetUpper().StoreUnsafe(ref start, (nuint)(at + 3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SmoothEdges(FrameView view, SurfaceShader shader, FrameBuffers buffers)
    {
        int width = buffers.Width, height = buffers.Height, stride = buffers.Stride;
        int[] surface = buffers.Surface;
        Span<int> batch = stackalloc int[4];
        int count = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = y * stride + x, own = surface[at];
                bool edge = (x > 0 && surface[at - 1] != own) || (x + 1 < width && surface[at + 1] != own)
                    || (y > 0 && surface[at - stride] != own) || (y + 1 < height && surface[at + stride] != own);
                if (!edge)
                    continue;
                batch[count++] = at;
                if (count == 4)
                {
                    Refine(view, shader, buffers, batch, 4);
                    count = 0;
                }
            }
        }
        if (count > 0)
            Refine(view, shader, buffers, batch, count);
    }

    /// <summary>Replaces the light of up to four pixels by the mean of four rays each.</summary>
    private static void Refine(FrameView view, SurfaceShader shader, FrameBuffers buffers, Span<int> pixels, int count)
    {
        Span<float> u = stackalloc float[16], v = stackalloc float[16];
        for (int i = 0; i < 4; i++)
        {
            int at = pixels[Math.Min(i, count - 1)];
            (gridX + Vector128.Create((float)(at % buffers.Stride))).CopyTo(u[(4 * i)..]);
            (gridY + Vector128.Create((float)(at / buffers.Stride))).CopyTo(v[(4 * i)..]);
        }
        RayPacket packet = Rays(view, Vector512.Create<float>(u), Vector512.Create<float>(v));
        shader.Shade(ref packet, false, out Shaded seen);
        for (int i = 0; i < count; i++)
        {
            buffers.Red[pixels[i]] = Mean(seen.Red, i);
            buffers.Green[pixels[i]] = Mean(seen.Green, i);
            buffers.Blue[pixels[i]] = Mean(seen.Blue, i);
        }
    }

    private static float Mean(Lanes lanes, int pixel)
    {
        Vector256<float> half = pixel < 2 ? lanes.GetLower() : lanes.GetUpper();
        return Vector128.Sum((pixel & 1) == 0 ? half.GetLower() : half.GetUpper()) * 0.25f;
    }
}
