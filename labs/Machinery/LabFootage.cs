using Sightline.Datasets;
using Sightline.Simulation;

namespace Sightline.Labs;

/// <summary>The footage that labs share: recorded once and kept, since the same seed gives the same frames.</summary>
internal static class LabFootage
{
    /// <summary>How many drives there are, each through a yard of its own.</summary>
    public const int Drives = 42;

    /// <summary>How many frames each has, one a second.</summary>
    public const int FramesPerDrive = 15;

    /// <summary>The seed of the yards.</summary>
    public const ulong Seed = 19;

    /// <summary>The cut-outs of a recording's objects.</summary>
    /// <param name="context">Progress and cancellation.</param>
    /// <param name="drives">Drives.</param>
    /// <param name="frames">Frames of each.</param>
    /// <param name="perSecond">Frames a second.</param>
    /// <param name="seed">The seed of the yards.</param>
    /// <returns>The set; each sample knows its drive.</returns>
    public static ImageSet Open(LabContext context, int drives = Drives, int frames = FramesPerDrive, double perSecond = 1, ulong seed = Seed) =>
        ImageSet.Open(Record(context, drives, frames, perSecond, seed));

    /// <summary>The recording itself.</summary>
    /// <param name="context">Progress and cancellation.</param>
    /// <param name="drives">Drives.</param>
    /// <param name="frames">Frames of each.</param>
    /// <param name="perSecond">Frames a second.</param>
    /// <param name="seed">The seed of the yards.</param>
    /// <returns>Its folder.</returns>
    public static string Record(LabContext context, int drives = Drives, int frames = FramesPerDrive, double perSecond = 1, ulong seed = Seed)
    {
        string folder = Path.Combine(DataFolders.Cache(), FormattableString.Invariant($"lab-footage-{seed}-{drives}x{frames}"));
        var options = new RecordingOptions { Seed = seed, Drives = drives, FramesPerDrive = frames, FramesPerSecond = perSecond };
        return Recorder.RecordOnce(options, folder, context.Progress, context.Cancellation);
    }

    /// <summary>The footage with every third drive held out.</summary>
    /// <param name="context">Its seed, 1 to 3, says which.</param>
    /// <param name="side">Side in pixels.</param>
    /// <returns>The images.</returns>
    public static LabImages ByDrives(LabContext context, int side)
    {
        ImageSet set = Open(context);
        Func<ImageSample, bool> held = Third(set, context.Seed);
        return LabImages.From(set, [.. set.Samples.Where(s => !held(s))], [.. set.Samples.Where(held)], side, context.Cancellation);
    }

    /// <summary>Every third drive, from the seed-th on: over three seeds each is held out once.</summary>
    /// <param name="set">The set.</param>
    /// <param name="seed">1, 2 or 3.</param>
    /// <returns>Whether a sample is held out.</returns>
    public static Func<ImageSample, bool> Third(ImageSet set, ulong seed)
    {
        Func<string, bool> third = Third(set.Samples.Select(s => s.Group!), seed);
        return s => third(s.Group!);
    }

    /// <summary>Every third drive, from the seed-th on.</summary>
    /// <param name="drives">The drives, perhaps many times each.</param>
    /// <param name="seed">1, 2 or 3.</param>
    /// <returns>Whether a drive is held out.</returns>
    public static Func<string, bool> Third(IEnumerable<string> drives, ulong seed)
    {
        string[] all = [.. drives.Distinct().Order(StringComparer.Ordinal)];
        return new HashSet<string>(all.Where((_, i) => i % 3 == (int)((seed - 1) % 3)), StringComparer.Ordinal).Contains;
    }
}
