using System.Numerics;

namespace Sightline.Simulation.Labels;

/// <summary>
/// The box of an object's whole projection, in closed form: corners of polyhedra are projected; the outlines of balls and of the discs
/// that end a frustum are conics whose extremes follow from their dual (Hartley and Zisserman 2004, section 8.3).
/// </summary>
internal struct AmodalBox
{
    /// <summary>Only what lies at least so far in front of the camera counts, in metres of depth.</summary>
    public const float Near = 0.1f;

    private double x0, y0, x1, y1;

    /// <summary>A box that holds nothing.</summary>
    public static AmodalBox Empty => new()
    {
        x0 = double.PositiveInfinity,
        y0 = double.PositiveInfinity,
        x1 = double.NegativeInfinity,
        y1 = double.NegativeInfinity,
    };

    /// <summary>Whether anything was in front of the camera.</summary>
    public readonly bool IsEmpty => x0 > x1;

    /// <summary>The edges in pixels: left, top, right, bottom. They may lie outside the image.</summary>
    public readonly (double Left, double Top, double Right, double Bottom) Edges(PinholeCamera c) =>
        (x0 * c.Fx + c.Cx, y0 * c.Fy + c.Cy, x1 * c.Fx + c.Cx, y1 * c.Fy + c.Cy);

    /// <summary>Adds a primitive.</summary>
    /// <param name="primitive">The primitive.</param>
    /// <param name="cameraFromWorld">Where the camera is.</param>
    public void Add(in Primitive primitive, in Affine cameraFromWorld)
    {
        Affine m = cameraFromWorld.After(primitive.Frame);
        switch (primitive.Kind)
        {
            case PrimitiveKind.Ellipsoid:
                double reach = Math.Sqrt((double)m.X.Z * m.X.Z + (double)m.Y.Z * m.Y.Z + (double)m.Z.Z * m.Z.Z);
                if (m.Origin.Z - reach >= Near)
                    AddConic(m.Origin, m.X, m.Y, m.Z);
                else if (m.Origin.Z + reach > Near)
                    AddCube(m);
                return;
            case PrimitiveKind.Frustum:
                double disc = Math.Sqrt((double)m.X.Z * m.X.Z + (double)m.Y.Z * m.Y.Z), wide = Math.Max(disc, disc * primitive.A);
                if (m.Origin.Z - Math.Abs(m.Z.Z) - wide >= Near)
                {
                    AddConic(m.Origin - m.Z, m.X, m.Y, Vector3.Zero);
                    AddConic(m.Origin + m.Z, m.X * primitive.A, m.Y * primitive.A, Vector3.Zero);
                }
                else if (m.Origin.Z + Math.Abs(m.Z.Z) + wide > Near)
                {
                    float most = Math.Max(1, primitive.A);
                    AddCube(m with { X = m.X * most, Y = m.Y * most });
                }
                return;
            default:
                Span<Vector3> corners = stackalloc Vector3[8];
                int count = primitive.Corners(corners);
                for (int i = 0; i < count; i++)
                    corners[i] = m.Point(corners[i]);
                AddHull(corners[..count]);
                return;
        }
    }

    private void AddCube(in Affine m)
    {
        Span<Vector3> corners = stackalloc Vector3[8];
        for (int i = 0; i < 8; i++)
            corners[i] = m.Point(new((i & 1) * 2 - 1, (i & 2) - 1, (i & 4) / 2 - 1));
        AddHull(corners);
    }

    /// <summary>The convex hull of the points, cut at the near plane: every line from a point in front to one behind is in the hull.</summary>
    private void AddHull(ReadOnlySpan<Vector3> points)
    {
        foreach (Vector3 p in points)
        {
            if (p.Z >= Near)
            {
                Include((double)p.X / p.Z, (double)p.Y / p.Z);
                continue;
            }
            foreach (Vector3 q in points)
            {
                if (q.Z <= Near)
                    continue;
                Vector3 cut = Vector3.Lerp(p, q, (Near - p.Z) / (q.Z - p.Z));
                Include(cut.X / (double)Near, cut.Y / (double)Near);
            }
        }
    }

    /// <summary>
    /// The outline of centre + {a, b, c}·(unit ball). A plane x = u·z touches it where (1, 0, −u)·(oo' − aa' − bb' − cc')·(1, 0, −u)' = 0.
    /// </summary>
    private void AddConic(Vector3 o, Vector3 a, Vector3 b, Vector3 c)
    {
        double zz = Dual(o.Z, a.Z, b.Z, c.Z, o.Z, a.Z, b.Z, c.Z);
        double xz = Dual(o.X, a.X, b.X, c.X, o.Z, a.Z, b.Z, c.Z), xx = Dual(o.X, a.X, b.X, c.X, o.X, a.X, b.X, c.X);
        double yz = Dual(o.Y, a.Y, b.Y, c.Y, o.Z, a.Z, b.Z, c.Z), yy = Dual(o.Y, a.Y, b.Y, c.Y, o.Y, a.Y, b.Y, c.Y);
        double halfX = Math.Sqrt(Math.Max(0, xz * xz - xx * zz)) / zz, halfY = Math.Sqrt(Math.Max(0, yz * yz - yy * zz)) / zz;
        Include(xz / zz - halfX, yz / zz - halfY);
        Include(xz / zz + halfX, yz / zz + halfY);
    }

    private static double Dual(double o, double a, double b, double c, double p, double d, double e, double f) =>
        o * p - a * d - b * e - c * f;

    private void Include(double x, double y)
    {
        (x0, x1) = (Math.Min(x0, x), Math.Max(x1, x));
        (y0, y1) = (Math.Min(y0, y), Math.Max(y1, y));
    }
}
