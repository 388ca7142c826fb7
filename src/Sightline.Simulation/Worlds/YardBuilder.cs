using System.Numerics;
using Sightline.Simulation.Worlds.Shapes;

namespace Sightline.Simulation.Worlds;

/// <summary>Lays out a yard: surroundings first, then what moves, then what stands, wherever there is room beside the robot's way.</summary>
internal sealed class YardBuilder
{
    private readonly List<Primitive> standing = [];
    private readonly List<WorldObject> objects = [];
    private readonly List<Mover> movers = [];
    private readonly List<(Vector2 Place, float Radius)> taken = [];
    private readonly ShapeBuilder materials = new([]);
    private readonly RobotPath path;
    private readonly float halfLength, halfWidth, oddity, scale;
    private int movingParts;

    private YardBuilder(ref SeedStream s, float difficulty, float scale)
    {
        oddity = difficulty;
        this.scale = scale;
        halfLength = s.Range(24, 30) * scale;
        halfWidth = s.Range(18, 23) * scale;
        path = new RobotPath(ref s, halfLength, halfWidth, scale);
    }

    /// <summary>Builds the yard of a drive.</summary>
    /// <param name="seed">The recording's seed.</param>
    /// <param name="drive">The drive, from 1.</param>
    /// <param name="difficulty">0–1.</param>
    /// <param name="scale">Length and width relative to an ordinary yard; as many times more things stand along the longer way.</param>
    /// <returns>The yard.</returns>
    public static Yard Build(ulong seed, int drive, float difficulty, float scale = 1)
    {
        var layout = new SeedStream(seed, "layout", drive);
        var builder = new YardBuilder(ref layout, difficulty, scale);
        var surroundings = new SeedStream(seed, "surroundings", drive);
        builder.standing.AddRange(Surroundings.Build(builder.materials.Materials, ref surroundings, builder.halfLength, builder.halfWidth, scale));
        var traffic = new SeedStream(seed, "traffic", drive);
        builder.AddMovers(ref traffic);
        builder.AddRacks(ref layout);
        var things = new SeedStream(seed, "things", drive);
        builder.AddThings(ref things);
        var weather = new SeedStream(seed, "weather", drive);
        var standing = new RayCaster(builder.standing);
        var groundLight = new GroundLight(standing, builder.halfLength, builder.halfWidth);
        return new(
            builder.materials.Materials, standing, builder.movers, builder.objects, Weather.Draw(ref weather, difficulty), builder.path, groundLight);
    }

    private void AddMovers(ref SeedStream s)
    {
        int people = Many(5 + s.NextInt(3)), vehicles = Many(2 + s.NextInt(2));
        for (int i = 0; i < people + vehicles; i++)
        {
            bool person = i >= vehicles;
            float reach = person ? 0.45f : 1.9f;
            for (int attempt = 0; attempt < 200; attempt++)
            {
                float radius = person ? s.Range(1.2f, 3.2f) : s.Range(2.6f, 4f);
                var centre = new Vector2(s.Range(-1, 1) * (halfLength - radius - reach - 1.5f), s.Range(-1, 1) * (halfWidth - radius - reach - 1.5f));
                if (path.Samples().Any(p => MathF.Abs(Vector2.Distance(p, centre) - radius) < reach + 0.8f) || !IsFree(centre, radius + reach))
                    continue;
                taken.Add((centre, radius + reach));
                Add(ref s, person, centre, radius);
                break;
            }
        }
    }

    private void Add(ref SeedStream s, bool person, Vector2 centre, float radius)
    {
        int id = objects.Count + 1;
        var shape = new ShapeBuilder(materials.Materials);
        PersonShape? walker = null;
        if (person)
        {
            walker = new PersonShape(shape, ref s);
            walker.Build(shape, 0, 0);
        }
        else
        {
            VehicleShape.Build(shape, ref s, s.Pick<int>([0, 0, 4]));
        }
        float speed = (person ? s.Range(0.7f, 1.5f) : s.Range(0.8f, 1.8f)) * (s.Chance(0.5) ? 1 : -1);
        SemanticClass kind = person ? SemanticClass.Person : SemanticClass.Vehicle;
        movers.Add(new Mover(centre, radius, speed, s.Range(0, 6.28f), id, kind, person ? null : [.. shape.Parts], walker));
        objects.Add(new WorldObject(id, kind, movingParts, shape.Parts.Count, true));
        movingParts += shape.Parts.Count;
    }

