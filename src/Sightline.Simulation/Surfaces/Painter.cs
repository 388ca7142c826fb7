using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Surfaces;

/// <summary>Evaluates procedural textures for sixteen points. Detail below a pixel's footprint fades to its mean, so nothing flickers.</summary>
internal static class Painter
{
    /// <summary>The reflectance of the points.</summary>
    /// <param name="m">Their material.</param>
    /// <param name="p">The points.</param>
    /// <param name="r">Red, linear.</param>
    /// <param name="g">Green, linear.</param>
    /// <param name="b">Blue, linear.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Paint(Material m, in SurfacePoint p, out Lanes r, out Lanes g, out Lanes b)
    {
        Lanes second, shade = Lanes.One;
        switch (m.Pattern)
        {
            case Pattern.Bands:
                second = Lanes.One - (Lanes.One - Band(p.Z, m.Low, m.High, p.Footprint)) * (Lanes.One - Band(p.Z, m.Low2, m.High2, p.Footprint));
                break;
            case Pattern.Planks:
                Planks(m, p, out second, out shade);
                break;
            case Pattern.Bricks:
                Bricks(m, p, out second, out shade);
                break;
            case Pattern.Corrugated:
                second = Lanes.Zero;
                shade = Corrugated(m, p);
                break;
            case Pattern.Ground:
                GroundPattern.Evaluate(m, p, out second, out shade);
                break;
            case Pattern.Hazard:
                second = Stripes((p.U + p.V) * (0.7071f / m.Scale), p.Footprint * (1 / m.Scale));
                break;
            case Pattern.Plate:
                second = PlatePattern.Evaluate(m, p);
                break;
            case Pattern.Windows:
                second = Panes(m, p);
                break;
            default:
                second = Lanes.Zero;
                break;
        }
        shade *= Uneven(m, p);
        r = Mix(All(m.First.X), All(m.Second.X), second) * shade;
        g = Mix(All(m.First.Y), All(m.Second.Y), second) * shade;
        b = Mix(All(m.First.Z), All(m.Second.Z), second) * shade;
        if (m.Dirt > 0)
            Soil(m, p, ref r, ref g, ref b);
    }

    /// <summary>How much of detail of <paramref name="size"/> metres is left at this footprint: 1 near, 0 far.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Detail(Lanes footprint, float size) => Saturate(All(1.4f) - footprint * (1.2f / size));

    /// <summary>1 between <paramref name="low"/> and <paramref name="high"/>, with edges as wide as a pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Band(Lanes x, float low, float high, Lanes footprint)
    {
        Lanes sharp = Lanes.One / Max(footprint, All(1e-4f));
        return Saturate(MulAdd(x - All(low), sharp, All(0.5f))) * Saturate(MulAdd(All(high) - x, sharp, All(0.5f)));
    }

    /// <summary>Stripes of equal width, one period per unit of <paramref name="x"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Stripes(Lanes x, Lanes footprint)
    {
        // A triangle wave, cut at the middle: its slope is 4 per unit.
        Lanes wave = Vector512.Abs(MulAdd(Fraction(x), All(2), All(-1)));
        Lanes sharp = Lanes.One / Max(footprint * All(2), All(0.02f));
        return Saturate(MulAdd(wave - All(0.5f), sharp, All(0.5f)));
    }

    /// <summary>A dark line of half-width <paramref name="half"/> at each whole number of <paramref name="x"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Joint(Lanes x, float half, Lanes footprint)
    {
        Lanes distance = All(0.5f) - Vector512.Abs(Fraction(x) - All(0.5f));
        Lanes soft = Max(footprint, All(half * 0.3f));
        return Saturate((All(half) - distance) / soft + All(0.5f)) * Saturate(All(2 * half) / (soft + All(half)));
    }

    private static Lanes Uneven(Material m, in SurfacePoint p)
    {
        Lanes coarse = Noise.Value(p.U * 2.3f, p.V * 2.3f, m.Seed) - All(0.5f);
        Lanes fine = (Noise.Value(p.U * 19f, p.V * 19f, m.Seed + 1) - All(0.5f)) * Detail(p.Footprint, 0.05f);
        return MulAdd(coarse, All(0.22f), MulAdd(fine, All(0.18f), Lanes.One));
    }

    private static void Planks(Material m, in SurfacePoint p, out Lanes gap, out Lanes shade)
    {
        bool upright = m.Symbol == 1;
        Lanes across = (upright ? p.U : p.V) * (1 / m.Scale) + All(m.Low), along = upright ? p.V : p.U;
        Lanes foot = p.Footprint * (1 / m.Scale);
        IntLanes board = Vector512.ConvertToInt32Native(Vector512.Floor(across));
        Lanes tint = Noise.Cell(board, board, m.Seed + 5);
        Lanes grain = (Noise.Value(along * 2.5f + tint * 40f, across * (m.Scale * 70f), m.Seed + 2) - All(0.5f)) * Detail(p.Footprint, 0.014f);
        gap = Joint(across, 0.05f, foot);
        shade = MulAdd(tint - All(0.5f), All(0.4f), MulAdd(grain, All(0.5f), Lanes.One));
    }

    private static void Bricks(Material m, in SurfacePoint p, out Lanes mortar, out Lanes shade)
    {
        Lanes row = p.V * (1 / m.Scale), rowIndex = Vector512.Floor(row);
        Lanes column = MulAdd(p.U, All(1 / (3 * m.Scale)), rowIndex * 0.5f);
        Lanes foot = p.Footprint * (1 / m.Scale);
        Lanes tint = Noise.Cell(Vector512.ConvertToInt32Native(Vector512.Floor(column)), Vector512.ConvertToInt32Native(rowIndex), m.Seed + 3);
        Lanes near = Detail(foot, 0.7f);
        mortar = Max(Joint(row, 0.07f, foot), Joint(column, 0.025f, foot * 0.33f));
        shade = MulAdd((tint - All(0.5f)) * near, All(0.55f), Lanes.One);
    }

    private static Lanes Corrugated(Material m, in SurfacePoint p)
    {
        Lanes phase = Fraction(p.U * (1 / m.Scale));
        // A smooth wave from a parabola: 4x(1 − x).
        Lanes wave = All(4) * phase * (Lanes.One - phase) - All(0.667f);
        return MulAdd(wave * Detail(p.Footprint, m.Scale), All(0.5f), All(0.9f));
    }

    private static Lanes Panes(Material m, in SurfacePoint p)
    {
        Lanes x = Fraction(p.U * (1 / m.Scale)), y = Fraction(p.V * (1 / m.High));
        return Band(x, 0.2f, 0.8f, p.Footprint * (1 / m.Scale)) * Band(y, 0.3f, 0.8f, p.Footprint * (1 / m.High));
    }

    private static void Soil(Material m, in SurfacePoint p, ref Lanes r, ref Lanes g, ref Lanes b)
    {
        Lanes spots = Noise.Value(p.U * 5.1f + All(31), p.V * 5.1f, m.Seed + 7);
        Lanes low = Saturate(All(0.9f) - p.Height * 1.6f);
        Lanes dirt = Saturate((spots - All(0.62f) + low * 0.45f) * 1.7f) * m.Dirt;
        r = Mix(r, All(0.13f), dirt);
        g = Mix(g, All(0.11f), dirt);
        b = Mix(b, All(0.085f), dirt);
    }
}
