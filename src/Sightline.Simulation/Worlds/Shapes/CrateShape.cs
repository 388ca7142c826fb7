using System.Numerics;
using Sightline.Simulation.Surfaces;

namespace Sightline.Simulation.Worlds.Shapes;

/// <summary>Wooden crates with frames, plastic bins, cardboard boxes and steel cases.</summary>
internal static class CrateShape
{
    private static readonly Vector3[] plastics = [Colours.Blue, Colours.Green, Colours.Grey, Colours.Red, Colours.Yellow, Colours.DarkGrey];

    /// <summary>Adds a crate's parts.</summary>
    /// <param name="b">Receives the parts.</param>
    /// <param name="s">Draws.</param>
    /// <param name="oddity">0–1: how often it is of plastic or steel, like a barrel.</param>
    /// <param name="largest">The most that half a side can be, in metres.</param>
    /// <returns>Half its length, width and height.</returns>
    public static Vector3 Build(ShapeBuilder b, ref SeedStream s, float oddity, float largest)
    {
        var half = new Vector3(s.Range(0.45f, 1) * largest, s.Range(0.45f, 1) * largest, s.Range(0.35f, 0.9f) * largest);
        var centre = new Vector3(0, 0, half.Z);
        double kind = s.Chance(0.6 * oddity) ? s.Uniform(0.7, 1) : s.Uniform(0, 0.7);
        if (kind < 0.5)
        {
            Vector3 wood = s.Near(s.Chance(0.7) ? Colours.Wood : Colours.DarkWood);
            int boards = b.Add(new Material(Pattern.Planks, wood, wood * 0.25f, s.Range(0.09f, 0.16f), 0.02f, s.Range(0.1f, 0.6f), s.SurfaceSeed()) { Symbol = s.NextInt(2) });
            int frame = b.Paint(ref s, s.Near(wood, 0.15f), 0.02f);
            b.Box(centre, half * 0.97f, boards);
            Frame(b, half, s.Range(0.025f, 0.05f), frame);
        }
        else if (kind < 0.88 && kind >= 0.7)
        {
            Vector3 colour = s.Near(s.Pick<Vector3>(plastics));
            int shell = b.Paint(ref s, colour, 0.1f);
            b.Tapered(centre, half * new Vector3(0.9f, 0.9f, 1), -1.1f, 1.1f, 1.1f, shell);
            b.Box(new(0, 0, 2 * half.Z), new(half.X * 1.03f, half.Y * 1.03f, 0.025f), b.Paint(ref s, colour * 0.85f, 0.1f));
            b.Box(new(0, 0, half.Z * 1.2f), new(half.X * 1.02f, half.Y * 1.02f, 0.02f), shell);
        }
        else if (kind < 0.7)
        {
            Vector3 card = s.Near(Colours.Cardboard);
            int sides = b.Add(new Material(Pattern.Bands, card, s.Near(s.Chance(0.5) ? Colours.Khaki : Colours.White), 1, 0.02f, 0.2f, s.SurfaceSeed()) { Low = half.Z * 0.7f, High = half.Z * 0.86f });
            b.Box(centre, half, sides);
        }
        else
        {
            int steel = b.Add(new Material(Pattern.Corrugated, s.Near(Colours.Steel), Colours.Grey, 0.12f, 0.2f, 0.3f, s.SurfaceSeed()));
            b.Box(centre, half * 0.97f, steel);
            Frame(b, half, 0.025f, b.Paint(ref s, s.Near(Colours.DarkGrey), 0.15f));
        }
        return half;
    }

    private static void Frame(ShapeBuilder b, Vector3 half, float width, int material)
    {
        foreach (int i in (ReadOnlySpan<int>)[-1, 1])
        {
            foreach (int j in (ReadOnlySpan<int>)[-1, 1])
            {
                b.Box(new((half.X - width) * i, (half.Y - width) * j, half.Z), new(width, width, half.Z), material);
                b.Box(new(0, (half.Y - width) * i, half.Z + (half.Z - width) * j), new(half.X, width, width), material);
                b.Box(new((half.X - width) * i, 0, half.Z + (half.Z - width) * j), new(width, half.Y, width), material);
            }
        }
    }
}
