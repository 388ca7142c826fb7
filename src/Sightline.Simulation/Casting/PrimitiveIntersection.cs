using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Casting;

/// <summary>
/// Meets sixteen rays with one form. The rays are taken into the form's own coordinates; directions are not rescaled there, so a
/// distance along the ray means the same on both sides.
/// </summary>
internal static class PrimitiveIntersection
{
    /// <summary>Distances at which the lanes' rays first meet the form (when they start inside: leave it); infinite where they do not.</summary>
    /// <param name="f">The form.</param>
    /// <param name="p">The rays.</param>
    /// <returns>Positive distances, or infinity.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Distance(in PackedPrimitive f, in RayPacket p)
    {
        Lanes xx = All(f.Xx), xy = All(f.Xy), xz = All(f.Xz);
        Lanes yx = All(f.Yx), yy = All(f.Yy), yz = All(f.Yz);
        Lanes zx = All(f.Zx), zy = All(f.Zy), zz = All(f.Zz);
        Lanes dx = Dot(p.Dx, p.Dy, p.Dz, xx, xy, xz);
        Lanes dy = Dot(p.Dx, p.Dy, p.Dz, yx, yy, yz);
        Lanes dz = Dot(p.Dx, p.Dy, p.Dz, zx, zy, zz);
        Lanes ox = Dot(p.Ox, p.Oy, p.Oz, xx, xy, xz) + All(f.Xo);
        Lanes oy = Dot(p.Ox, p.Oy, p.Oz, yx, yy, yz) + All(f.Yo);
        Lanes oz = Dot(p.Ox, p.Oy, p.Oz, zx, zy, zz) + All(f.Zo);
        return f.Kind switch
        {
            PrimitiveKind.Box => Box(ox, oy, oz, dx, dy, dz),
            PrimitiveKind.Ellipsoid => Ball(ox, oy, oz, dx, dy, dz),
            PrimitiveKind.Frustum => Frustum(ox, oy, oz, dx, dy, dz, f.A),
            PrimitiveKind.TaperedBox => TaperedBox(ox, oy, oz, dx, dy, dz, f.A, f.B, f.C),
            _ => Triangle(ox, oy, oz, dx, dy, dz),
        };
    }

