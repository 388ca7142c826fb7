using System.Numerics;
using Sightline.Simulation.Surfaces;

namespace Sightline.Simulation.Worlds.Shapes;

/// <summary>Steel drums with hoops, plastic kegs and orange traffic drums with white rings, which are easily taken for cones.</summary>
internal static class BarrelShape
{
    private static readonly Vector3[] usual = [Colours.Blue, Colours.Blue, Colours.Red, Colours.Green];
    private static readonly Vector3[] odd = [Colours.Rust, Colours.Yellow, Colours.White, Colours.DarkGrey];

    /// <summary>Adds a barrel's parts.</summary>
    /// <param name="b">Receives the parts.</param>
    /// <param name="s">Draws.</param>
    /// <param name="oddity">0–1: how often it looks unlike its kind.</param>
    public static void Build(ShapeBuilder b, ref SeedStream s, float oddity)
    {
        float height = s.Range(0.7f, 1.15f), radius = height * s.Range(0.28f, 0.37f);
        bool traffic = s.Chance(0.3 * oddity);
        Vector3 colour = s.Near(traffic ? Colours.Orange : s.Pick<Vector3>(s.Chance(oddity) ? odd : usual));
        Vector3 ring = traffic || s.Chance(0.5) ? s.Near(Colours.White, 0.06f) : s.Near(colour, 0.3f);
        bool banded = traffic || s.Chance(0.7);
        var body = new Material(Pattern.Bands, colour, ring, 1, 0.12f, s.Range(0.1f, 0.9f), s.SurfaceSeed())
        {
            Low = banded ? s.Range(0.02f, 0.12f) * height : 1e9f,
            High = banded ? s.Range(0.2f, 0.3f) * height : 1e9f,
            Low2 = traffic ? -0.2f * height : 1e9f,
            High2 = traffic ? -0.05f * height : 1e9f,
        };
        int paint = b.Add(body);
        int lid = b.Paint(ref s, s.Chance(0.5) ? colour * 0.8f : s.Near(Colours.Steel), 0.1f);
        float taper = traffic ? s.Range(0.8f, 0.92f) : s.Chance(0.3) ? s.Range(0.9f, 1f) : 1;
        b.Bar(Vector3.Zero, new(0, 0, height * 0.98f), radius, radius * taper, paint);
        b.Bar(new(0, 0, height * 0.975f), new(0, 0, height), radius * taper * 1.03f, radius * taper * 1.03f, lid);
        if (!traffic)
        {
            foreach (float at in (ReadOnlySpan<float>)[0.02f, 0.34f, 0.67f])
                b.Bar(new(0, 0, at * height), new(0, 0, (at + 0.025f) * height), radius * 1.035f, radius * 1.035f, paint);
        }
        else
        {
            b.Bar(Vector3.Zero, new(0, 0, 0.06f), radius * 1.2f, radius * 1.15f, lid);
        }
    }
}
