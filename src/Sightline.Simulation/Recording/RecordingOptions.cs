namespace Sightline.Simulation;

/// <summary>What to record.</summary>
public sealed record RecordingOptions
{
    /// <summary>Everything random derives from this: yards, objects, weather, ways, noise.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many drives; each has a yard, objects, weather and a way of its own.</summary>
    public int Drives { get; init; } = 4;

    /// <summary>How many frames each drive has.</summary>
    public int FramesPerDrive { get; init; } = 300;

    /// <summary>Frames per second of the camera: how far the robot moves from one to the next.</summary>
    public double FramesPerSecond { get; init; } = 4;

    /// <summary>Width of the images in pixels.</summary>
    public int Width { get; init; } = 320;

    /// <summary>Height of the images in pixels.</summary>
    public int Height { get; init; } = 240;

    /// <summary>The camera's angle of view from left to right, in radians.</summary>
    public double HorizontalView { get; init; } = 70 * Math.PI / 180;

    /// <summary>Whether to write depth images (16-bit PNG, millimetres along the camera's axis, 0 for the sky and beyond 65.535 m).</summary>
    public bool Depth { get; init; }

    /// <summary>0–1: how much fog, noise, blur and wrong exposure there may be, and how often things look unlike their kind.</summary>
    public double Difficulty { get; init; } = 0.3;

    /// <summary>
    /// Length and width of the yards, relative to ordinary ones of 48–60 × 36–46 m: a longer way past as many times more things. A drive
    /// once around takes about 75 seconds times this.
    /// </summary>
    public double YardScale { get; init; } = 1;

    /// <summary>Objects with fewer visible pixels are not annotated (the semantic image shows them all the same).</summary>
    public int LeastPixels { get; init; } = 12;

    /// <summary>Quality of the JPEG files, 1–100.</summary>
    public int JpegQuality { get; init; } = 90;

    /// <summary>How many threads render; 0 for one per core. The files don't depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Whether a recording that is already there may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="BadInputException">A number is out of its range (<c>record-option</c>).</exception>
    public void Check()
    {
        Within("--drives", Drives, 1, 999);
        Within("--frames", FramesPerDrive, 1, 100_000);
        Within("the width of --size", Width, 16, 8192);
        Within("the height of --size", Height, 16, 8192);
        Within("--quality", JpegQuality, 1, 100);
        Within("--threads", Threads, 0, 1024);
        Within("the least number of pixels", LeastPixels, 1, int.MaxValue);
        Within("--fps", FramesPerSecond, 0.01, 10_000);
        Within("--difficulty", Difficulty, 0, 1);
        Within("--yard", YardScale, 1, 6);
        Within("the horizontal view in radians", HorizontalView, 0.05, 2.8);
    }

    private static void Within(string name, double value, double low, double high)
    {
        if (!(value >= low && value <= high))
            throw new BadInputException("record-option", FormattableString.Invariant($"{char.ToUpperInvariant(name[0])}{name[1..]} is {value}; expected {low} to {high}."));
    }
}
