using Sightline.Simulation.Surfaces;

namespace Sightline.Simulation.Worlds;

/// <summary>Everything that a drive sees: what stands, what moves, the light, and the robot's way.</summary>
/// <param name="Materials">The materials that primitives refer to.</param>
/// <param name="Standing">What does not move, with its tree.</param>
/// <param name="Movers">What moves, in the order of their primitives.</param>
/// <param name="Objects">The labelled objects, by track id from 1.</param>
/// <param name="Weather">Light and air.</param>
/// <param name="Path">The robot's way.</param>
/// <param name="GroundLight">How much of the sky the ground sees.</param>
internal sealed record Yard(
    IReadOnlyList<Material> Materials,
    RayCaster Standing,
    IReadOnlyList<Mover> Movers,
    IReadOnlyList<WorldObject> Objects,
    Weather Weather,
    RobotPath Path,
    GroundLight GroundLight)
{
    /// <summary>All moving primitives at a moment.</summary>
    /// <param name="seconds">Time since the drive began.</param>
    /// <returns>Always the same primitives in the same order.</returns>
    public List<Primitive> Moving(double seconds)
    {
        var parts = new List<Primitive>();
        foreach (Mover mover in Movers)
            mover.Parts(seconds, parts);
        return parts;
    }
}