    private static Lanes Infinity => All(float.PositiveInfinity);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Box(Lanes ox, Lanes oy, Lanes oz, Lanes dx, Lanes dy, Lanes dz)
    {
        Lanes ix = Lanes.One / NotZero(dx), iy = Lanes.One / NotZero(dy), iz = Lanes.One / NotZero(dz);
        // The middle of the slab is left at −o/d, half its width is |1/d|.
        Lanes mx = -ox * ix, my = -oy * iy, mz = -oz * iz;
        Lanes hx = Vector512.Abs(ix), hy = Vector512.Abs(iy), hz = Vector512.Abs(iz);
        Lanes near = Max(mx - hx, Max(my - hy, mz - hz));
        Lanes far = Min(mx + hx, Min(my + hy, mz + hz));
        return Interval(near, far);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Ball(Lanes ox, Lanes oy, Lanes oz, Lanes dx, Lanes dy, Lanes dz)
    {
        // From the point of the ray nearest to the centre, since b² − ac from afar loses all its digits (Haines et al. 2019).
        Lanes inverse = Lanes.One / Dot(dx, dy, dz, dx, dy, dz);
        Lanes middle = -Dot(ox, oy, oz, dx, dy, dz) * inverse;
        Lanes x = MulAdd(middle, dx, ox), y = MulAdd(middle, dy, oy), z = MulAdd(middle, dz, oz);
        Lanes room = Lanes.One - Dot(x, y, z, x, y, z);
        Lanes half = Vector512.Sqrt(room * inverse);
        Lanes t = Interval(middle - half, middle + half);
        return Pick(Vector512.GreaterThanOrEqual(room, Lanes.Zero), t, Infinity);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Frustum(Lanes ox, Lanes oy, Lanes oz, Lanes dx, Lanes dy, Lanes dz, float top)
    {
        Lanes one = Lanes.One, zero = Lanes.Zero, infinity = Infinity;
        Lanes shift = -Dot(ox, oy, oz, dx, dy, dz) / Dot(dx, dy, dz, dx, dy, dz);
        Lanes x = MulAdd(shift, dx, ox), y = MulAdd(shift, dy, oy), z = MulAdd(shift, dz, oz);
        // x² + y² = (middle + slope · z)² along the ray.
        Lanes slope = All((top - 1) / 2), middle = All((top + 1) / 2);
        Lanes r = MulAdd(slope, z, middle), s = slope * dz;
        Lanes a = MulAdd(dx, dx, MulAdd(dy, dy, -s * s));
        Lanes b = MulAdd(x, dx, MulAdd(y, dy, -r * s));
        Lanes c = MulAdd(x, x, MulAdd(y, y, -r * r));
        Lanes root = Vector512.Sqrt(MulAdd(b, b, -a * c));
        Lanes q = -(b + Vector512.CopySign(root, b));
        Lanes best = infinity;
        best = Candidate(best, q / a, shift, z, dz);
        best = Candidate(best, c / q, shift, z, dz);

        Lanes iz = one / dz;
        Lanes low = (-one - z) * iz, high = (one - z) * iz;
        Lanes lx = MulAdd(low, dx, x), ly = MulAdd(low, dy, y), hx = MulAdd(high, dx, x), hy = MulAdd(high, dy, y);
        Lanes lowHit = Vector512.LessThanOrEqual(MulAdd(lx, lx, ly * ly), one) & Vector512.GreaterThan(low + shift, zero);
        Lanes highHit = Vector512.LessThanOrEqual(MulAdd(hx, hx, hy * hy), All(top * top)) & Vector512.GreaterThan(high + shift, zero);
        best = Min(best, Pick(lowHit, low + shift, infinity));
        return Min(best, Pick(highHit, high + shift, infinity));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Candidate(Lanes best, Lanes t, Lanes shift, Lanes z, Lanes dz)
    {
        Lanes inside = Vector512.LessThanOrEqual(Vector512.Abs(MulAdd(t, dz, z)), Lanes.One);
        Lanes distance = t + shift;
        return Min(best, Pick(inside & Vector512.GreaterThan(distance, Lanes.Zero), distance, Infinity));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes TaperedBox(Lanes ox, Lanes oy, Lanes oz, Lanes dx, Lanes dy, Lanes dz, float back, float front, float side)
    {
        Lanes near = All(float.NegativeInfinity), far = Infinity;
        Lanes frontSlope = All((front - 1) / 2), frontMiddle = All((front + 1) / 2);
        Lanes backSlope = All((back + 1) / 2), backMiddle = All((back - 1) / 2);
        Lanes sideSlope = All((side - 1) / 2), sideMiddle = All((side + 1) / 2);
        // Each face is value + rate · t ≤ 0.
        Clip(ox - MulAdd(frontSlope, oz, frontMiddle), dx - frontSlope * dz, ref near, ref far);
        Clip(MulAdd(backSlope, oz, backMiddle) - ox, backSlope * dz - dx, ref near, ref far);
        Lanes sideReach = MulAdd(sideSlope, oz, sideMiddle), sideRate = sideSlope * dz;
        Clip(oy - sideReach, dy - sideRate, ref near, ref far);
        Clip(-oy - sideReach, -dy - sideRate, ref near, ref far);
        Clip(oz - Lanes.One, dz, ref near, ref far);
        Clip(-oz - Lanes.One, -dz, ref near, ref far);
        return Interval(near, far);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clip(Lanes value, Lanes rate, ref Lanes near, ref Lanes far)
    {
        Lanes t = -value / NotZero(rate);
        Lanes leaving = Vector512.GreaterThanOrEqual(rate, Lanes.Zero);
        far = Min(Pick(leaving, t, far), far);
        near = Max(Pick(leaving, near, t), near);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Triangle(Lanes ox, Lanes oy, Lanes oz, Lanes dx, Lanes dy, Lanes dz)
    {
        Lanes t = -oz / dz;
        Lanes u = MulAdd(t, dx, ox), v = MulAdd(t, dy, oy);
        Lanes inside = Vector512.GreaterThanOrEqual(u, Lanes.Zero) & Vector512.GreaterThanOrEqual(v, Lanes.Zero)
            & Vector512.LessThanOrEqual(u + v, Lanes.One) & Vector512.GreaterThan(t, Lanes.Zero);
        return Pick(inside, t, Infinity);
    }

    /// <summary>A ray along a face must neither divide by zero nor forget on which side of the face it runs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes NotZero(Lanes d) => Pick(Vector512.LessThan(Vector512.Abs(d), All(1e-12f)), All(1e-12f), d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Interval(Lanes near, Lanes far)
    {
        Lanes t = Pick(Vector512.GreaterThan(near, Lanes.Zero), near, far);
        return Pick(Vector512.LessThanOrEqual(near, far) & Vector512.GreaterThan(t, Lanes.Zero), t, Infinity);
    }
}
