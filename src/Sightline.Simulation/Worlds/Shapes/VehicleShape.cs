using System.Numerics;
using Sightline.Simulation.Surfaces;

namespace Sightline.Simulation.Worlds.Shapes;

/// <summary>Forklifts, vans, cars, small trucks and platform carts.</summary>
internal static class VehicleShape
{
    private static readonly Vector3[] paints = [Colours.White, Colours.Grey, Colours.Red, Colours.Blue, Colours.Black, Colours.Green, Colours.Yellow, Colours.Orange];

    /// <summary>Adds a vehicle's parts.</summary>
    /// <param name="b">Receives the parts.</param>
    /// <param name="s">Draws.</param>
    /// <param name="kind">0 forklift, 1 van, 2 car, 3 truck, 4 cart.</param>
    /// <returns>Half its length and width.</returns>
    public static Vector2 Build(ShapeBuilder b, ref SeedStream s, int kind)
    {
        Vector3 colour = s.Near(kind is 0 or 4 ? s.Pick<Vector3>([Colours.Yellow, Colours.Orange, Colours.Red, Colours.Green, Colours.Blue, Colours.Grey]) : s.Pick<Vector3>(paints));
        int body = b.Paint(ref s, colour, 0.22f, s.Range(0.05f, 0.6f));
        int dark = b.Paint(ref s, s.Near(Colours.DarkGrey * 0.6f), 0.05f);
        int glass = b.Paint(ref s, Colours.Glass, 0.6f, 0);
        int tyre = b.Paint(ref s, s.Near(Colours.Black), 0.01f, 0.4f);
        int hub = b.Paint(ref s, s.Near(Colours.Grey), 0.2f);
        return kind switch
        {
            0 => Forklift(b, ref s, body, dark, tyre, hub),
            1 => Van(b, ref s, body, dark, glass, tyre, hub),
            2 => Car(b, ref s, body, dark, glass, tyre, hub),
            3 => Truck(b, ref s, body, dark, glass, tyre, hub),
            _ => Cart(b, ref s, body, dark, tyre, hub),
        };
    }

    private static Vector2 Forklift(ShapeBuilder b, ref SeedStream s, int body, int dark, int tyre, int hub)
    {
        float k = s.Range(0.9f, 1.15f), mast = s.Range(1.9f, 2.4f) * k, lift = s.Range(0.05f, 0.9f);
        int steel = b.Paint(ref s, s.Near(Colours.DarkGrey), 0.2f);
        b.Tapered(new(-0.35f * k, 0, 0.62f * k), new(0.75f * k, 0.5f * k, 0.36f * k), -0.9f, 0.7f, 0.9f, body);
        b.Box(new(-1.0f * k, 0, 0.6f * k), new(0.22f * k, 0.48f * k, 0.3f * k), body);
        b.Box(new(-0.25f * k, 0, 1.08f * k), new(0.25f * k, 0.22f * k, 0.12f * k), dark);
        b.Box(new(-0.48f * k, 0, 1.3f * k), new(0.06f * k, 0.22f * k, 0.25f * k), dark);
        foreach (int side in (ReadOnlySpan<int>)[1, -1])
        {
            b.Bar(new(-0.85f * k, side * 0.42f * k, 0.9f * k), new(-0.6f * k, side * 0.4f * k, 2.0f * k), 0.035f, 0.035f, steel);
            b.Bar(new(0.35f * k, side * 0.42f * k, 0.9f * k), new(0.2f * k, side * 0.4f * k, 2.0f * k), 0.035f, 0.035f, steel);
            b.Box(new(0.55f * k, side * 0.28f * k, mast / 2 + 0.05f), new(0.06f, 0.05f, mast / 2), steel);
            b.Box(new(1.1f * k, side * 0.24f * k, lift), new(0.5f * k, 0.06f, 0.022f), steel);
        }
        b.Box(new(0.62f * k, 0, lift + 0.2f), new(0.03f, 0.45f * k, 0.2f), steel);
        b.Box(new(-0.2f * k, 0, 2.02f * k), new(0.48f * k, 0.44f * k, 0.03f), steel);
        Wheels(b, 0.35f * k, -0.85f * k, 0.5f * k, 0.27f * k, 0.1f, tyre, hub);
        return new(1.6f * k, 0.62f * k);
    }

