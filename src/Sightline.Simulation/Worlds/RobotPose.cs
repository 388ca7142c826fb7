using System.Numerics;

namespace Sightline.Simulation.Worlds;

/// <summary>World from body.</summary>
/// <param name="Position">The body's origin in the world, in metres.</param>
/// <param name="Rotation">Its attitude, a unit quaternion.</param>
internal readonly record struct RobotPose(Vector3 Position, Quaternion Rotation)
{
    /// <summary>The same as a map of points.</summary>
    public Affine Frame => Affine.Rigid(Rotation, Position);
}
