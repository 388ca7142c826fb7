namespace Sightline.Simulation.Rendering;

/// <summary>
/// The planes of one frame, row by row. Rows and columns are padded to whole blocks of 4×4 pixels; the padding is rendered like the
/// rest and never read by labels or files.
/// </summary>
internal sealed class FrameBuffers
{
    /// <summary>Makes room for a frame.</summary>
    public FrameBuffers(int width, int height)
    {
        Width = width;
        Height = height;
        Stride = (width + 15) & ~15;
        Rows = (height + 3) & ~3;
        int n = Stride * Rows;
        (Red, Green, Blue, Depth) = (new float[n], new float[n], new float[n], new float[n]);
        (MotionX, MotionY) = (new float[n], new float[n]);
        (Surface, Object) = (new int[n], new int[n]);
        (BlurRed, BlurGreen, BlurBlue) = (new float[n], new float[n], new float[n]);
    }

    /// <summary>The image's size in pixels.</summary>
    public int Width { get; }

    /// <summary>The image's size in pixels.</summary>
    public int Height { get; }

    /// <summary>Pixels from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>Rows with padding.</summary>
    public int Rows { get; }

    /// <summary>Linear light.</summary>
    public float[] Red { get; }

    /// <summary>Linear light.</summary>
    public float[] Green { get; }

    /// <summary>Linear light.</summary>
    public float[] Blue { get; }

    /// <summary>Linear light after blur.</summary>
    public float[] BlurRed { get; }

    /// <summary>Linear light after blur.</summary>
    public float[] BlurGreen { get; }

    /// <summary>Linear light after blur.</summary>
    public float[] BlurBlue { get; }

    /// <summary>Depth along the camera's axis in metres; infinite for the sky.</summary>
    public float[] Depth { get; }

    /// <summary>How far the surface moves over the image while the shutter is open, in pixels.</summary>
    public float[] MotionX { get; }

    /// <summary>How far the surface moves over the image while the shutter is open, in pixels.</summary>
    public float[] MotionY { get; }

    /// <summary>Which primitive is seen (−1: sky); the second highest bit tells whether the sun reaches it.</summary>
    public int[] Surface { get; }

    /// <summary>The object seen, or minus the semantic class of what is no object.</summary>
    public int[] Object { get; }
}
