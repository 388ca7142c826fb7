using System.Numerics;
using Sightline.Simulation.Surfaces;

namespace Sightline.Simulation.Worlds;

/// <summary>What a yard stands in: the ground, walls, buildings and trees behind them, containers, racks.</summary>
internal static class Surroundings
{
    /// <summary>Builds ground, walls and what stands behind them.</summary>
    public static IEnumerable<Primitive> Build(List<Material> materials, ref SeedStream s, float halfLength, float halfWidth, float scale)
    {
        var ground = new ShapeBuilder(materials);
        Vector3 floor = s.Near(s.Chance(0.5) ? Colours.Concrete : Colours.Asphalt, 0.1f);
        ground.Box(new(0, 0, -0.5f), new(150 * scale, 150 * scale, 0.5f), ground.Add(new Material(
            Pattern.Ground, floor, s.Near(s.Chance(0.6) ? Colours.Yellow : Colours.White, 0.05f) * 0.8f, s.Range(2.5f, 5), 0.02f, 0, s.SurfaceSeed())
        {
            Low = s.Range(0.05f, 0.08f),
            High = s.Range(4.5f, 8),
            Low2 = halfLength * 0.85f,
        }));
        var walls = new ShapeBuilder(materials);
        for (int side = 0; side < 4; side++)
            Wall(walls, ref s, side, halfLength, halfWidth);
        Behind(walls, ref s, halfLength, halfWidth);
        return ground.Placed(Affine.Identity, 0, SemanticClass.Ground).Concat(walls.Placed(Affine.Identity, 0, SemanticClass.Wall));
    }

    /// <summary>Builds a rack that stands along x.</summary>
    /// <returns>The heights on which things can stand.</returns>
    public static IReadOnlyList<float> Rack(ShapeBuilder b, ref SeedStream s, float half)
    {
        int posts = b.Paint(ref s, s.Near(s.Pick<Vector3>([Colours.Blue, Colours.Steel, Colours.Green, Colours.DarkGrey])), 0.1f);
        int beams = b.Paint(ref s, s.Near(s.Pick<Vector3>([Colours.Orange, Colours.Yellow, Colours.Steel])), 0.1f);
        int boards = b.Add(new Material(Pattern.Planks, Colours.Wood * 0.8f, Colours.DarkWood * 0.5f, 0.2f, 0.02f, 0.3f, s.SurfaceSeed()));
        float depth = 0.45f, step = s.Range(1.05f, 1.3f);
        int levels = 2 + s.NextInt(2);
        float height = levels * step + 0.3f;
        int bays = half > 1.8f ? 2 : 1;
        for (int i = 0; i <= bays; i++)
        {
            foreach (int side in (ReadOnlySpan<int>)[1, -1])
                b.Box(new(half * (2f * i / bays - 1), side * depth, height / 2), new(0.05f, 0.04f, height / 2), posts);
        }
        var heights = new List<float>();
        for (int level = 0; level < levels; level++)
        {
            float z = 0.12f + level * step;
            b.Box(new(0, 0, z), new(half, depth, 0.02f), boards);
            foreach (int side in (ReadOnlySpan<int>)[1, -1])
                b.Box(new(0, side * depth, z - 0.03f), new(half, 0.025f, 0.05f), beams);
            heights.Add(z + 0.02f);
        }
        return heights;
    }

    private static void Wall(ShapeBuilder b, ref SeedStream s, int side, float halfLength, float halfWidth)
    {
        bool alongX = side < 2;
        float sign = side % 2 == 0 ? 1 : -1, length = alongX ? halfLength : halfWidth, away = alongX ? halfWidth : halfLength;
        float at = -length;
        while (at < length)
        {
            float part = MathF.Min(length - at, s.Range(5, 14));
            if (length - at - part < 2)
                part = length - at;
            float height = s.Range(2.2f, 5.5f), thick = s.Range(0.15f, 0.4f);
            int material = WallMaterial(b, ref s);
            float middle = at + part / 2;
            b.Box(
                alongX ? new(middle, sign * (away + thick), height / 2) : new(sign * (away + thick), middle, height / 2),
                alongX ? new(part / 2, thick, height / 2) : new(thick, part / 2, height / 2), material);
            at += part;
        }
    }

