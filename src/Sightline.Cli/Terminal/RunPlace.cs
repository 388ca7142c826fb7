namespace Sightline.Cli.Terminal;

/// <summary>Where runs are written when nobody says, and how their folders are shown.</summary>
internal static class RunPlace
{
    /// <summary>A folder in <c>runs</c> that is not there yet.</summary>
    /// <param name="name">What is trained; characters that no folder should have are replaced.</param>
    /// <param name="ending">What stands behind the name.</param>
    /// <returns>The path.</returns>
    public static string For(string name, string ending = "")
    {
        string safe = string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')).TrimStart('.');
        return Free(Path.Combine("runs", (safe.Length > 0 ? safe : "run") + ending));
    }

    /// <summary>A folder that is not there yet.</summary>
    /// <param name="folder">The one that is wanted.</param>
    /// <returns>It, or the first of it numbered from 2.</returns>
    public static string Free(string folder) =>
        !Path.Exists(folder) ? folder : Enumerable.Range(2, int.MaxValue - 2).Select(i => $"{folder}-{i}").First(f => !Path.Exists(f));

    /// <summary>A folder as it is shown: from the working folder where it lies below it, else whole.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The path to type.</returns>
    public static string Shown(string folder)
    {
        string near = Path.GetRelativePath(Directory.GetCurrentDirectory(), folder);
        return near.StartsWith("..", StringComparison.Ordinal) ? folder : near;
    }
}
