using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Sightline.Simulation.Casting;
using static Sightline.Simulation.Numerics.Simd;

namespace Sightline.Simulation.Rendering;

/// <summary>Normal and texture coordinates of sixteen points on one form, in the form's own coordinates.</summary>
internal static class LocalSurface
{
    /// <summary>Finds the outward normal (of any length) and the place on the face.</summary>
    /// <param name="f">The form.</param>
    /// <param name="sx">The form's size along its own x axis, in metres; likewise y and z.</param>
    /// <param name="sy">See <paramref name="sx"/>.</param>
    /// <param name="sz">See <paramref name="sx"/>.</param>
    /// <param name="x">The points; likewise y and z.</param>
    /// <param name="y">See <paramref name="x"/>.</param>
    /// <param name="z">See <paramref name="x"/>.</param>
    /// <param name="nx">Receives the normals; likewise y and z.</param>
    /// <param name="ny">See <paramref name="nx"/>.</param>
    /// <param name="nz">See <paramref name="nx"/>.</param>
    /// <param name="u">Receives the place across the face in metres.</param>
    /// <param name="v">Receives the place up the face in metres.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Find(
        in PackedPrimitive f, float sx, float sy, float sz, Lanes x, Lanes y, Lanes z,
        out Lanes nx, out Lanes ny, out Lanes nz, out Lanes u, out Lanes v)
    {
        Lanes zero = Lanes.Zero, one = Lanes.One;
        switch (f.Kind)
        {
            case PrimitiveKind.Box:
                Lanes ax = Vector512.Abs(x), ay = Vector512.Abs(y), az = Vector512.Abs(z);
                Lanes isX = Vector512.GreaterThanOrEqual(ax, Max(ay, az)), isY = Vector512.AndNot(Vector512.GreaterThanOrEqual(ay, az), isX);
                Lanes isZ = Vector512.AndNot(Vector512.AndNot(Vector512.Equals(zero, zero), isX), isY);
                nx = Vector512.CopySign(one, x) & isX;
                ny = Vector512.CopySign(one, y) & isY;
                nz = Vector512.CopySign(one, z) & isZ;
                Place(isX, isZ, sx, sy, sz, x, y, z, out u, out v);
                return;
            case PrimitiveKind.TaperedBox:
                float frontRise = (1 - f.B) / 2, backRise = (f.A + 1) / 2, sideRise = (1 - f.C) / 2;
                Lanes front = MulAdd(z, All(frontRise), x) - All((f.B + 1) / 2);
                Lanes back = MulAdd(z, All(backRise), -x) - All((1 - f.A) / 2);
                Lanes side = MulAdd(z, All(sideRise), Vector512.Abs(y)) - All((f.C + 1) / 2);
                Lanes lid = Vector512.Abs(z) - one;
                Lanes best = Max(Max(front, back), Max(side, lid));
                Lanes isFront = Vector512.Equals(front, best), isBack = Vector512.AndNot(Vector512.Equals(back, best), isFront);
                Lanes isEnd = isFront | isBack;
                Lanes isSide = Vector512.AndNot(Vector512.Equals(side, best), isEnd);
                Lanes isLid = Vector512.AndNot(Vector512.AndNot(Vector512.Equals(zero, zero), isEnd), isSide);
                nx = Pick(isFront, one, Pick(isBack, -one, zero));
                ny = Vector512.CopySign(one, y) & isSide;
                nz = Pick(isFront, All(frontRise), Pick(isBack, All(backRise), Pick(isSide, All(sideRise), Vector512.CopySign(one, z))));
                Place(isEnd, isLid, sx, sy, sz, x, y, z, out u, out v);
                return;
            case PrimitiveKind.Frustum:
                float slope = (f.A - 1) / 2;
                Lanes cap = Vector512.GreaterThanOrEqual(Vector512.Abs(z), All(1 - 1e-4f));
                nx = Pick(cap, zero, x);
                ny = Pick(cap, zero, y);
                nz = Pick(cap, z, MulAdd(z, All(-slope * slope), All(-slope * (f.A + 1) / 2)));
                u = Pick(cap, x * sx, Around(x, y) * (sx * 1.5708f));
                v = Pick(cap, y * sy, z * sz);
                return;
            case PrimitiveKind.Ellipsoid:
                (nx, ny, nz) = (x, y, z);
                u = Around(x, y) * (sx * 1.5708f);
                v = z * sz;
                return;
            default:
                (nx, ny, nz) = (zero, zero, one);
                u = x * sx;
                v = y * sy;
                return;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Place(Lanes isX, Lanes isZ, float sx, float sy, float sz, Lanes x, Lanes y, Lanes z, out Lanes u, out Lanes v)
    {
        u = Pick(isX, y * sy, x * sx);
        v = Pick(isZ, y * sy, z * sz);
    }

    /// <summary>Grows from −1 to 3 once around the z axis, like the angle in quarter turns but cheaper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Around(Lanes x, Lanes y)
    {
        Lanes p = y / Max(Vector512.Abs(x) + Vector512.Abs(y), All(1e-6f));
        return Pick(Vector512.GreaterThanOrEqual(x, Lanes.Zero), p, All(2) - p);
    }
}
