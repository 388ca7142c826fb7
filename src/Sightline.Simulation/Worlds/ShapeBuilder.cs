using System.Numerics;
using Sightline.Simulation.Surfaces;

namespace Sightline.Simulation.Worlds;

/// <summary>Collects the primitives of one thing in its own frame: x forward, y left, z up, standing at the origin, metres.</summary>
/// <param name="materials">The world's materials; new ones are appended.</param>
internal sealed class ShapeBuilder(List<Material> materials)
{
    private readonly List<Primitive> parts = [];

    /// <summary>The world's materials, for parts that are built again later.</summary>
    public List<Material> Materials => materials;

    /// <summary>The parts so far.</summary>
    public IReadOnlyList<Primitive> Parts => parts;

    /// <summary>Adds a material.</summary>
    public int Add(Material material)
    {
        materials.Add(material);
        return materials.Count - 1;
    }

    /// <summary>Adds a material of one colour.</summary>
    public int Paint(ref SeedStream s, Vector3 colour, float gloss = 0.05f, float dirt = 0.3f) =>
        Add(new Material(Pattern.Plain, colour, colour, 1, gloss, dirt, s.SurfaceSeed()));

    /// <summary>Adds a box by its middle and half its sides.</summary>
    public void Box(Vector3 centre, Vector3 half, int material) => Add(PrimitiveKind.Box, Affine.Scale(half) with { Origin = centre }, material);

    /// <summary>Adds a box that is turned.</summary>
    public void Box(in Affine place, Vector3 half, int material) => Add(PrimitiveKind.Box, place.After(Affine.Scale(half)), material);

    /// <summary>Adds an ellipsoid by its middle and radii.</summary>
    public void Ellipsoid(Vector3 centre, Vector3 radii, int material) =>
        Add(PrimitiveKind.Ellipsoid, Affine.Scale(radii) with { Origin = centre }, material);

    /// <summary>Adds a round bar from one point to another.</summary>
    /// <param name="from">The middle of one end.</param>
    /// <param name="to">The middle of the other.</param>
    /// <param name="start">The radius at the first end; the larger of the two.</param>
    /// <param name="end">The radius at the other end.</param>
    /// <param name="material">Its material.</param>
    /// <param name="flat">Its second radius as a share of the first.</param>
    public void Bar(Vector3 from, Vector3 to, float start, float end, int material, float flat = 1)
    {
        Vector3 axis = (to - from) * 0.5f, z = Vector3.Normalize(axis);
        Vector3 x = MathF.Abs(z.Z) > 0.9f ? Vector3.Normalize(Vector3.UnitX - Vector3.Dot(Vector3.UnitX, z) * z) : Vector3.Normalize(Vector3.Cross(Vector3.UnitZ, z));
        Vector3 y = Vector3.Cross(z, x);
        Add(PrimitiveKind.Frustum, new(x * start * flat, y * start, axis, (from + to) * 0.5f), material, end / start);
    }

    /// <summary>Adds a box with a smaller lid.</summary>
    /// <param name="centre">Its middle.</param>
    /// <param name="half">Half its sides at the bottom.</param>
    /// <param name="back">Where the lid starts in x, −1 to 1.</param>
    /// <param name="front">Where it ends.</param>
    /// <param name="side">How far it reaches to the sides, 0–1.</param>
    /// <param name="material">Its material.</param>
    public void Tapered(Vector3 centre, Vector3 half, float back, float front, float side, int material) =>
        Add(PrimitiveKind.TaperedBox, Affine.Scale(half) with { Origin = centre }, material, back, front, side);

    /// <summary>The smallest box around all parts when put somewhere.</summary>
    public Bounds BoundsAt(in Affine pose)
    {
        Bounds all = Bounds.Empty;
        foreach (Primitive part in parts)
            all = all.With((part with { Frame = pose.After(part.Frame) }).Bounds());
        return all;
    }

    /// <summary>The parts, put somewhere and given to an object.</summary>
    public IEnumerable<Primitive> Placed(Affine pose, int @object, SemanticClass semantic) =>
        parts.Select(p => p with { Frame = pose.After(p.Frame), Object = @object, Semantic = semantic });

    private void Add(PrimitiveKind kind, Affine frame, int material, float a = 1, float b = 1, float c = 1) =>
        parts.Add(new Primitive(kind, frame, 0, SemanticClass.Wall, material, a, b, c));
}
