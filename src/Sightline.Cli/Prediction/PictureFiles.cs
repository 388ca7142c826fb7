using Sightline.Cli.Terminal;

namespace Sightline.Cli.Prediction;

/// <summary>The pictures that a person names, and names for what is made of them.</summary>
internal static class PictureFiles
{
    /// <summary>A picture, or all pictures of a folder.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <returns>The files, in a stable order.</returns>
    /// <exception cref="BadInputException">There is nothing there, or no picture (<c>image-missing</c>).</exception>
    public static IEnumerable<string> At(string path)
    {
        if (!Directory.Exists(path))
            return File.Exists(path) ? [path] : throw new BadInputException("image-missing", "There is no such file or folder.", path);
        string[] pictures = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f).ToLowerInvariant() is ".jpg" or ".jpeg" or ".png" or ".webp" or ".bmp" or ".gif").Order(StringComparer.Ordinal)];
        return pictures.Length > 0 ? pictures : throw new BadInputException("image-missing", "There are no pictures in this folder.", path);
    }

    /// <summary>A picture's own name without its ending; pictures of one name from two folders get numbers.</summary>
    /// <param name="file">The picture.</param>
    /// <param name="taken">The names given so far; gets this one too.</param>
    /// <returns>The name.</returns>
    public static string FreeName(string file, HashSet<string> taken)
    {
        string name = Path.GetFileNameWithoutExtension(file), own = name;
        for (int n = 2; !taken.Add(own); n++)
            own = $"{name}-{n}";
        return own;
    }

    /// <summary>Tells what could not be read.</summary>
    /// <param name="unreadable">The failures.</param>
    /// <returns>The exit code.</returns>
    public static int End(IReadOnlyList<BadInputException> unreadable)
    {
        foreach (BadInputException exception in unreadable)
            Messages.Error(exception.Message);
        return unreadable.Count == 0 ? ExitCode.Done : ExitCode.BadInput;
    }
}
