using System.Numerics;

namespace Sightline.Simulation;

/// <summary>The nearest thing that a ray meets.</summary>
/// <param name="Distance">How far along the ray, in multiples of its direction; infinite when it meets nothing.</param>
/// <param name="Primitive">Which primitive, as an index into the caster's; −1 for none.</param>
/// <param name="Object">The <see cref="Simulation.Primitive.Object"/> of that primitive; 0 for none.</param>
/// <param name="Normal">The surface's outward normal there, of length 1, turned against the ray for triangles; zero for none.</param>
public readonly record struct Hit(float Distance, int Primitive, int Object, Vector3 Normal)
{
    /// <summary>A ray that meets nothing.</summary>
    public static Hit None => new(float.PositiveInfinity, -1, 0, Vector3.Zero);

    /// <summary>Whether the ray meets anything.</summary>
    public bool IsHit => Primitive >= 0;
}
