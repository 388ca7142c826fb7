namespace Sightline.Datasets.Files;

/// <summary>Paths inside a tree, and which of them can be trusted.</summary>
internal static class TreePath
{
    /// <summary>The folder part of a path.</summary>
    /// <param name="path">A path with '/'.</param>
    /// <returns>The folder; empty at the root.</returns>
    public static string Folder(string path) => path.LastIndexOf('/') is >= 0 and int cut ? path[..cut] : "";

    /// <summary>Joins two parts.</summary>
    /// <param name="folder">The folder; may be empty.</param>
    /// <param name="path">The rest.</param>
    /// <returns>The path.</returns>
    public static string Join(string folder, string path) => folder.Length == 0 ? path : $"{folder}/{path}";

    /// <summary>Brings a path from outside (an archive, a manifest, a label file) into the form used here.</summary>
    /// <param name="path">The path as written.</param>
    /// <returns>The path without <c>.</c> parts, or null when it is absolute or leads out of its root.</returns>
    public static string? Normalise(string path)
    {
        string slashed = path.Replace('\\', '/');
        if (slashed.StartsWith('/') || slashed.Contains('\0') || (slashed.Length > 1 && slashed[1] == ':'))
            return null;
        var parts = new List<string>();
        foreach (string part in slashed.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else
                return null;
        }
        return parts.Count == 0 ? null : string.Join('/', parts);
    }

    /// <summary>Whether a file is litter of an operating system rather than data.</summary>
    /// <param name="path">A path in the form used here.</param>
    /// <returns>Whether to pass over it.</returns>
    public static bool IsLitter(string path)
    {
        foreach (string part in path.Split('/'))
        {
            if (part.StartsWith('.') || part is "__MACOSX" or "Thumbs.db" or "desktop.ini")
                return true;
        }
        return false;
    }
}
