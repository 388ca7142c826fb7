using System.Numerics;

namespace Sightline.Simulation.Casting;

/// <summary>The outward normal at a hit, for single rays; <see cref="Rendering.SurfaceShader"/> does the same for sixteen.</summary>
internal static class SurfaceNormal
{
    /// <summary>The normal where <paramref name="ray"/> meets the primitive at distance <paramref name="t"/>.</summary>
    /// <param name="primitive">The primitive.</param>
    /// <param name="packed">The same, packed.</param>
    /// <param name="ray">The ray.</param>
    /// <param name="t">The distance.</param>
    /// <returns>A vector of length 1.</returns>
    public static Vector3 At(in Primitive primitive, in PackedPrimitive packed, in Ray ray, float t)
    {
        Vector3 w = ray.Origin + t * ray.Direction;
        var p = new Vector3(
            packed.Xx * w.X + packed.Xy * w.Y + packed.Xz * w.Z + packed.Xo,
            packed.Yx * w.X + packed.Yy * w.Y + packed.Yz * w.Z + packed.Yo,
            packed.Zx * w.X + packed.Zy * w.Y + packed.Zz * w.Z + packed.Zo);
        Vector3 local = Local(primitive, p);
        // Normals go through the transposed inverse.
        Vector3 normal = Vector3.Normalize(new Vector3(
            packed.Xx * local.X + packed.Yx * local.Y + packed.Zx * local.Z,
            packed.Xy * local.X + packed.Yy * local.Y + packed.Zy * local.Z,
            packed.Xz * local.X + packed.Yz * local.Y + packed.Zz * local.Z));
        return primitive.Kind == PrimitiveKind.Triangle && Vector3.Dot(normal, ray.Direction) > 0 ? -normal : normal;
    }

    private static Vector3 Local(in Primitive primitive, Vector3 p)
    {
        switch (primitive.Kind)
        {
            case PrimitiveKind.Ellipsoid:
                return p;
            case PrimitiveKind.Frustum:
                float slope = (primitive.A - 1) / 2;
                return MathF.Abs(p.Z) >= 1 - 1e-4f ? new(0, 0, p.Z) : new(p.X, p.Y, -slope * (slope * p.Z + (primitive.A + 1) / 2));
            case PrimitiveKind.Triangle:
                return Vector3.UnitZ;
        }
        (float back, float front, float side) = primitive.Kind == PrimitiveKind.Box ? (-1, 1, 1) : (primitive.A, primitive.B, primitive.C);
        // The face on which the point lies is the one whose inequality is nearest to an equality.
        float best = float.NegativeInfinity;
        Vector3 normal = default;
        Face(new(1, 0, (1 - front) / 2), (front + 1) / 2);
        Face(new(-1, 0, (back + 1) / 2), (1 - back) / 2);
        Face(new(0, 1, (1 - side) / 2), (side + 1) / 2);
        Face(new(0, -1, (1 - side) / 2), (side + 1) / 2);
        Face(Vector3.UnitZ, 1);
        Face(-Vector3.UnitZ, 1);
        return normal;

        void Face(Vector3 n, float reach)
        {
            float value = Vector3.Dot(n, p) - reach;
            if (value > best)
                (best, normal) = (value, n);
        }
    }
}
