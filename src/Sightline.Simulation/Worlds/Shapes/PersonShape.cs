using System.Numerics;
using Sightline.Simulation.Surfaces;

namespace Sightline.Simulation.Worlds.Shapes;

/// <summary>A person, standing or walking, in work clothes with or without vest and helmet.</summary>
internal sealed class PersonShape
{
    private static readonly Vector3[] tops = [Colours.Navy, Colours.DarkGrey, Colours.White, Colours.Red, Colours.Green, Colours.Khaki, Colours.Blue, Colours.Grey];
    private static readonly Vector3[] trousers = [Colours.Denim, Colours.Black, Colours.Khaki, Colours.DarkGrey, Colours.Navy];
    private static readonly Vector3[] skins = [Colours.Srgb(236, 196, 168), Colours.Srgb(208, 156, 118), Colours.Srgb(150, 102, 70), Colours.Srgb(92, 62, 44)];

    private readonly float height, girth, armOut, elbow;
    private readonly int skin, top, chest, legs, shoes, head;
    private readonly bool helmet;

    /// <summary>Draws a person's build and clothes.</summary>
    public PersonShape(ShapeBuilder b, ref SeedStream s)
    {
        height = s.Range(1.52f, 1.95f);
        girth = s.Range(0.88f, 1.2f);
        armOut = s.Range(0.02f, 0.12f);
        elbow = s.Range(0.05f, 0.5f);
        skin = b.Paint(ref s, s.Near(s.Pick<Vector3>(skins), 0.06f), 0.03f, 0);
        Vector3 shirt = s.Near(s.Pick<Vector3>(tops), 0.15f);
        top = b.Paint(ref s, shirt, 0.01f, 0.1f);
        bool vest = s.Chance(0.6);
        Vector3 cloth = vest ? s.Near(s.Chance(0.5) ? Colours.Orange : Colours.Lime, 0.08f) : shirt;
        chest = b.Add(new Material(Pattern.Bands, cloth, vest ? Colours.White * 0.9f : cloth * 0.7f, 1, 0.03f, 0.1f, s.SurfaceSeed())
        {
            Low = vest ? -0.14f : 1e9f,
            High = vest ? -0.08f : 1e9f,
            Low2 = vest ? 0.02f : 1e9f,
            High2 = vest ? 0.08f : 1e9f,
        });
        legs = b.Paint(ref s, s.Near(s.Pick<Vector3>(trousers), 0.15f), 0.01f, 0.2f);
        shoes = b.Paint(ref s, s.Near(s.Chance(0.7) ? Colours.Black : Colours.DarkWood), 0.05f, 0.2f);
        helmet = s.Chance(0.55);
        Vector3 hair = s.Pick<Vector3>([Colours.Black, Colours.DarkWood, Colours.Rust * 0.5f, Colours.Grey]);
        head = b.Paint(ref s, s.Near(helmet ? s.Pick<Vector3>([Colours.Yellow, Colours.White, Colours.Orange, Colours.Blue, Colours.Red]) : hair), helmet ? 0.15f : 0.02f, 0);
    }

    /// <summary>Adds the parts at one moment of a step; always the same parts in the same order.</summary>
    /// <param name="b">Receives the parts.</param>
    /// <param name="phase">Where in the double step, in radians.</param>
    /// <param name="stride">How far the legs swing, in radians; 0 stands still.</param>
    public void Build(ShapeBuilder b, float phase, float stride)
    {
        float h = height, swing = stride * MathF.Sin(phase);
        float hip = 0.52f * h - 0.02f * h * MathF.Abs(MathF.Sin(phase)) * stride, shoulder = 0.82f * h;
        float wide = 0.105f * h * girth;
        b.Ellipsoid(new(0, 0, hip), new(0.085f * h * girth, wide * 0.92f, 0.075f * h), legs);
        b.Bar(new(0, 0, hip + 0.02f * h), new(0, 0, shoulder + 0.015f * h), wide * 0.95f, wide * 1.05f, chest, 0.62f);
        b.Ellipsoid(new(0, 0, shoulder), new(0.065f * h * girth, wide * 1.2f, 0.045f * h), top);
        b.Bar(new(0, 0, shoulder), new(0.01f * h, 0, 0.89f * h), 0.034f * h, 0.03f * h, skin);
        b.Ellipsoid(new(0.012f * h, 0, 0.925f * h), new(0.054f * h, 0.045f * h, 0.066f * h), skin);
        b.Ellipsoid(new(0.002f * h, 0, 0.945f * h), new(helmet ? 0.068f * h : 0.057f * h, helmet ? 0.06f * h : 0.05f * h, 0.055f * h), head);
        foreach (int side in (ReadOnlySpan<int>)[1, -1])
        {
            float leg = side * swing, knee = MathF.Max(0, -leg) * 0.9f + 0.04f;
            var hipAt = new Vector3(0, side * 0.05f * h * girth, hip);
            Vector3 kneeAt = hipAt + 0.25f * h * new Vector3(MathF.Sin(leg), 0, -MathF.Cos(leg));
            float shin = leg - knee;
            Vector3 ankle = kneeAt + 0.23f * h * new Vector3(MathF.Sin(shin), 0, -MathF.Cos(shin));
            b.Bar(hipAt, kneeAt, 0.052f * h * girth, 0.038f * h, legs);
            b.Bar(kneeAt, ankle, 0.039f * h, 0.028f * h, legs);
            b.Ellipsoid(ankle + new Vector3(0.035f * h, 0, -0.012f * h), new(0.07f * h, 0.029f * h, 0.028f * h), shoes);

            float arm = -side * swing * 0.8f;
            var shoulderAt = new Vector3(0, side * wide * 1.22f, shoulder - 0.01f * h);
            Vector3 elbowAt = shoulderAt + 0.17f * h * new Vector3(MathF.Sin(arm), side * armOut, -MathF.Cos(arm));
            float fore = arm + elbow;
            Vector3 wrist = elbowAt + 0.15f * h * new Vector3(MathF.Sin(fore), 0, -MathF.Cos(fore));
            b.Bar(shoulderAt, elbowAt, 0.031f * h * girth, 0.027f * h, top);
            b.Bar(elbowAt, wrist, 0.027f * h, 0.021f * h, top);
            b.Ellipsoid(shoulderAt, new(0.033f * h * girth), top);
            b.Ellipsoid(elbowAt, new(0.0275f * h), top);
            b.Ellipsoid(wrist, new(0.026f * h, 0.02f * h, 0.034f * h), skin);
        }
    }
}