    private static Vector2 Van(ShapeBuilder b, ref SeedStream s, int body, int dark, int glass, int tyre, int hub)
    {
        float length = s.Range(2.1f, 2.6f), width = s.Range(0.85f, 1.0f), roof = s.Range(1.85f, 2.4f), wheel = 0.33f;
        float cargo = length * 0.72f;
        b.Box(new(-length + cargo, 0, (roof + 0.35f) / 2), new(cargo, width, (roof - 0.35f) / 2), body);
        float nose = length - cargo;
        b.Tapered(new(2 * cargo - length + nose * 0.999f, 0, 0.35f + (roof - 0.4f) / 2), new(nose, width, (roof - 0.4f) / 2), -1, s.Range(-0.2f, 0.1f), 0.9f, body);
        b.Tapered(new(2 * cargo - length + nose * 0.9f, 0, roof * 0.76f), new(nose * 0.55f, width * 0.955f, roof * 0.13f), -0.9f, 0.6f, 0.985f, glass);
        Lamps(b, ref s, length, width, 0.75f);
        b.Box(new(0, 0, 0.36f), new(length * 0.98f, width * 0.98f, 0.1f), dark);
        Wheels(b, length * 0.62f, -length * 0.6f, width, wheel, 0.11f, tyre, hub);
        return new(length, width);
    }

    private static Vector2 Car(ShapeBuilder b, ref SeedStream s, int body, int dark, int glass, int tyre, int hub)
    {
        float length = s.Range(1.75f, 2.3f), width = s.Range(0.8f, 0.92f), roof = s.Range(1.38f, 1.65f), belt = roof * 0.6f;
        float back = s.Range(-0.75f, -0.4f), front = s.Range(0.2f, 0.45f), cabin = length * s.Range(0.6f, 0.75f), shift = -length * s.Range(0.1f, 0.22f);
        b.Tapered(new(0, 0, (belt + 0.22f) / 2), new(length, width, (belt - 0.22f) / 2), -0.97f, 0.93f, 0.97f, body);
        b.Tapered(new(shift, 0, (belt + roof) / 2), new(cabin, width * 0.93f, (roof - belt) / 2), back, front, 0.8f, glass);
        float lidBack = shift + back * cabin, lidFront = shift + front * cabin;
        b.Box(new((lidBack + lidFront) / 2, 0, roof), new((lidFront - lidBack) / 2, width * 0.76f, 0.025f), body);
        foreach (int side in (ReadOnlySpan<int>)[1, -1])
            b.Bar(new(shift, side * width * 0.92f, belt), new(shift, side * width * 0.75f, roof), 0.05f, 0.04f, body);
        b.Box(new(0, 0, 0.28f), new(length * 0.97f, width * 0.97f, 0.08f), dark);
        Lamps(b, ref s, length * 0.95f, width * 0.95f, belt * 0.72f);
        Wheels(b, length * 0.62f, -length * 0.6f, width * 0.97f, s.Range(0.29f, 0.34f), 0.1f, tyre, hub);
        return new(length, width);
    }

