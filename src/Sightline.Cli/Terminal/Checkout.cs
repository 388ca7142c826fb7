namespace Sightline.Cli.Terminal;

/// <summary>The checkout that this command runs from, when there is one.</summary>
internal static class Checkout
{
    /// <summary>Looks for <c>Sightline.slnx</c> from the working folder and from the program's folder upwards.</summary>
    /// <returns>The repository's root, or null for an installed tool.</returns>
    public static string? Root()
    {
        foreach (string start in (string[])[Environment.CurrentDirectory, AppContext.BaseDirectory])
        {
            for (string? folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, "Sightline.slnx")))
                    return folder;
            }
        }
        return null;
    }

    /// <summary>The repository's root.</summary>
    /// <param name="what">What needs it, for the message.</param>
    /// <returns>The root.</returns>
    /// <exception cref="BadInputException">There is none.</exception>
    public static string Require(string what) => Root()
        ?? throw new BadInputException("no-checkout", $"{what} needs a checkout of the project, and none is here.", fix: "Run ./sightline from a clone.");
}
