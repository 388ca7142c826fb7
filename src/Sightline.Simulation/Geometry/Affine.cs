using System.Numerics;

namespace Sightline.Simulation;

/// <summary>An affine map of space: p ↦ x·<see cref="X"/> + y·<see cref="Y"/> + z·<see cref="Z"/> + <see cref="Origin"/>.</summary>
/// <param name="X">The image of the x axis.</param>
/// <param name="Y">The image of the y axis.</param>
/// <param name="Z">The image of the z axis.</param>
/// <param name="Origin">The image of the origin, in metres.</param>
public readonly record struct Affine(Vector3 X, Vector3 Y, Vector3 Z, Vector3 Origin)
{
    /// <summary>The map that changes nothing.</summary>
    public static Affine Identity => new(Vector3.UnitX, Vector3.UnitY, Vector3.UnitZ, Vector3.Zero);

    /// <summary>A shift.</summary>
    /// <param name="offset">By how much, in metres.</param>
    /// <returns>The map.</returns>
    public static Affine Shift(Vector3 offset) => Identity with { Origin = offset };

    /// <summary>A stretch along the axes about the origin.</summary>
    /// <param name="factors">By how much along each axis.</param>
    /// <returns>The map.</returns>
    public static Affine Scale(Vector3 factors) =>
        new(new(factors.X, 0, 0), new(0, factors.Y, 0), new(0, 0, factors.Z), Vector3.Zero);

    /// <summary>A turn about z, counter-clockwise seen from above, then a shift.</summary>
    /// <param name="yaw">The angle in radians.</param>
    /// <param name="origin">The shift in metres.</param>
    /// <returns>The map.</returns>
    public static Affine Turn(float yaw, Vector3 origin = default)
    {
        (float s, float c) = MathF.SinCos(yaw);
        return new(new(c, s, 0), new(-s, c, 0), Vector3.UnitZ, origin);
    }

    /// <summary>A rotation, then a shift.</summary>
    /// <param name="rotation">A unit quaternion.</param>
    /// <param name="origin">The shift in metres.</param>
    /// <returns>The map.</returns>
    public static Affine Rigid(Quaternion rotation, Vector3 origin) => new(
        Vector3.Transform(Vector3.UnitX, rotation),
        Vector3.Transform(Vector3.UnitY, rotation),
        Vector3.Transform(Vector3.UnitZ, rotation),
        origin);

    /// <summary>Maps a point.</summary>
    /// <param name="p">The point.</param>
    /// <returns>Its image.</returns>
    public Vector3 Point(Vector3 p) => p.X * X + p.Y * Y + p.Z * Z + Origin;

    /// <summary>Maps a direction, which shifts leave alone.</summary>
    /// <param name="d">The direction.</param>
    /// <returns>Its image.</returns>
    public Vector3 Direction(Vector3 d) => d.X * X + d.Y * Y + d.Z * Z;

    /// <summary>First <paramref name="inner"/>, then this.</summary>
    /// <param name="inner">The map that is applied first.</param>
    /// <returns>Both in one.</returns>
    public Affine After(in Affine inner) => new(Direction(inner.X), Direction(inner.Y), Direction(inner.Z), Point(inner.Origin));

    /// <summary>The map that undoes this one.</summary>
    /// <returns>The inverse; not finite when this map flattens space.</returns>
    public Affine Inverse()
    {
        // The rows of the inverse of [X Y Z] are the cross products of its columns over the determinant.
        float scale = 1 / Vector3.Dot(X, Vector3.Cross(Y, Z));
        Vector3 r0 = Vector3.Cross(Y, Z) * scale;
        Vector3 r1 = Vector3.Cross(Z, X) * scale;
        Vector3 r2 = Vector3.Cross(X, Y) * scale;
        return new(
            new(r0.X, r1.X, r2.X),
            new(r0.Y, r1.Y, r2.Y),
            new(r0.Z, r1.Z, r2.Z),
            new(-Vector3.Dot(r0, Origin), -Vector3.Dot(r1, Origin), -Vector3.Dot(r2, Origin)));
    }
}
