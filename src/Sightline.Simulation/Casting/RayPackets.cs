using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Simulation.Casting;

/// <summary>Loads single rays into packets.</summary>
internal static class RayPackets
{
    /// <summary>Puts up to sixteen rays side by side.</summary>
    /// <param name="rays">1–16 rays.</param>
    /// <returns>A prepared packet; lanes without a ray are switched off.</returns>
    public static RayPacket Load(ReadOnlySpan<Ray> rays)
    {
        Span<float> buffer = stackalloc float[7 * RayPacket.Size];
        for (int lane = 0; lane < RayPacket.Size; lane++)
        {
            // Unused lanes repeat the first ray, and end before they start.
            Ray ray = rays[lane < rays.Length ? lane : 0];
            Span<float> column = buffer[lane..];
            column[0] = ray.Origin.X;
            column[16] = ray.Origin.Y;
            column[32] = ray.Origin.Z;
            column[48] = ray.Direction.X;
            column[64] = ray.Direction.Y;
            column[80] = ray.Direction.Z;
            column[96] = lane < rays.Length ? ray.MaxDistance : -1;
        }
        ref float start = ref MemoryMarshal.GetReference(buffer);
        var packet = new RayPacket
        {
            Ox = Vector512.LoadUnsafe(ref start, 0),
            Oy = Vector512.LoadUnsafe(ref start, 16),
            Oz = Vector512.LoadUnsafe(ref start, 32),
            Dx = Vector512.LoadUnsafe(ref start, 48),
            Dy = Vector512.LoadUnsafe(ref start, 64),
            Dz = Vector512.LoadUnsafe(ref start, 80),
            T = Vector512.LoadUnsafe(ref start, 96),
        };
        packet.Prepare();
        return packet;
    }
}
