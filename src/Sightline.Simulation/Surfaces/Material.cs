using System.Numerics;

namespace Sightline.Simulation.Surfaces;

/// <summary>How a surface looks. Colours are linear reflectances, 0–1.</summary>
/// <param name="Pattern">How the two colours are laid out.</param>
/// <param name="First">The first colour.</param>
/// <param name="Second">The second colour.</param>
/// <param name="Scale">The pattern's size in metres.</param>
/// <param name="Gloss">How much sky and sun it mirrors, 0–1.</param>
/// <param name="Dirt">How much dirt is on it, 0–1.</param>
/// <param name="Seed">Makes the unevenness of each surface its own.</param>
internal sealed record Material(Pattern Pattern, Vector3 First, Vector3 Second, float Scale, float Gloss, float Dirt, int Seed)
{
    /// <summary>Where the first ring starts, or other measures of the pattern.</summary>
    public float Low { get; init; }

    /// <summary>Where the first ring ends.</summary>
    public float High { get; init; }

    /// <summary>Where the second ring starts.</summary>
    public float Low2 { get; init; } = 1e9f;

    /// <summary>Where the second ring ends.</summary>
    public float High2 { get; init; } = 1e9f;

    /// <summary>Which symbol a sign's plate shows.</summary>
    public int Symbol { get; init; }
}
