using System.Numerics;
using Sightline.Simulation.Surfaces;

namespace Sightline.Simulation.Worlds.Shapes;

/// <summary>Signs: discs, triangles, squares, diamonds and boards on posts, and folding signs on the floor.</summary>
internal static class SignShape
{
    private static readonly Vector3[] paints = [Colours.Red, Colours.Blue, Colours.Yellow, Colours.Green, Colours.White, Colours.Orange];

    /// <summary>Adds a sign's parts.</summary>
    public static void Build(ShapeBuilder b, ref SeedStream s)
    {
        Vector3 colour = s.Near(s.Pick<Vector3>(paints), 0.08f);
        bool light = colour.X + colour.Y > 1.1f;
        Vector3 ink = light ? s.Near(s.Chance(0.5) ? Colours.Black : Colours.Red, 0.05f) : s.Near(Colours.White, 0.05f);
        int form = s.NextInt(6), symbol = s.NextInt(PlatePattern.Symbols);
        bool round = form == 0;
        int plate = b.Add(new Material(Pattern.Plate, colour, ink, 1, 0.08f, s.Range(0, 0.4f), s.SurfaceSeed())
        {
            Symbol = symbol,
            High = s.Chance(0.7) && form != 1 ? s.Range(0.1f, 0.2f) : 0,
            Low = round ? 1 : 0,
        });
        int back = b.Paint(ref s, s.Near(Colours.Grey), 0.15f);
        if (form == 5)
        {
            Folding(b, ref s, plate);
            return;
        }
        float top = s.Range(1.0f, 1.8f), size = s.Range(0.32f, 0.5f), pole = s.Range(0.022f, 0.04f);
        float middle = top - size;
        int post = b.Paint(ref s, s.Near(s.Chance(0.7) ? Colours.Steel : colour), 0.2f);
        b.Bar(Vector3.Zero, new(0, 0, top), pole, pole, post);
        b.Bar(Vector3.Zero, new(0, 0, s.Range(0.04f, 0.12f)), s.Range(0.15f, 0.28f), 0.15f, b.Paint(ref s, s.Near(s.Chance(0.5) ? Colours.Concrete : Colours.Black)));
        float x = pole + 0.012f;
        switch (form)
        {
            case 0:
                b.Bar(new(x, 0, middle), new(x + 0.012f, 0, middle), size, size, plate);
                b.Bar(new(x - 0.012f, 0, middle), new(x, 0, middle), size, size, back);
                break;
            case 1:
                b.Tapered(new(x + 0.006f, 0, middle), new(0.006f, size * 1.1f, size), -1, 1, 0.03f, plate);
                b.Tapered(new(x - 0.006f, 0, middle), new(0.006f, size * 1.1f, size), -1, 1, 0.03f, back);
                break;
            case 2:
                var turned = Affine.Rigid(Quaternion.CreateFromAxisAngle(Vector3.UnitX, MathF.PI / 4), new(x + 0.006f, 0, middle));
                b.Box(turned, new(0.006f, size * 0.75f, size * 0.75f), plate);
                b.Box(turned with { Origin = new(x - 0.006f, 0, middle) }, new(0.006f, size * 0.75f, size * 0.75f), back);
                break;
            default:
                float wide = form == 3 ? 1 : s.Range(1.2f, 1.7f);
                b.Box(new(x + 0.006f, 0, middle), new(0.006f, size * wide, size), plate);
                b.Box(new(x - 0.006f, 0, middle), new(0.006f, size * wide, size), back);
                break;
        }
        if (s.Chance(0.2))
            b.Box(new(x, 0, middle - size * 1.45f), new(0.006f, size, size * 0.3f), b.Paint(ref s, s.Near(Colours.White)));
    }

    private static void Folding(ShapeBuilder b, ref SeedStream s, int plate)
    {
        float height = s.Range(0.7f, 1.1f) / 2, width = height * s.Range(0.55f, 0.75f), lean = s.Range(0.2f, 0.32f);
        foreach (int side in (ReadOnlySpan<int>)[1, -1])
        {
            Quaternion tilt = Quaternion.CreateFromAxisAngle(Vector3.UnitY, -side * lean);
            var place = Affine.Rigid(tilt, new(side * MathF.Sin(lean) * height, 0, height * MathF.Cos(lean)));
            b.Box(place, new(0.012f, width, height), plate);
        }
    }
}
