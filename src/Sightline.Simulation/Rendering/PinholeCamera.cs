using System.Numerics;

namespace Sightline.Simulation;

/// <summary>A pinhole camera without distortion: x right, y down, z forward; u = fx·x/z + cx, v = fy·y/z + cy, in continuous pixels.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Fx">Focal length in pixels, across.</param>
/// <param name="Fy">Focal length in pixels, down.</param>
/// <param name="Cx">Where the axis meets the image, in pixels from the left edge.</param>
/// <param name="Cy">Where the axis meets the image, in pixels from the top edge.</param>
public sealed record PinholeCamera(int Width, int Height, double Fx, double Fy, double Cx, double Cy)
{
    /// <summary>A camera with square pixels whose axis meets the middle of the image.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="horizontalView">The angle from the left edge to the right one, in radians.</param>
    /// <returns>The camera.</returns>
    public static PinholeCamera FromView(int width, int height, double horizontalView)
    {
        double focal = width / 2.0 / Math.Tan(horizontalView / 2);
        return new(width, height, focal, focal, width / 2.0, height / 2.0);
    }

    /// <summary>The ray through a place in the image, in the camera's frame; its z is 1, so distances along it are depths.</summary>
    /// <param name="u">Across, in continuous pixels; the first pixel's middle is 0.5.</param>
    /// <param name="v">Down.</param>
    /// <returns>The direction.</returns>
    public Vector3 Direction(double u, double v) => new((float)((u - Cx) / Fx), (float)((v - Cy) / Fy), 1);

    /// <summary>Where a point is seen.</summary>
    /// <param name="p">The point in the camera's frame, in metres; in front of the camera.</param>
    /// <returns>Its place in continuous pixels.</returns>
    public Vector2 Project(Vector3 p) => new((float)(Fx * p.X / p.Z + Cx), (float)(Fy * p.Y / p.Z + Cy));
}
