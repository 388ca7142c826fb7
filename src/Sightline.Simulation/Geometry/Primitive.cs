using System.Numerics;

namespace Sightline.Simulation;

/// <summary>The forms that everything is made of, each in its own coordinates.</summary>
public enum PrimitiveKind
{
    /// <summary>The cube [−1, 1]³.</summary>
    Box,

    /// <summary>The unit ball.</summary>
    Ellipsoid,

    /// <summary>About the z axis from z = −1, radius 1, to z = 1, radius <see cref="Primitive.A"/> (1: cylinder, 0: cone), with both caps.</summary>
    Frustum,

    /// <summary>
    /// The cube [−1, 1]³ with a smaller lid: at z = 1 it spans x from <see cref="Primitive.A"/> to <see cref="Primitive.B"/> and
    /// |y| ≤ <see cref="Primitive.C"/>.
    /// </summary>
    TaperedBox,

    /// <summary>The triangle (0, 0, 0), (1, 0, 0), (0, 1, 0), seen from both sides.</summary>
    Triangle,
}

/// <summary>A form, put somewhere by an affine map: a ball becomes any ellipsoid, a cube any box.</summary>
/// <param name="Kind">The form.</param>
/// <param name="Frame">World from the form's own coordinates.</param>
/// <param name="Object">Whose part it is: the track id of an object, or 0 for ground, walls and shelves.</param>
/// <param name="Semantic">Its semantic class.</param>
/// <param name="Material">An index into the world's materials.</param>
/// <param name="A">The form's first parameter.</param>
/// <param name="B">The form's second parameter.</param>
/// <param name="C">The form's third parameter.</param>
public readonly record struct Primitive(
    PrimitiveKind Kind, Affine Frame, int Object, SemanticClass Semantic, int Material, float A = 1, float B = 1, float C = 1)
{
    /// <summary>A triangle with the given corners.</summary>
    /// <param name="a">One corner, in metres.</param>
    /// <param name="b">Another.</param>
    /// <param name="c">The third.</param>
    /// <param name="object">Whose part it is.</param>
    /// <param name="semantic">Its semantic class.</param>
    /// <param name="material">An index into the world's materials.</param>
    /// <returns>The triangle.</returns>
    public static Primitive Triangle(Vector3 a, Vector3 b, Vector3 c, int @object, SemanticClass semantic, int material) =>
        new(PrimitiveKind.Triangle, new(b - a, c - a, Vector3.Normalize(Vector3.Cross(b - a, c - a)), a), @object, semantic, material);

    /// <summary>The corners of the convex polyhedra (box, tapered box, triangle) in the form's own coordinates.</summary>
    /// <param name="corners">Receives them; room for 8.</param>
    /// <returns>How many there are; 0 for the curved forms.</returns>
    public int Corners(Span<Vector3> corners)
    {
        if (Kind == PrimitiveKind.Triangle)
        {
            (corners[0], corners[1], corners[2]) = (Vector3.Zero, Vector3.UnitX, Vector3.UnitY);
            return 3;
        }
        if (Kind is not (PrimitiveKind.Box or PrimitiveKind.TaperedBox))
            return 0;
        bool tapered = Kind == PrimitiveKind.TaperedBox;
        (float back, float front, float side) = tapered ? (A, B, C) : (-1, 1, 1);
        (corners[0], corners[1], corners[2], corners[3]) = (new(-1, -1, -1), new(1, -1, -1), new(-1, 1, -1), new(1, 1, -1));
        (corners[4], corners[5], corners[6], corners[7]) = (new(back, -side, 1), new(front, -side, 1), new(back, side, 1), new(front, side, 1));
        return 8;
    }

    /// <summary>The smallest box along the world's axes that holds it.</summary>
    /// <returns>The box, exact up to rounding.</returns>
    public Bounds Bounds()
    {
        Span<Vector3> corners = stackalloc Vector3[8];
        int count = Corners(corners);
        if (count > 0)
        {
            Vector3 low = Frame.Point(corners[0]), high = low;
            for (int i = 1; i < count; i++)
            {
                Vector3 p = Frame.Point(corners[i]);
                (low, high) = (Vector3.Min(low, p), Vector3.Max(high, p));
            }
            return new(low, high);
        }
        // A ball's extent along an axis is the length of that row of the map; a disc's leaves out the column along its axis.
        if (Kind == PrimitiveKind.Ellipsoid)
        {
            Vector3 reach = Vector3.SquareRoot(Frame.X * Frame.X + Frame.Y * Frame.Y + Frame.Z * Frame.Z);
            return new(Frame.Origin - reach, Frame.Origin + reach);
        }
        Vector3 disc = Vector3.SquareRoot(Frame.X * Frame.X + Frame.Y * Frame.Y);
        Vector3 bottom = Frame.Origin - Frame.Z, top = Frame.Origin + Frame.Z;
        return new(Vector3.Min(bottom - disc, top - A * disc), Vector3.Max(bottom + disc, top + A * disc));
    }
}
