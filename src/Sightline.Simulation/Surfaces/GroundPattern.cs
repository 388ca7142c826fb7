using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Surfaces;

/// <summary>The yard's floor: slabs with joints, stains, grit, cracks and painted lanes.</summary>
internal static class GroundPattern
{
    /// <summary>Where paint lies, and how light the floor is.</summary>
    /// <param name="m">The floor's material: slabs of Scale metres, a lane of half-width Low every High metres along x.</param>
    /// <param name="p">The points.</param>
    /// <param name="paint">Receives the share of paint, 0–1.</param>
    /// <param name="shade">Receives the factor on the colour.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Evaluate(Material m, in SurfacePoint p, out Lanes paint, out Lanes shade)
    {
        Lanes su = p.U * (1 / m.Scale), sv = p.V * (1 / m.Scale), foot = p.Footprint * (1 / m.Scale);
        Lanes slab = Noise.Cell(Vector512.ConvertToInt32Native(Vector512.Floor(su)), Vector512.ConvertToInt32Native(Vector512.Floor(sv)), m.Seed + 11);
        Lanes joint = Max(Joint(su, foot), Joint(sv, foot));
        Lanes stain = Noise.Value(p.U * 0.43f, p.V * 0.43f, m.Seed + 12);
        Lanes patch = Noise.Value(p.U * 1.7f, p.V * 1.7f, m.Seed + 13);
        Lanes grit = (Noise.Value(p.U * 47f, p.V * 47f, m.Seed + 14) - All(0.5f)) * Painter.Detail(p.Footprint, 0.02f);
        Lanes oil = Saturate((patch * stain - All(0.42f)) * 5f);
        Lanes crackLine = Vector512.Abs(Noise.Value(p.U * 0.9f + patch, p.V * 0.9f, m.Seed + 15) - All(0.5f));
        Lanes crack = Saturate(Lanes.One - crackLine * 60f) * Painter.Detail(p.Footprint, 0.03f);
        shade = MulAdd(slab - All(0.5f), All(0.16f), MulAdd(stain - All(0.5f), All(0.5f), MulAdd(patch - All(0.5f), All(0.25f), Lanes.One)));
        shade = MulAdd(grit, All(0.45f), shade) * (Lanes.One - joint * 0.45f) * (Lanes.One - oil * 0.55f) * (Lanes.One - crack * 0.3f);

        Lanes lane = p.V * (1 / m.High);
        Lanes line = Painter.Band(Vector512.Abs(Fraction(lane) - All(0.5f)) * m.High, -1, m.Low, p.Footprint);
        Lanes worn = Saturate((Noise.Value(p.U * 6f, p.V * 6f, m.Seed + 16) + patch - All(0.55f)) * 2.5f);
        paint = line * worn * Painter.Band(Vector512.Abs(p.U), -1, m.Low2, p.Footprint);
    }

    private static Lanes Joint(Lanes x, Lanes foot) => Painter.Joint(x, 0.006f, foot);
}
