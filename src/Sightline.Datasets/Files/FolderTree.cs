namespace Sightline.Datasets.Files;

/// <summary>A folder on disk.</summary>
internal sealed class FolderTree : FileTree
{
    // Deeper than any data set; ends a circle of links.
    private const int MaxDepth = 24;

    private readonly string root;
    private readonly bool listed;

    private FolderTree(string root, bool listed, IEnumerable<TreeFile> files, IEnumerable<string> folders)
        : base(root, files, folders, [])
    {
        this.root = root;
        this.listed = listed;
    }

    /// <summary>Opens a folder and lists all that is in it.</summary>
    /// <param name="root">The folder.</param>
    /// <returns>The tree.</returns>
    public static FolderTree List(string root)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth, AttributesToSkip = FileAttributes.System, IgnoreInaccessible = false };
        var files = new List<TreeFile>();
        var folders = new List<string>();
        foreach (FileSystemInfo entry in new DirectoryInfo(root).EnumerateFileSystemInfos("*", options))
        {
            string path = System.IO.Path.GetRelativePath(root, entry.FullName).Replace(System.IO.Path.DirectorySeparatorChar, '/');
            if (TreePath.IsLitter(path))
                continue;
            if (entry is FileInfo file)
                files.Add(FileAt(root, path, file.Exists ? file.Length : 0));
            else
                folders.Add(path);
        }
        return new FolderTree(root, true, files, folders);
    }

    /// <summary>Opens a folder without listing it: for label files that name what they need.</summary>
    /// <param name="root">The folder.</param>
    /// <returns>A tree whose files are found one by one.</returns>
    public static FolderTree Unlisted(string root) => new(root, false, [], []);

    /// <inheritdoc/>
    public override TreeFile? Find(string path)
    {
        if (listed)
            return base.Find(path);
        var file = new FileInfo(System.IO.Path.Combine(root, path));
        return file.Exists ? FileAt(root, path, file.Length) : null;
    }

    private static TreeFile FileAt(string root, string path, long length)
    {
        string full = System.IO.Path.Combine(root, path);
        return new TreeFile(path, path, full, length, () =>
        {
            try
            {
                return File.ReadAllBytes(full);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new BadInputException("file-unreadable", $"The file cannot be read ({exception.Message})", full, fix: "Check that it exists and that you may read it.", inner: exception);
            }
        });
    }
}
