using System.Numerics;
using Sightline.Simulation.Surfaces;

namespace Sightline.Simulation.Worlds.Shapes;

/// <summary>Traffic cones: mostly orange, some red, yellow or of odd colours; none, one or two rings; slim or squat.</summary>
internal static class ConeShape
{
    private static readonly Vector3[] usual = [Colours.Orange, Colours.Orange, Colours.Orange, Colours.Red];
    private static readonly Vector3[] odd = [Colours.Yellow, Colours.Lime, Colours.Blue, Colours.Green];

    /// <summary>Adds a cone's parts.</summary>
    /// <param name="b">Receives the parts.</param>
    /// <param name="s">Draws.</param>
    /// <param name="oddity">0–1: how often it looks unlike its kind.</param>
    public static void Build(ShapeBuilder b, ref SeedStream s, float oddity)
    {
        float height = s.Range(0.4f, 0.95f), radius = height * s.Range(0.2f, 0.3f), foot = radius * s.Range(1.15f, 1.45f);
        float thick = s.Range(0.02f, 0.05f);
        Vector3 colour = s.Near(s.Pick<Vector3>(s.Chance(0.4 * oddity) ? odd : usual)), ring = s.Chance(0.8) ? s.Near(Colours.White, 0.06f) : s.Near(Colours.Yellow);
        int rings = s.Chance(0.5 * oddity) ? 0 : 1 + s.NextInt(2);
        float half = (height - thick) / 2, at = s.Range(0.05f, 0.2f) * height, width = s.Range(0.1f, 0.2f) * height;
        var body = new Material(Pattern.Bands, colour, ring, 1, 0.06f, s.Range(0.1f, 0.7f), s.SurfaceSeed())
        {
            Low = rings > 0 ? at : 1e9f,
            High = rings > 0 ? at + width : 1e9f,
            Low2 = rings > 1 ? at - 1.7f * width : 1e9f,
            High2 = rings > 1 ? at - 0.7f * width : 1e9f,
        };
        int bodyPaint = b.Add(body);
        int footPaint = b.Paint(ref s, s.Chance(0.5) ? Colours.Black : colour * 0.8f);
        b.Box(new(0, 0, thick / 2), new(foot, foot, thick / 2), footPaint);
        b.Bar(new(0, 0, thick), new(0, 0, thick + 2 * half), radius, radius * s.Range(0.12f, 0.3f), bodyPaint);
        if (s.Chance(0.3))
            b.Bar(new(0, 0, thick), new(0, 0, thick + 0.05f), radius * 1.18f, radius * 1.1f, bodyPaint);
    }
}
