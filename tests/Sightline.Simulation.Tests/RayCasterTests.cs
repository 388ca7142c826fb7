using System.Numerics;
using Sightline.Simulation;

namespace Sightline.Tests;

public sealed class RayCasterTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 17)]
    [InlineData(3, 3, 16)]
    [InlineData(4, 7, 15)]
    [InlineData(5, 50, 1000)]
    [InlineData(6, 400, 1000)]
    [InlineData(7, 1500, 500)]
    public void Hits_are_those_of_the_plain_twin(ulong seed, int primitives, int rays)
    {
        var s = new SeedStream(seed, "caster");
        var world = new List<Primitive>();
        for (int i = 0; i < primitives; i++)
            world.Add(RandomPrimitive(ref s, i));
        var casts = new Ray[rays];
        for (int i = 0; i < rays; i++)
            casts[i] = RandomRay(ref s);
        var hits = new Hit[rays];
        new RayCaster(world).Cast(casts, hits);
        int met = 0, grazes = 0;
        for (int i = 0; i < rays; i++)
        {
            (double distance, int primitive) = ReferenceCaster.Cast(world, casts[i]);
            met += primitive >= 0 ? 1 : 0;
            if (hits[i].Primitive == primitive && (primitive < 0 || Math.Abs(hits[i].Distance - distance) <= 2e-3 + 2e-4 * distance))
                continue;
            // Another answer is right only where a nudge of the ray by a hair changes the plain twin's answer too.
            Assert.True(Grazes(world, casts[i], hits[i], distance), $"ray {i}: {casts[i]}: {hits[i]}, the twin says {primitive} at {distance}");
            grazes++;
        }
        if (primitives >= 50)
            Assert.True(met > rays / 8, $"only {met} of {rays} rays meet anything: the test would prove little");
        Assert.True(grazes <= rays / 100 + 1, $"{grazes} of {rays} rays graze");
    }

    [Theory]
    [InlineData(0.5f, 3f)]
    [InlineData(0.01f, 100f)]
    [InlineData(2f, 2.5f)]
    public void A_sphere_is_met_where_the_closed_form_says(float radius, float away)
    {
        Primitive ball = new(PrimitiveKind.Ellipsoid, Affine.Scale(new(radius)) with { Origin = new(away, 0, 0) }, 1, SemanticClass.Barrel, 0);
        for (int i = 0; i < 40; i++)
        {
            float offset = radius * (i / 20f - 1) * 0.999f;
            Hit hit = One([ball], new Ray(new(0, offset, 0), Vector3.UnitX));
            Assert.Equal(away - Math.Sqrt((double)radius * radius - (double)offset * offset), hit.Distance, 1e-5 * away + 2e-3 * radius);
            Assert.Equal((new Vector3(hit.Distance, offset, 0) - new Vector3(away, 0, 0)) / radius, hit.Normal, Near(1e-2f));
        }
        Assert.False(One([ball], new Ray(new(0, radius * 1.01f, 0), Vector3.UnitX)).IsHit);
        Assert.False(One([ball], new Ray(Vector3.Zero, -Vector3.UnitX)).IsHit);
        Assert.False(One([ball], new Ray(Vector3.Zero, Vector3.UnitX, (away - radius) * 0.99f)).IsHit);
    }

    [Fact]
    public void Rays_along_the_axes_meet_boxes_also_when_they_run_in_a_face_plane()
    {
        Primitive box = new(PrimitiveKind.Box, Affine.Scale(new(1, 2, 3)) with { Origin = new(10, 0, 0) }, 1, SemanticClass.Crate, 0);
        Hit hit = One([box], new Ray(Vector3.Zero, Vector3.UnitX));
        Assert.Equal(9, hit.Distance, 1e-5);
        Assert.Equal(-Vector3.UnitX, hit.Normal);
        Assert.False(One([box], new Ray(new(0, 2.01f, 0), Vector3.UnitX)).IsHit);
        Assert.False(One([box], new Ray(new(0, 0, -3.01f), Vector3.UnitX)).IsHit);
        Assert.Equal(7, One([box], new Ray(new(10, 0, 10), -Vector3.UnitZ)).Distance, 1e-5);
        // From inside, the ray leaves at the far face.
        Assert.Equal(1, One([box], new Ray(new(10, 0, 0), Vector3.UnitX)).Distance, 1e-5);
    }

    [Fact]
    public void A_cylinder_and_a_cone_are_met_on_side_and_caps()
    {
        Primitive can = new(PrimitiveKind.Frustum, Affine.Scale(new(0.5f, 0.5f, 1)) with { Origin = new(5, 0, 0) }, 1, SemanticClass.Barrel, 0, 1);
        Assert.Equal(4.5, One([can], new Ray(Vector3.Zero, Vector3.UnitX)).Distance, 1e-5);
        Assert.Equal(9, One([can], new Ray(new(5.2f, 0, 10), -Vector3.UnitZ)).Distance, 1e-5);
        Assert.Equal(Vector3.UnitZ, One([can], new Ray(new(5.2f, 0, 10), -Vector3.UnitZ)).Normal);
        Assert.False(One([can], new Ray(new(0, 0, 1.01f), Vector3.UnitX)).IsHit);
        Primitive cone = can with { A = 0 };
        // Half-way up the radius is half.
        Assert.Equal(4.75, One([cone], new Ray(Vector3.Zero, Vector3.UnitX)).Distance, 1e-5);
        Assert.False(One([cone], new Ray(new(0, 0, 1.5f), Vector3.UnitX)).IsHit);
        // Straight down beside the tip: at a quarter of the foot's radius the cone is three quarters high.
        Assert.Equal(9.5, One([cone], new Ray(new(5.125f, 0, 10), -Vector3.UnitZ)).Distance, 1e-4);
    }

    [Fact]
    public void Too_little_room_for_hits_is_refused() =>
        Assert.Throws<ArgumentException>(() => new RayCaster([]).Cast(new Ray[2], new Hit[1]));

    [Fact]
    public void An_empty_world_is_never_met() => Assert.Equal(Hit.None, One([], new Ray(Vector3.Zero, Vector3.UnitX)));

    internal static Primitive RandomPrimitive(ref SeedStream s, int index)
    {
        Quaternion q = Quaternion.Normalize(new((float)s.Normal(), (float)s.Normal(), (float)s.Normal(), (float)s.Normal()));
        var place = new Vector3((float)s.Uniform(-10, 10), (float)s.Uniform(-10, 10), (float)s.Uniform(-3, 3));
        var size = new Vector3((float)s.Uniform(0.05, 1.5), (float)s.Uniform(0.05, 1.5), (float)s.Uniform(0.05, 1.5));
        var kind = (PrimitiveKind)s.NextInt(5);
        Affine frame = Affine.Rigid(q, place).After(Affine.Scale(size));
        return kind switch
        {
            PrimitiveKind.Frustum => new(kind, frame, index + 1, SemanticClass.Cone, 0, (float)s.Uniform(0, 1.2)),
            PrimitiveKind.TaperedBox => new(kind, frame, index + 1, SemanticClass.Vehicle, 0, (float)s.Uniform(-1, 0), (float)s.Uniform(0, 1), (float)s.Uniform(0.05, 1)),
            PrimitiveKind.Triangle => Primitive.Triangle(frame.Point(Vector3.UnitX), frame.Point(Vector3.UnitY), frame.Point(-Vector3.UnitX), index + 1, SemanticClass.Sign, 0),
            _ => new(kind, frame, index + 1, SemanticClass.Crate, 0),
        };
    }

    private static Ray RandomRay(ref SeedStream s)
    {
        var from = new Vector3((float)s.Uniform(-12, 12), (float)s.Uniform(-12, 12), (float)s.Uniform(-4, 4));
        // One in eight runs along an axis.
        Vector3 direction = s.NextInt(8) == 0
            ? (s.NextInt(2) * 2 - 1) * (s.NextInt(3) switch { 0 => Vector3.UnitX, 1 => Vector3.UnitY, _ => Vector3.UnitZ })
            : new((float)s.Normal(), (float)s.Normal(), (float)s.Normal() * 0.3f);
        return new(from, direction, s.NextInt(4) == 0 ? (float)s.Uniform(0.1, 10) : float.PositiveInfinity);
    }

    private static bool Grazes(List<Primitive> world, Ray ray, Hit hit, double distance)
    {
        const float hair = 1e-3f;
        for (int i = 0; i < 27; i++)
        {
            var nudge = new Vector3(i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1) * hair;
            (double other, int primitive) = ReferenceCaster.Cast(world, ray with { Origin = ray.Origin + nudge, MaxDistance = ray.MaxDistance * (1 + hair * (i % 3 - 1)) });
            if (primitive == hit.Primitive && (primitive < 0 || Math.Abs(other - hit.Distance) < 0.05 + 0.01 * distance))
                return true;
        }
        return false;
    }

    private static Hit One(IReadOnlyList<Primitive> world, Ray ray)
    {
        var hits = new Hit[1];
        new RayCaster(world).Cast([ray], hits);
        return hits[0];
    }

    private static IEqualityComparer<Vector3> Near(float tolerance) =>
        EqualityComparer<Vector3>.Create((a, b) => Vector3.Distance(a, b) <= tolerance, _ => 0);
}
