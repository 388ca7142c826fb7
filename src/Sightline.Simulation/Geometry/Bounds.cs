using System.Numerics;

namespace Sightline.Simulation;

/// <summary>A box along the world's axes.</summary>
/// <param name="Min">The least corner, in metres.</param>
/// <param name="Max">The greatest corner, in metres.</param>
public readonly record struct Bounds(Vector3 Min, Vector3 Max)
{
    /// <summary>Holds nothing.</summary>
    public static Bounds Empty => new(new(float.PositiveInfinity), new(float.NegativeInfinity));

    /// <summary>The middle.</summary>
    public Vector3 Centre => (Min + Max) * 0.5f;

    /// <summary>Half the surface in square metres: what counts for the chance that a ray enters.</summary>
    public float HalfArea
    {
        get
        {
            Vector3 d = Max - Min;
            return d.X * d.Y + d.Y * d.Z + d.Z * d.X;
        }
    }

    /// <summary>The smallest box that holds both.</summary>
    /// <param name="other">The other box.</param>
    /// <returns>The union's box.</returns>
    public Bounds With(in Bounds other) => new(Vector3.Min(Min, other.Min), Vector3.Max(Max, other.Max));
}
