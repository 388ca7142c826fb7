namespace Sightline.Datasets.Windows;

/// <summary>Which windows <see cref="ObjectWindows"/> cuts out of the images of a detection set.</summary>
public sealed record WindowOptions
{
    /// <summary>The class of the objects to be found; all others are background.</summary>
    public required string Class { get; init; }

    /// <summary>The window's side after scaling, in pixels.</summary>
    public int Side { get; init; } = 64;

    /// <summary>The smallest window, in pixels of the image.</summary>
    public int SmallestWindow { get; init; } = 64;

    /// <summary>The largest window, in pixels of the image.</summary>
    public int LargestWindow { get; init; } = 160;

    /// <summary>The fewest objects of a window that has any.</summary>
    public int Least { get; init; } = 1;

    /// <summary>The most objects of a window.</summary>
    public int Most { get; init; } = 1;

    /// <summary>Windows with objects that each image gives, where there are so many.</summary>
    public int PerImage { get; init; } = 3;

    /// <summary>Windows without any object that each image gives, where there are so many.</summary>
    public int EmptyPerImage { get; init; } = 1;

    /// <summary>
    /// The longer side, in pixels of the scaled window, below which an object can't be asked of a network. A window that shows a smaller
    /// one is not used: it would be wrong to call it there, and wrong to call it absent.
    /// </summary>
    public double SmallestObject { get; init; } = 8;

    /// <summary>The hidden share above which an object makes a window unusable in the same way, 0–1.</summary>
    public double MostHidden { get; init; } = 0.5;

    /// <summary>The share of an object's box that has to be inside, 0–1; a window that cuts off more is not used.</summary>
    public double LeastInside { get; init; } = 0.8;

    /// <summary>Windows drawn in each image before it is given up.</summary>
    public int Tries { get; init; } = 300;

    /// <summary>The seed that windows are drawn with.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="BadInputException">A number is out of its range (<c>window-option</c>).</exception>
    public void Check()
    {
        Within("side", Side, 1, 4096);
        Within("smallest window", SmallestWindow, 1, 65_536);
        Within("largest window", LargestWindow, SmallestWindow, 65_536);
        Within("fewest objects", Least, 1, 10_000);
        Within("most objects", Most, Least, 10_000);
        Within("windows per image", PerImage, 0, 10_000);
        Within("empty windows per image", EmptyPerImage, 0, 10_000);
        Within("smallest object", SmallestObject, 0, Side);
        Within("hidden share", MostHidden, 0, 1);
        Within("share inside", LeastInside, 0, 1);
        Within("tries", Tries, 1, 1_000_000);
    }

    private static void Within(string name, double value, double low, double high)
    {
        if (!(value >= low && value <= high))
            throw new BadInputException("window-option", FormattableString.Invariant($"The {name} must be between {low} and {high}, not {value}."));
    }
}
