namespace Sightline.Simulation.Rendering;

/// <summary>What sixteen rays see.</summary>
internal struct Shaded
{
    /// <summary>Linear light.</summary>
    public Lanes Red, Green, Blue;

    /// <summary>Movement over the image in pixels while the shutter is open.</summary>
    public Lanes MotionX, MotionY;

    /// <summary>Primitive and sun, see <see cref="FrameBuffers.Surface"/>.</summary>
    public IntLanes Surface;

    /// <summary>Object or minus the class.</summary>
    public IntLanes Object;
}
