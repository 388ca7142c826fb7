namespace Sightline.Datasets.Files;

/// <summary>A folder on disk.</summary>
internal sealed class FolderTree : FileTree
{
    // Deeper than any data set.
    private const int MaxDepth = 24;

    private readonly string root;
    private readonly bool listed;

    private FolderTree(string root, bool listed, IEnumerable<TreeFile> files, IEnumerable<string> folders, IReadOnlyList<DataProblem> problems)
        : base(root, files, folders, problems)
    {
        this.root = root;
        this.listed = listed;
    }

    /// <summary>
    /// Opens a folder and lists all that is in it. A link to a folder is followed once: what it leads to counts under the first path, the
    /// real one before any link, so that no image is counted twice.
    /// </summary>
    /// <param name="root">The folder.</param>
    /// <returns>The tree.</returns>
    public static FolderTree List(string root)
    {
        var files = new List<TreeFile>();
        var folders = new List<string>();
        var problems = new List<DataProblem>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string realRoot = RealPath(root);
        List<string> links = Walk(root, "", realRoot, files, folders, seen);
        while (links.Count > 0)
        {
            var further = new List<string>();
            foreach (string link in links.Order(StringComparer.Ordinal))
            {
                string full = System.IO.Path.Combine(root, link), target = RealPath(full);
                if (seen.Contains(target) || (realRoot + System.IO.Path.DirectorySeparatorChar).StartsWith(target + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal))
                {
                    problems.Add(new DataProblem(
                        "folder-link-repeats", full, $"This link leads to {target}, which {(seen.Contains(target) ? "is in the set already" : "holds the set itself")}; it was not followed.",
                        "Remove the link.", StopsTraining: false));
                    continue;
                }
                folders.Add(link);
                further.AddRange(Walk(root, link, target, files, folders, seen));
            }
            links = further;
        }
        return new FolderTree(root, true, files, folders, problems);
    }

    // Lists a folder and what is below it, without following links to folders: those come back.
    private static List<string> Walk(string root, string top, string realTop, List<TreeFile> files, List<string> folders, HashSet<string> seen)
    {
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.System, IgnoreInaccessible = false };
        var links = new List<string>();
        var open = new Stack<(string Path, string Real)>([(top, realTop)]);
        while (open.TryPop(out (string Path, string Real) folder))
        {
            seen.Add(folder.Real);
            foreach (FileSystemInfo entry in new DirectoryInfo(System.IO.Path.Combine(root, folder.Path)).EnumerateFileSystemInfos("*", options))
            {
                if (TreePath.IsLitter(entry.Name))
                    continue;
                string path = TreePath.Join(folder.Path, entry.Name), real = System.IO.Path.Combine(folder.Real, entry.Name);
                if (entry is FileInfo file)
                {
                    files.Add(FileAt(root, path, LengthOf(file)));
                }
                else if ((entry.Attributes & FileAttributes.ReparsePoint) != 0)
                {
                    links.Add(path);
                }
                else if (!seen.Contains(real) && path.Count(c => c == '/') < MaxDepth)
                {
                    folders.Add(path);
                    open.Push((path, real));
                }
            }
        }
        return links;
    }

    // A path without links in it: each part that is a link is put into place, from the top.
    private static string RealPath(string path)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        const int MostLinks = 40;
        for (int i = 0; i < MostLinks; i++)
        {
            var parts = new Stack<string>();
            for (string? part = full; part is not null; part = System.IO.Path.GetDirectoryName(part))
                parts.Push(part);
            if (parts.FirstOrDefault(p => new DirectoryInfo(p).LinkTarget is not null) is not string link)
                break;
            string rest = full[link.Length..].TrimStart(System.IO.Path.DirectorySeparatorChar);
            full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(link)!, new DirectoryInfo(link).LinkTarget!, rest)));
        }
        return full;
    }

    // Of a link, the length of what it leads to; 0 for what has none: pipes, devices, a link to nothing.
    private static long LengthOf(FileInfo file)
    {
        try
        {
            FileSystemInfo end = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true)!;
            return end is FileInfo { Exists: true } found ? found.Length : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Opens a folder without listing it: for label files that name what they need.</summary>
    /// <param name="root">The folder.</param>
    /// <returns>A tree whose files are found one by one.</returns>
    public static FolderTree Unlisted(string root) => new(root, false, [], [], []);

    /// <inheritdoc/>
    public override TreeFile? Find(string path)
    {
        if (listed)
            return base.Find(path);
        var file = new FileInfo(System.IO.Path.Combine(root, path));
        return file.Exists ? FileAt(root, path, LengthOf(file)) : null;
    }

    private static TreeFile FileAt(string root, string path, long length)
    {
        string full = System.IO.Path.Combine(root, path);
        return new TreeFile(path, path, full, length, () =>
        {
            try
            {
                // A pipe has no length, and reading from it would wait for ever.
                return File.Exists(full) && LengthOf(new FileInfo(full)) == 0 ? [] : File.ReadAllBytes(full);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new BadInputException("file-unreadable", $"The file cannot be read ({exception.Message})", full, fix: "Check that it exists and that you may read it.", inner: exception);
            }
        });
    }
}
