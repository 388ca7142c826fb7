using System.Numerics;
using Sightline.Simulation.Surfaces;

namespace Sightline.Simulation.Worlds.Shapes;

/// <summary>Pallets of wood or plastic, one or a stack; deck boards over bearers over bottom boards.</summary>
internal static class PalletShape
{
    /// <summary>Adds the parts of a stack of pallets.</summary>
    /// <param name="b">Receives the parts.</param>
    /// <param name="s">Draws.</param>
    /// <param name="oddity">0–1: how often it is of plastic.</param>
    /// <param name="stack">How many lie on each other.</param>
    /// <returns>Half its length, width and height.</returns>
    public static Vector3 Build(ShapeBuilder b, ref SeedStream s, float oddity, int stack)
    {
        float length = s.Range(0.5f, 0.62f), width = s.Range(0.38f, 0.52f), height = s.Range(0.12f, 0.16f);
        bool plastic = s.Chance(0.4 * oddity);
        Vector3 colour = s.Near(plastic ? s.Pick<Vector3>([Colours.Blue, Colours.DarkGrey, Colours.Red]) : s.Pick<Vector3>([Colours.Wood, Colours.Wood, Colours.DarkWood]));
        int boards = b.Add(new Material(Pattern.Planks, colour, colour * 0.6f, 2f, 0.02f, s.Range(0.2f, 0.8f), s.SurfaceSeed()));
        int bearers = b.Paint(ref s, colour * s.Range(0.6f, 0.9f), 0.02f);
        int count = 4 + s.NextInt(3);
        for (int level = 0; level < stack; level++)
        {
            float z = level * height;
            float shift = stack > 1 ? s.Range(-0.04f, 0.04f) : 0;
            float board = length / count * 0.8f;
            for (int i = 0; i < count; i++)
            {
                float x = length * (2f * i / (count - 1) - 1) * (1 - 0.8f / count);
                b.Box(new(x + shift, 0, z + height - 0.012f), new(board, width, 0.012f), boards);
            }
            foreach (float y in (ReadOnlySpan<float>)[-0.88f, 0, 0.88f])
            {
                b.Box(new(shift, y * width, z + 0.012f), new(length, 0.05f, 0.012f), boards);
                if (plastic || stack > 2)
                {
                    b.Box(new(shift, y * width, z + height / 2), new(length, 0.035f, height / 2 - 0.024f), bearers);
                }
                else
                {
                    foreach (float x in (ReadOnlySpan<float>)[-0.88f, 0, 0.88f])
                        b.Box(new(x * length + shift, y * width, z + height / 2), new(0.07f, 0.05f, height / 2 - 0.024f), bearers);
                }
            }
        }
        return new(length, width, stack * height / 2);
    }
}
