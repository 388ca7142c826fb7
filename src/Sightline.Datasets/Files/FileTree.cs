namespace Sightline.Datasets.Files;

/// <summary>
/// A read-only tree of files, whether a folder on disk or an archive that is read in place. Paths have '/' between their parts and never
/// lead out of the tree.
/// </summary>
internal class FileTree
{
    private readonly Dictionary<string, TreeFile> byPath;

    /// <summary>Creates a tree.</summary>
    /// <param name="location">What the person who opened it calls it.</param>
    /// <param name="files">Its files, in any order; of two with one path the later counts, as in a tar archive.</param>
    /// <param name="folders">Folders that were named, also when nothing is in them.</param>
    /// <param name="problems">What was wrong with the tree itself.</param>
    public FileTree(string location, IEnumerable<TreeFile> files, IEnumerable<string> folders, IReadOnlyList<DataProblem> problems)
    {
        Location = location;
        byPath = new Dictionary<string, TreeFile>(StringComparer.Ordinal);
        foreach (TreeFile file in files)
            byPath[file.Path] = file;
        Files = [.. byPath.Values.OrderBy(f => f.Path, StringComparer.Ordinal)];
        var all = new SortedSet<string>(folders, StringComparer.Ordinal);
        string? last = null;
        foreach (TreeFile file in Files)
        {
            string folder = file.Folder;
            if (folder == last)
                continue;
            last = folder;
            for (string parent = folder; parent.Length > 0 && all.Add(parent); parent = TreePath.Folder(parent))
            {
            }
        }
        Folders = [.. all];
        Problems = problems;
    }

    /// <summary>What the person who opened it calls it: a path.</summary>
    public string Location { get; }

    /// <summary>All files, ordered by path (ordinal), so that the order is the same on every machine.</summary>
    public IReadOnlyList<TreeFile> Files { get; }

    /// <summary>All folders below the root, ordered by path.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>What was wrong with the tree itself: unsafe names, links, bombs.</summary>
    public IReadOnlyList<DataProblem> Problems { get; }

    /// <summary>Finds a file.</summary>
    /// <param name="path">Its path below the root.</param>
    /// <returns>The file, or null.</returns>
    public virtual TreeFile? Find(string path) => byPath.GetValueOrDefault(path);

    /// <summary>The files directly in a folder.</summary>
    /// <param name="folder">The folder; empty for the root.</param>
    /// <returns>Its files, in order.</returns>
    public IEnumerable<TreeFile> FilesIn(string folder) => Files.Where(f => f.Folder == folder);

    /// <summary>The names of the folders directly below the root.</summary>
    /// <returns>Their names, in order.</returns>
    public IReadOnlyList<string> TopFolders() => [.. Folders.Where(f => !f.Contains('/'))];

    /// <summary>The tree below one of the folders.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The same files, their paths shortened.</returns>
    public FileTree Below(string folder) => new(
        Location,
        Files.Where(f => f.Path.StartsWith(folder + "/", StringComparison.Ordinal)).Select(f => f.At(f.Path[(folder.Length + 1)..])),
        Folders.Where(f => f.StartsWith(folder + "/", StringComparison.Ordinal)).Select(f => f[(folder.Length + 1)..]),
        Problems);
}

/// <summary>A file of a <see cref="FileTree"/>. Thread-safe.</summary>
/// <param name="path">Its path below the root.</param>
/// <param name="name">What a sample made of it is called: its path below the set's root, or <c>archive!path</c>.</param>
/// <param name="location">What to call it in an error.</param>
/// <param name="length">Its length in bytes.</param>
/// <param name="read">Reads all of it.</param>
internal sealed class TreeFile(string path, string name, string location, long length, Func<byte[]> read)
{
    /// <summary>Its path below the root.</summary>
    public string Path { get; } = path;

    /// <summary>What a sample made of it is called.</summary>
    public string Name { get; } = name;

    /// <summary>What to call it in an error.</summary>
    public string Location { get; } = location;

    /// <summary>Its length in bytes.</summary>
    public long Length { get; } = length;

    /// <summary>The folder it is in; empty for the root.</summary>
    public string Folder => TreePath.Folder(Path);

    /// <summary>Its name without folders.</summary>
    public string FileName => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Reads all of it.</summary>
    /// <returns>Its bytes.</returns>
    /// <exception cref="BadInputException">It cannot be read, or is not what its archive announces.</exception>
    public byte[] ReadBytes() => read();

    /// <summary>The same file under another path.</summary>
    /// <param name="other">The path.</param>
    /// <returns>The file.</returns>
    public TreeFile At(string other) => new(other, Name, Location, Length, read);
}
