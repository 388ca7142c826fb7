using System.Numerics;
using Sightline.Simulation.Worlds;

namespace Sightline.Simulation.Rendering;

/// <summary>One frame to render: the world and the camera while the shutter is open.</summary>
internal sealed class FrameView
{
    /// <summary>Sets up a frame.</summary>
    /// <param name="yard">The world.</param>
    /// <param name="camera">The camera.</param>
    /// <param name="bodyFromCamera">How it is mounted.</param>
    /// <param name="seconds">The middle of the exposure, since the drive began.</param>
    /// <param name="noiseSeed">Makes the sensor's noise of this frame.</param>
    public FrameView(Yard yard, PinholeCamera camera, Affine bodyFromCamera, double seconds, int noiseSeed)
    {
        (Yard, Camera, NoiseSeed) = (yard with { Weather = yard.Weather.At(seconds) }, camera, noiseSeed);
        double half = yard.Weather.ShutterSeconds / 2;
        Robot = yard.Path.At(seconds);
        WorldFromCamera = Robot.Frame.After(bodyFromCamera);
        CameraAtOpening = yard.Path.At(seconds - half).Frame.After(bodyFromCamera).Inverse();
        CameraAtClosing = yard.Path.At(seconds + half).Frame.After(bodyFromCamera).Inverse();
        CameraFromWorld = WorldFromCamera.Inverse();
        MovingParts = yard.Moving(seconds);
        MovingAtOpening = yard.Moving(seconds - half);
        MovingAtClosing = yard.Moving(seconds + half);
        Scene = new FrameScene(yard.Standing, new RayCaster(MovingParts));
    }

    /// <summary>The world.</summary>
    public Yard Yard { get; }

    /// <summary>The camera.</summary>
    public PinholeCamera Camera { get; }

    /// <summary>Makes the sensor's noise of this frame.</summary>
    public int NoiseSeed { get; }

    /// <summary>Where the robot is in the middle of the exposure.</summary>
    public RobotPose Robot { get; }

    /// <summary>World from camera in the middle of the exposure.</summary>
    public Affine WorldFromCamera { get; }

    /// <summary>Camera from world in the middle of the exposure.</summary>
    public Affine CameraFromWorld { get; }

    /// <summary>Camera from world when the shutter opens.</summary>
    public Affine CameraAtOpening { get; }

    /// <summary>Camera from world when the shutter closes.</summary>
    public Affine CameraAtClosing { get; }

    /// <summary>What moves, in the middle of the exposure.</summary>
    public List<Primitive> MovingParts { get; }

    /// <summary>What moves, when the shutter opens.</summary>
    public List<Primitive> MovingAtOpening { get; }

    /// <summary>What moves, when the shutter closes.</summary>
    public List<Primitive> MovingAtClosing { get; }

    /// <summary>What rays can meet in the middle of the exposure.</summary>
    public FrameScene Scene { get; }
}
