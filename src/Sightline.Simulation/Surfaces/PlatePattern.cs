using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Surfaces;

/// <summary>The faces of signs: a rim and a symbol, drawn by distances in a plate of half-size 1.</summary>
internal static class PlatePattern
{
    /// <summary>How many symbols there are.</summary>
    public const int Symbols = 6;

    /// <summary>The share of the second colour.</summary>
    /// <param name="m">The plate's material; High is the rim's width as a share of the half-size.</param>
    /// <param name="p">The points.</param>
    /// <returns>0–1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Evaluate(Material m, in SurfacePoint p)
    {
        float size = MathF.Min(p.HalfWidth, p.HalfHeight);
        Lanes x = p.U * (1 / size), y = p.V * (1 / size), soft = Max(p.Footprint * (1 / size), All(0.02f));
        Lanes ax = Vector512.Abs(x), radius = Vector512.Sqrt(MulAdd(x, x, y * y));
        // Distances are negative inside the ink.
        Lanes symbol = m.Symbol switch
        {
            // A bar across, as on "no entry".
            0 => Max(ax - All(0.62f), Vector512.Abs(y) - All(0.17f)),
            // An exclamation mark.
            1 => Min(Max(ax - All(0.12f), Vector512.Abs(y - All(0.2f)) - All(0.36f)), Vector512.Sqrt(MulAdd(x, x, (y + All(0.42f)) * (y + All(0.42f)))) - All(0.13f)),
            // An arrow that points up.
            2 => Min(Max(ax - All(0.12f), Vector512.Abs(y + All(0.15f)) - All(0.4f)), Max(MulAdd(ax, All(0.8f), y) - All(0.6f), All(0.05f) - y)),
            // A ring.
            3 => Vector512.Abs(radius - All(0.4f)) - All(0.11f),
            // Three lines of lettering.
            4 => Max(ax - All(0.66f), Vector512.Abs(Fraction(MulAdd(y, All(1.6f), All(0.5f))) - All(0.5f)) - All(0.2f)),
            // A filled disc.
            _ => radius - All(0.42f),
        };
        Lanes ink = Saturate(All(0.5f) - symbol / soft);
        if (m.High <= 0)
            return ink;
        Lanes border = m.Low > 0
            ? radius - All(1 - m.High)
            : Max(ax - All(p.HalfWidth / size - m.High), Vector512.Abs(y) - All(p.HalfHeight / size - m.High));
        return Max(ink, Saturate(border / soft + All(0.5f)));
    }
}
