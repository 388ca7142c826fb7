using System.Numerics;

namespace Sightline.Simulation.Recording;

/// <summary>How the camera sits on the robot.</summary>
internal static class CameraMount
{
    /// <summary>Where it is on the body: x forward, y left, z up, in metres.</summary>
    public static Vector3 Position { get; } = new(0.25f, 0, 1.05f);

    /// <summary>Body from camera: the camera looks forward and a little down.</summary>
    public static Quaternion Rotation { get; } = Quaternion.Normalize(
        Quaternion.CreateFromAxisAngle(Vector3.UnitY, 0.10f) * FromAxes(-Vector3.UnitY, -Vector3.UnitZ, Vector3.UnitX));

    /// <summary>The same as a map of points.</summary>
    public static Affine BodyFromCamera { get; } = Affine.Rigid(Rotation, Position);

    private static Quaternion FromAxes(Vector3 x, Vector3 y, Vector3 z) => Quaternion.CreateFromRotationMatrix(new Matrix4x4(
        x.X, x.Y, x.Z, 0, y.X, y.Y, y.Z, 0, z.X, z.Y, z.Z, 0, 0, 0, 0, 1));
}
