using System.Numerics;

namespace Sightline.Simulation.Worlds;

/// <summary>Random choices that a world is made of.</summary>
internal static class Draws
{
    /// <summary>A number between two bounds.</summary>
    public static float Range(this ref SeedStream s, float low, float high) => (float)s.Uniform(low, high);

    /// <summary>True with the given probability.</summary>
    public static bool Chance(this ref SeedStream s, double probability) => s.NextDouble() < probability;

    /// <summary>One of the items.</summary>
    public static T Pick<T>(this ref SeedStream s, ReadOnlySpan<T> items) => items[s.NextInt(items.Length)];

    /// <summary>A seed for a surface's unevenness.</summary>
    public static int SurfaceSeed(this ref SeedStream s) => (int)(s.NextUInt64() & 0x3fffffff);

    /// <summary>A colour near the given one: lighter or darker, a little off in hue.</summary>
    public static Vector3 Near(this ref SeedStream s, Vector3 colour, float spread = 0.12f)
    {
        float light = s.Range(1 - 2 * spread, 1 + 1.5f * spread);
        var hue = new Vector3(s.Range(-spread, spread), s.Range(-spread, spread), s.Range(-spread, spread)) * 0.25f;
        return Vector3.Clamp(colour * light + hue * colour.Length(), new(0.01f), new(0.92f));
    }
}