    private static Vector2 Truck(ShapeBuilder b, ref SeedStream s, int body, int dark, int glass, int tyre, int hub)
    {
        float length = s.Range(2.4f, 2.9f), width = s.Range(0.95f, 1.1f), box = s.Range(2.2f, 2.9f), cab = s.Range(0.6f, 0.75f);
        Vector3 load = s.Near(s.Pick<Vector3>([Colours.White, Colours.Grey, Colours.Blue, Colours.Rust]));
        int cargo = b.Add(new Material(s.Chance(0.5) ? Pattern.Corrugated : Pattern.Plain, load, load, 0.25f, 0.08f, 0.5f, s.SurfaceSeed()));
        float start = length - 2 * cab - 0.1f;
        b.Box(new((start - length) / 2, 0, (box + 0.75f) / 2), new((start + length) / 2, width, (box - 0.75f) / 2), cargo);
        b.Tapered(new(length - cab, 0, 1.25f), new(cab, width * 0.93f, 0.8f), -1, s.Range(0.5f, 0.8f), 0.95f, body);
        b.Tapered(new(length - cab * 0.85f, 0, 1.6f), new(cab * 0.9f, width * 0.945f, 0.27f), -0.6f, 0.8f, 0.985f, glass);
        b.Box(new(0, 0, 0.6f), new(length * 0.96f, width * 0.7f, 0.12f), dark);
        Lamps(b, ref s, length, width * 0.9f, 0.7f);
        Wheels(b, length * 0.7f, -length * 0.6f, width * 0.92f, 0.42f, 0.14f, tyre, hub);
        return new(length, width);
    }

    private static Vector2 Cart(ShapeBuilder b, ref SeedStream s, int body, int dark, int tyre, int hub)
    {
        float length = s.Range(0.7f, 1.15f), width = s.Range(0.4f, 0.6f), deck = s.Range(0.32f, 0.5f);
        b.Box(new(0, 0, deck), new(length, width, 0.06f), body);
        b.Tapered(new(length * 0.6f, 0, deck + 0.3f), new(length * 0.38f, width * 0.9f, 0.26f), -0.8f, 0.7f, 0.85f, body);
        b.Box(new(length * 0.1f, 0, deck + 0.2f), new(0.18f, width * 0.6f, 0.12f), dark);
        b.Box(new(-length * 0.12f, 0, deck + 0.5f), new(0.05f, width * 0.6f, 0.25f), dark);
        b.Bar(new(length * 0.45f, 0, deck + 0.5f), new(length * 0.25f, 0, deck + 0.85f), 0.025f, 0.02f, dark);
        b.Bar(new(length * 0.25f, -0.18f, deck + 0.85f), new(length * 0.25f, 0.18f, deck + 0.85f), 0.02f, 0.02f, dark);
        if (s.Chance(0.5))
        {
            foreach (int side in (ReadOnlySpan<int>)[1, -1])
                b.Bar(new(-length * 0.95f, side * width * 0.9f, deck), new(-length * 0.95f, side * width * 0.9f, deck + 0.7f), 0.02f, 0.02f, dark);
            b.Bar(new(-length * 0.95f, -width * 0.9f, deck + 0.7f), new(-length * 0.95f, width * 0.9f, deck + 0.7f), 0.02f, 0.02f, dark);
        }
        Wheels(b, length * 0.7f, -length * 0.7f, width, s.Range(0.16f, 0.22f), 0.06f, tyre, hub);
        return new(length, width);
    }

    private static void Lamps(ShapeBuilder b, ref SeedStream s, float length, float width, float height)
    {
        int front = b.Paint(ref s, Colours.White, 0.4f, 0), rear = b.Paint(ref s, Colours.Red, 0.3f, 0);
        foreach (int side in (ReadOnlySpan<int>)[1, -1])
        {
            b.Ellipsoid(new(length * 0.96f, side * width * 0.75f, height), new(0.1f, 0.14f, 0.09f), front);
            b.Box(new(-length, side * width * 0.8f, height), new(0.02f, 0.09f, 0.12f), rear);
        }
    }

    private static void Wheels(ShapeBuilder b, float front, float rear, float width, float radius, float half, int tyre, int hub)
    {
        foreach (float x in (ReadOnlySpan<float>)[front, rear])
        {
            foreach (int side in (ReadOnlySpan<int>)[1, -1])
            {
                float y = side * (width - half * 0.8f);
                b.Bar(new(x, y - half, radius), new(x, y + half, radius), radius, radius, tyre);
                b.Bar(new(x, y - half * 1.08f, radius), new(x, y + half * 1.08f, radius), radius * 0.55f, radius * 0.55f, hub);
            }
        }
    }
}