    private void AddRacks(ref SeedStream s)
    {
        int racks = Many(6 + s.NextInt(4));
        for (int i = 0; i < racks; i++)
        {
            for (int attempt = 0; attempt < 100; attempt++)
            {
                bool alongLength = s.Chance(0.5);
                float half = s.Range(1.3f, 2.4f);
                bool atWall = s.Chance(0.6);
                float across = (alongLength ? halfWidth : halfLength) - 0.9f;
                float v = atWall ? across * (s.Chance(0.5) ? 1 : -1) : s.Range(-0.7f, 0.7f) * across;
                float u = s.Range(-0.8f, 0.8f) * (alongLength ? halfLength : halfWidth);
                Vector2 place = alongLength ? new(u, v) : new(v, u);
                Vector2 step = (alongLength ? Vector2.UnitX : Vector2.UnitY) * half * 0.66f;
                if (!(CanStand(place, 0.8f, 1.0f) && CanStand(place + step, 0.9f, 1.0f) && CanStand(place - step, 0.9f, 1.0f)))
                    continue;
                taken.Add((place, 0.85f));
                taken.Add((place + step, 0.9f));
                taken.Add((place - step, 0.9f));
                AddRack(ref s, Affine.Turn(alongLength ? 0 : MathF.PI / 2, new(place, 0)), half);
                break;
            }
        }
    }

    private void AddRack(ref SeedStream s, Affine pose, float half)
    {
        var rack = new ShapeBuilder(materials.Materials);
        IReadOnlyList<float> boards = Surroundings.Rack(rack, ref s, half);
        standing.AddRange(rack.Placed(pose, 0, SemanticClass.Shelf));
        foreach (float height in boards)
        {
            for (float x = -half + 0.45f; x < half - 0.4f; x += s.Range(0.75f, 1.3f))
            {
                if (s.Chance(0.35))
                    continue;
                bool barrel = s.Chance(0.25);
                SemanticClass kind = barrel ? SemanticClass.Barrel : SemanticClass.Crate;
                Affine spot = pose.After(Affine.Turn(s.Range(-0.2f, 0.2f), new(x, s.Range(-0.08f, 0.08f), 0)));
                AddStanding(Shape(kind, ref s, 0.36f), spot, kind, height);
            }
        }
    }

    private void AddThings(ref SeedStream s)
    {
        AddMany(ref s, SemanticClass.Vehicle, 16 + s.NextInt(4));
        AddMany(ref s, SemanticClass.Pallet, 40 + s.NextInt(6));
        AddMany(ref s, SemanticClass.Crate, 26 + s.NextInt(6));
        AddMany(ref s, SemanticClass.Person, 30 + s.NextInt(6));
        AddMany(ref s, SemanticClass.Barrel, 32 + s.NextInt(6));
        AddMany(ref s, SemanticClass.Sign, 40 + s.NextInt(8));
        AddMany(ref s, SemanticClass.Cone, 46 + s.NextInt(8));
    }

    private void AddMany(ref SeedStream s, SemanticClass kind, int count)
    {
        for (int i = 0; i < Many(count); i++)
            AddOne(ref s, kind);
    }

    private int Many(int inAnOrdinaryYard) => (int)(inAnOrdinaryYard * scale);