    private static int WallMaterial(ShapeBuilder b, ref SeedStream s) => s.NextInt(4) switch
    {
        0 => b.Add(new Material(Pattern.Bricks, s.Near(Colours.Brick), s.Near(Colours.Concrete) * 0.8f, s.Range(0.09f, 0.14f), 0.01f, 0.5f, s.SurfaceSeed())),
        1 => b.Add(new Material(Pattern.Corrugated, s.Near(s.Pick<Vector3>([Colours.Steel, Colours.Green, Colours.White, Colours.Blue * 0.8f])), Colours.Grey, s.Range(0.15f, 0.3f), 0.1f, 0.5f, s.SurfaceSeed())),
        2 => b.Add(new Material(Pattern.Bands, s.Near(Colours.Concrete), s.Near(Colours.Concrete) * 0.6f, 1, 0.02f, 0.7f, s.SurfaceSeed()) { Low = -0.08f, High = -0.04f }),
        _ => b.Add(new Material(Pattern.Planks, s.Near(Colours.DarkWood), Colours.Black, s.Range(0.12f, 0.22f), 0.01f, 0.5f, s.SurfaceSeed()) { Symbol = 1 }),
    };

    private static void Behind(ShapeBuilder b, ref SeedStream s, float halfLength, float halfWidth)
    {
        int houses = 9 + s.NextInt(5);
        for (int i = 0; i < houses; i++)
        {
            float angle = 2 * MathF.PI * (i + s.Range(-0.3f, 0.3f)) / houses, away = s.Range(1.5f, 2.3f);
            var half = new Vector3(s.Range(4, 9), s.Range(4, 9), s.Range(2.5f, 7));
            int wall = s.Chance(0.65)
                ? b.Add(new Material(Pattern.Windows, s.Near(s.Pick<Vector3>([Colours.Concrete, Colours.Brick, Colours.White, Colours.Khaki])), s.Near(Colours.Glass * 2), s.Range(2, 3.5f), 0.05f, 0.2f, s.SurfaceSeed()) { High = s.Range(2.6f, 3.4f) })
                : WallMaterial(b, ref s);
            var centre = new Vector3(MathF.Cos(angle) * away * (halfLength + 6), MathF.Sin(angle) * away * (halfWidth + 6), half.Z);
            b.Box(Affine.Turn(s.Range(-0.3f, 0.3f), centre), half, wall);
        }
        int trees = 10 + s.NextInt(10);
        for (int i = 0; i < trees; i++)
        {
            float angle = s.Range(0, 2 * MathF.PI), away = s.Range(1.22f, 1.7f);
            Tree(b, ref s, new(MathF.Cos(angle) * away * (halfLength + 3), MathF.Sin(angle) * away * (halfWidth + 3), 0));
        }
    }

    private static void Tree(ShapeBuilder b, ref SeedStream s, Vector3 foot)
    {
        float height = s.Range(4, 8.5f), crown = height * s.Range(0.2f, 0.3f);
        b.Bar(foot, foot + new Vector3(0, 0, height * 0.8f), 0.22f, 0.1f, b.Paint(ref s, Colours.DarkWood * 0.6f));
        int leaves = b.Paint(ref s, s.Near(Colours.Leaf, 0.2f), 0.01f, 0.6f);
        for (int i = 0; i < 5; i++)
        {
            var at = new Vector3(s.Range(-0.7f, 0.7f) * crown, s.Range(-0.7f, 0.7f) * crown, height * s.Range(0.62f, 1f));
            b.Ellipsoid(foot + at, new Vector3(s.Range(0.6f, 1f), s.Range(0.6f, 1f), s.Range(0.5f, 0.8f)) * crown, leaves);
        }
    }
}
