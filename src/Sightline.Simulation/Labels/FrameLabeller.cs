using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sightline.Datasets.Coco;
using Sightline.Simulation.Casting;
using Sightline.Simulation.Rendering;
using Sightline.Simulation.Worlds;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Labels;

/// <summary>Reads labels off the rays through the pixels' middles: nothing is estimated, and blur and noise don't touch them.</summary>
internal static class FrameLabeller
{
    /// <summary>Labels a frame.</summary>
    /// <param name="view">The frame.</param>
    /// <param name="buffers">The frame as rendered.</param>
    /// <param name="leastPixels">Objects with fewer visible pixels are left out.</param>
    /// <returns>The objects in the order of their track ids.</returns>
    public static List<ObjectLabel> Label(FrameView view, FrameBuffers buffers, int leastPixels)
    {
        IReadOnlyList<WorldObject> objects = view.Yard.Objects;
        Span<Extent> extents = new Extent[objects.Count + 1];
        extents.Fill(new Extent { Left = int.MaxValue, Top = int.MaxValue, Right = -1, Bottom = -1 });
        for (int y = 0; y < buffers.Height; y++)
        {
            ReadOnlySpan<int> row = buffers.Object.AsSpan(y * buffers.Stride, buffers.Width);
            for (int x = 0; x < row.Length; x++)
            {
                if (row[x] > 0)
                    extents[row[x]].Add(x, y);
            }
        }
        var labels = new List<ObjectLabel>();
        foreach (WorldObject o in objects)
        {
            if (extents[o.Id].Count >= Math.Max(1, leastPixels))
                labels.Add(Label(view, buffers, o, extents[o.Id]));
        }
        return labels;
    }

    private struct Extent
    {
        public int Left, Top, Right, Bottom, Count;

        public void Add(int x, int y)
        {
            (Left, Right) = (Math.Min(Left, x), Math.Max(Right, x));
            (Top, Bottom) = (Math.Min(Top, y), Math.Max(Bottom, y));
            Count++;
        }
    }

    private static ObjectLabel Label(FrameView view, FrameBuffers buffers, WorldObject o, Extent e)
    {
        PinholeCamera camera = view.Camera;
        AmodalBox box = AmodalBox.Empty;
        int first = o.First + (o.Moves ? view.Scene.FirstMoving : 0);
        for (int i = 0; i < o.Count; i++)
            box.Add(view.Scene.Primitive(first + i), view.CameraFromWorld);
        (double left, double top, double right, double bottom) = box.Edges(camera);
        // A pixel belongs to the visible box as a whole, even if the object begins inside it.
        (left, right) = (Math.Min(left, e.Left), Math.Max(right, e.Right + 1));
        (top, bottom) = (Math.Min(top, e.Top), Math.Max(bottom, e.Bottom + 1));
        // An object beside the camera has no bounds in the image: what is further out than the image is large isn't told.
        (left, right) = (Math.Max(left, -camera.Width), Math.Min(right, 2 * camera.Width));
        (top, bottom) = (Math.Max(top, -camera.Height), Math.Min(bottom, 2 * camera.Height));
        double inside = Math.Max(0, Math.Min(right, camera.Width) - Math.Max(left, 0)) * Math.Max(0, Math.Min(bottom, camera.Height) - Math.Max(top, 0));
        double truncation = Math.Clamp(1 - inside / ((right - left) * (bottom - top)), 0, 1);
        int hidden = Hidden(view, buffers, o.Id, first, o.Count, left, top, right, bottom);
        return new(
            o.Id, o.Class, e.Left, e.Top, e.Right - e.Left + 1, e.Bottom - e.Top + 1, Mask(buffers, o.Id, e), e.Count,
            [left, top, right - left, bottom - top], hidden / (double)(hidden + e.Count), truncation);
    }

    private static RleMask Mask(FrameBuffers buffers, int id, Extent e)
    {
        var counts = new List<int>();
        int run = 0;
        bool inside = false;
        Append(false, e.Left * buffers.Height);
        for (int x = e.Left; x <= e.Right; x++)
        {
            Append(false, e.Top);
            for (int y = e.Top; y <= e.Bottom; y++)
                Append(buffers.Object[y * buffers.Stride + x] == id, 1);
            Append(false, buffers.Height - 1 - e.Bottom);
        }
        Append(false, (buffers.Width - 1 - e.Right) * buffers.Height);
        counts.Add(run);
        return new RleMask(buffers.Height, buffers.Width, counts);

        void Append(bool own, int length)
        {
            if (length > 0 && own != inside)
            {
                counts.Add(run);
                (run, inside) = (0, own);
            }
            run += length;
        }
    }

    /// <summary>Casts rays at the object alone, wherever something else is seen within its box, and counts those that would meet it.</summary>
    private static int Hidden(FrameView view, FrameBuffers buffers, int id, int first, int count, double left, double top, double right, double bottom)
    {
        int x0 = Math.Clamp((int)Math.Floor(left), 0, buffers.Width), x1 = Math.Clamp((int)Math.Ceiling(right), 0, buffers.Width);
        int y0 = Math.Clamp((int)Math.Floor(top), 0, buffers.Height), y1 = Math.Clamp((int)Math.Ceiling(bottom), 0, buffers.Height);
        Span<float> u = stackalloc float[16], v = stackalloc float[16];
        int waiting = 0, hidden = 0;
        // Pixels are gathered in blocks of 4×4, so that sixteen that travel together are neighbours.
        for (int by = y0 & ~3; by < y1; by += 4)
        {
            for (int bx = x0 & ~3; bx < x1; bx += 4)
            {
                for (int y = Math.Max(by, y0); y < Math.Min(by + 4, y1); y++)
                {
                    for (int x = Math.Max(bx, x0); x < Math.Min(bx + 4, x1); x++)
                    {
                        if (buffers.Object[y * buffers.Stride + x] == id)
                            continue;
                        (u[waiting], v[waiting]) = (x + 0.5f, y + 0.5f);
                        if (++waiting == 16)
                        {
                            hidden += Meet(view, u, v, 16, first, count);
                            waiting = 0;
                        }
                    }
                }
            }
        }
        return waiting > 0 ? hidden + Meet(view, u, v, waiting, first, count) : hidden;
    }

    private static int Meet(FrameView view, Span<float> u, Span<float> v, int used, int first, int count)
    {
        RayPacket packet = FrameRenderer.Rays(view, Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(u)), Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(v)));
        uint wanted = used == 16 ? 0xffffu : (1u << used) - 1, met = 0;
        for (int i = 0; i < count && met != wanted; i++)
        {
            Lanes t = PrimitiveIntersection.Distance(view.Scene.Packed(first + i), packet);
            met |= (uint)Vector512.ExtractMostSignificantBits(Vector512.LessThan(t, All(float.PositiveInfinity))) & wanted;
        }
        return System.Numerics.BitOperations.PopCount(met);
    }
}
