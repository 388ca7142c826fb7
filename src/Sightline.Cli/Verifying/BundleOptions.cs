using System.CommandLine;

namespace Sightline.Cli.Verifying;

/// <summary>A bundle that was asked for beside a model file.</summary>
/// <param name="Path">Where: a folder or a <c>.zip</c>.</param>
/// <param name="Frames">How many golden frames.</param>
/// <param name="Licence">The licence that it names; null for none.</param>
/// <param name="Data">Where the run's images are, if they moved.</param>
internal sealed record BundleOptions(string Path, int Frames, string? Licence, string? Data)
{
    private const int DefaultFrames = 16, MostFrames = 1000;

    /// <summary>The option that asks for one.</summary>
    /// <returns>The option.</returns>
    public static Option<string?> Bundle() => new("--bundle") { Description = "Write beside it a bundle for the robot, a folder or .zip: the file with golden frames and every stage of their way.", HelpName = "PATH" };

    /// <summary>The option for the number of golden frames.</summary>
    /// <returns>The option.</returns>
    public static Option<int?> Golden() => new("--golden") { Description = $"How many golden frames the bundle holds (default: {DefaultFrames}), from the validation images.", HelpName = "N" };

    /// <summary>The option for the licence.</summary>
    /// <returns>The option.</returns>
    public static Option<string?> Named() => new("--licence") { Description = "The licence that the bundle names, e.g. MIT." };

    /// <summary>Puts together what was typed.</summary>
    /// <param name="bundle">Where.</param>
    /// <param name="golden">How many frames.</param>
    /// <param name="licence">The licence.</param>
    /// <param name="data">Where the images are.</param>
    /// <returns>What is wanted; null for no bundle.</returns>
    /// <exception cref="BadInputException">Options of a bundle without one, or a place that is taken.</exception>
    public static BundleOptions? Of(string? bundle, int? golden, string? licence, string? data)
    {
        if (bundle is null && (golden is not null || licence is not null))
            throw new BadInputException("usage", "--golden and --licence are for a bundle.", fix: "Add --bundle PATH.");
        if (golden is < 1 or > MostFrames)
            throw new BadInputException("usage", $"--golden is {golden}; expected 1 to {MostFrames}.");
        if (bundle is not null && !bundle.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) && System.IO.Path.Exists(bundle))
            throw new BadInputException("bundle-exists", "Something stands there already.", bundle, fix: "Remove it, or choose another folder.");
        return bundle is null ? null : new BundleOptions(bundle, golden ?? DefaultFrames, licence, data);
    }
}