    private void AddOne(ref SeedStream s, SemanticClass kind)
    {
        ShapeBuilder shape = Shape(kind, ref s, 0.6f);
        Bounds own = shape.BoundsAt(Affine.Identity);
        bool lies = kind is SemanticClass.Cone or SemanticClass.Barrel && s.Chance(0.06);
        float radius = MathF.Max(MathF.Max(own.Max.X, -own.Min.X), MathF.Max(own.Max.Y, -own.Min.Y));
        if (lies)
            radius = MathF.Max(radius, own.Max.Z);
        for (int attempt = 0; attempt < 300; attempt++)
        {
            var place = new Vector2(s.Range(-1, 1) * (halfLength - radius - 0.3f), s.Range(-1, 1) * (halfWidth - radius - 0.3f));
            // Most things stand where the robot passes, as close together in a large yard as in a small one.
            if (path.Distance(place) > 5 && attempt < 200 && s.Chance(1 - (0.25 / scale)))
                continue;
            if (!CanStand(place, radius, 0.65f))
                continue;
            taken.Add((place, radius));
            Affine pose = Affine.Turn(Yaw(ref s, kind, place), new(place, 0));
            if (lies)
                pose = pose.After(Affine.Rigid(Quaternion.CreateFromAxisAngle(Vector3.UnitY, MathF.PI / 2 - (kind == SemanticClass.Cone ? 0.2f : 0)), Vector3.Zero));
            float top = AddStanding(shape, pose, kind, 0);
            Stack(ref s, kind, place, top);
            return;
        }
    }

    /// <summary>Crates stand on crates and pallets, and now and then a barrel does.</summary>
    private void Stack(ref SeedStream s, SemanticClass kind, Vector2 place, float top)
    {
        if (kind is not (SemanticClass.Crate or SemanticClass.Pallet))
            return;
        for (int level = 0; level < 2 && top < 1.7f && s.Chance(kind == SemanticClass.Pallet ? 0.35 : 0.3); level++)
        {
            SemanticClass above = kind == SemanticClass.Pallet && s.Chance(0.3) ? SemanticClass.Barrel : SemanticClass.Crate;
            Affine pose = Affine.Turn(s.Range(-0.3f, 0.3f), new(place + new Vector2(s.Range(-0.1f, 0.1f), s.Range(-0.1f, 0.1f)), 0));
            top = AddStanding(Shape(above, ref s, 0.4f), pose, above, top);
        }
    }

    private float Yaw(ref SeedStream s, SemanticClass kind, Vector2 place)
    {
        if (kind != SemanticClass.Sign)
            return s.Range(0, 2 * MathF.PI);
        // Signs face the way, more or less.
        Vector2 nearest = path.Samples().MinBy(p => Vector2.DistanceSquared(p, place));
        return MathF.Atan2(nearest.Y - place.Y, nearest.X - place.X) + s.Range(-1.1f, 1.1f);
    }

    private ShapeBuilder Shape(SemanticClass kind, ref SeedStream s, float largest)
    {
        var shape = new ShapeBuilder(materials.Materials);
        switch (kind)
        {
            case SemanticClass.Cone:
                ConeShape.Build(shape, ref s, oddity);
                break;
            case SemanticClass.Barrel:
                BarrelShape.Build(shape, ref s, oddity);
                break;
            case SemanticClass.Crate:
                CrateShape.Build(shape, ref s, oddity, largest);
                break;
            case SemanticClass.Pallet:
                PalletShape.Build(shape, ref s, oddity, s.Chance(0.6) ? 1 : 2 + s.NextInt(4));
                break;
            case SemanticClass.Person:
                new PersonShape(shape, ref s).Build(shape, s.Range(0, 6), s.Range(0, 0.35f));
                break;
            case SemanticClass.Vehicle:
                VehicleShape.Build(shape, ref s, s.NextInt(5));
                break;
            default:
                SignShape.Build(shape, ref s);
                break;
        }
        return shape;
    }

    /// <summary>Adds an object so that its lowest point is at the given height.</summary>
    /// <returns>The height of its highest point.</returns>
    private float AddStanding(ShapeBuilder shape, Affine pose, SemanticClass kind, float height)
    {
        Bounds bounds = shape.BoundsAt(pose);
        float lift = height - bounds.Min.Z;
        int id = objects.Count + 1;
        objects.Add(new WorldObject(id, kind, standing.Count, shape.Parts.Count, false));
        standing.AddRange(shape.Placed(pose with { Origin = pose.Origin + new Vector3(0, 0, lift) }, id, kind));
        return bounds.Max.Z + lift;
    }

    private bool CanStand(Vector2 place, float radius, float berth) => path.Distance(place) > radius + berth && IsFree(place, radius);

    private bool IsFree(Vector2 place, float radius) =>
        taken.TrueForAll(t => Vector2.Distance(t.Place, place) > t.Radius + radius + 0.35f);
}
