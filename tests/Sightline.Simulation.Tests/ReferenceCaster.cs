using System.Numerics;
using Sightline.Simulation;

namespace Sightline.Tests;

/// <summary>
/// The plain twin of the ray caster: every ray against every primitive, in double precision, with textbook formulas. Convex polyhedra
/// are cut by the planes of their faces; curved forms solve the quadratic; triangles follow Möller and Trumbore (1997).
/// </summary>
internal static class ReferenceCaster
{
    public static (double Distance, int Primitive) Cast(IReadOnlyList<Primitive> primitives, Ray ray)
    {
        (double Distance, int Primitive) best = (double.PositiveInfinity, -1);
        for (int i = 0; i < primitives.Count; i++)
        {
            double t = Distance(primitives[i], ray);
            if (t < best.Distance && t <= ray.MaxDistance)
                best = (t, i);
        }
        return best;
    }

    public static double Distance(Primitive p, Ray ray)
    {
        if (p.Kind == PrimitiveKind.Triangle)
            return MoellerTrumbore(D(p.Frame.Origin), D(p.Frame.Origin) + D(p.Frame.X), D(p.Frame.Origin) + D(p.Frame.Y), D(ray.Origin), D(ray.Direction));
        V o = Inverse(p.Frame, D(ray.Origin) - D(p.Frame.Origin)), d = Inverse(p.Frame, D(ray.Direction));
        return p.Kind switch
        {
            PrimitiveKind.Ellipsoid => Smallest(Roots(d * d, o * d, o * o - 1)),
            PrimitiveKind.Frustum => Frustum(p.A, o, d),
            PrimitiveKind.Box => Convex(-1, 1, 1, o, d),
            _ => Convex(p.A, p.B, p.C, o, d),
        };
    }

    private static double Frustum(double top, V o, V d)
    {
        double slope = (top - 1) / 2, middle = (top + 1) / 2, r = middle + slope * o.Z;
        double a = d.X * d.X + d.Y * d.Y - slope * slope * d.Z * d.Z;
        double b = o.X * d.X + o.Y * d.Y - slope * d.Z * r;
        double c = o.X * o.X + o.Y * o.Y - r * r;
        var hits = Roots(a, b, c).Where(t => Math.Abs(o.Z + t * d.Z) <= 1).ToList();
        foreach ((double z, double radius) in new[] { (-1.0, 1.0), (1.0, top) })
        {
            double t = (z - o.Z) / d.Z;
            double x = o.X + t * d.X, y = o.Y + t * d.Y;
            if (x * x + y * y <= radius * radius)
                hits.Add(t);
        }
        return Smallest(hits);
    }

    private static double Convex(double back, double front, double side, V o, V d)
    {
        (V Normal, double Reach)[] faces =
        [
            (new(1, 0, (1 - front) / 2), (front + 1) / 2), (new(-1, 0, (back + 1) / 2), (1 - back) / 2),
            (new(0, 1, (1 - side) / 2), (side + 1) / 2), (new(0, -1, (1 - side) / 2), (side + 1) / 2),
            (new(0, 0, 1), 1), (new(0, 0, -1), 1),
        ];
        double near = double.NegativeInfinity, far = double.PositiveInfinity;
        foreach ((V n, double reach) in faces)
        {
            double value = n * o - reach, rate = n * d;
            if (rate == 0)
            {
                if (value > 0)
                    return double.PositiveInfinity;
            }
            else if (rate > 0)
            {
                far = Math.Min(far, -value / rate);
            }
            else
            {
                near = Math.Max(near, -value / rate);
            }
        }
        return near <= far ? Smallest([near, far]) : double.PositiveInfinity;
    }

    private static double MoellerTrumbore(V a, V b, V c, V o, V d)
    {
        V e1 = b - a, e2 = c - a, p = Cross(d, e2);
        double det = e1 * p;
        if (det == 0)
            return double.PositiveInfinity;
        V s = o - a, q = Cross(s, e1);
        double u = s * p / det, v = d * q / det;
        return u >= 0 && v >= 0 && u + v <= 1 ? Smallest([e2 * q / det]) : double.PositiveInfinity;
    }

    private static IEnumerable<double> Roots(double a, double b, double c)
    {
        double discriminant = b * b - a * c;
        if (discriminant < 0)
            yield break;
        double root = Math.Sqrt(discriminant);
        yield return (-b - root) / a;
        yield return (-b + root) / a;
    }

    private static double Smallest(IEnumerable<double> distances) =>
        distances.Where(t => t > 0).DefaultIfEmpty(double.PositiveInfinity).Min();

    private static V Inverse(Affine m, V p)
    {
        V x = D(m.X), y = D(m.Y), z = D(m.Z);
        double det = x * Cross(y, z);
        return new(p * Cross(y, z) / det, p * Cross(z, x) / det, p * Cross(x, y) / det);
    }

    private static V D(Vector3 v) => new(v.X, v.Y, v.Z);

    private static V Cross(V a, V b) => new(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);

    private readonly record struct V(double X, double Y, double Z)
    {
        public static V operator +(V a, V b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

        public static V operator -(V a, V b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

        public static double operator *(V a, V b) => a.X * b.X + a.Y * b.Y + a.Z * b.Z;
    }
}
