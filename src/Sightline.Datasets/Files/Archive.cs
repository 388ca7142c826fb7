using Sightline.Datasets.Splits;

namespace Sightline.Datasets.Files;

/// <summary>Archives by their names, and folders made of them.</summary>
internal static class Archive
{
    private static readonly string[] Extensions = [".tar", ".tar.gz", ".tgz", ".zip"];

    /// <summary>Whether a file is an archive, by its name.</summary>
    /// <param name="fileName">The name.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsArchive(string fileName) => Extensions.Any(e => fileName.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    /// <summary>The name of an archive without its extension.</summary>
    /// <param name="fileName">The name.</param>
    /// <returns>The stem.</returns>
    public static string Stem(string fileName) => fileName[..^Extensions.First(e => fileName.EndsWith(e, StringComparison.OrdinalIgnoreCase)).Length];

    /// <summary>Opens an archive in place.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>Its tree.</returns>
    /// <exception cref="BadInputException">It is damaged or a bomb.</exception>
    public static FileTree Open(string path, ArchiveLimits limits)
    {
        string name = Path.GetFileName(path);
        if (name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            return ZipArchiveIndex.Open(new FileBytes(path), path, name, limits);
        ByteSource source = name.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) ? new FileBytes(path) : Gzip.Unpack(path, limits);
        return TarArchive.Open(source, path, name, limits);
    }

    /// <summary>Opens archives that are one split each (<c>train.tar.gz</c>, <c>test.tar.gz</c>) as one tree.</summary>
    /// <param name="root">The folder they are in.</param>
    /// <param name="archives">The archives.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>A tree with a folder for each split.</returns>
    /// <exception cref="BadInputException">One is damaged or a bomb.</exception>
    public static FileTree OpenSplits(string root, IReadOnlyList<TreeFile> archives, ArchiveLimits limits)
    {
        var files = new List<TreeFile>();
        var folders = new List<string>();
        var problems = new List<DataProblem>();
        foreach (TreeFile archive in archives)
        {
            string split = SplitNames.Normalise(Stem(archive.FileName));
            FileTree tree = Open(Path.Combine(root, archive.FileName), limits);
            // The archive's own top folder is the split already, or the split is added.
            if (tree.TopFolders() is [string top] && SplitNames.Normalise(top) == split)
                tree = tree.Below(top);
            files.AddRange(tree.Files.Select(f => f.At($"{split}/{f.Path}")));
            folders.AddRange(tree.Folders.Select(f => $"{split}/{f}"));
            problems.AddRange(tree.Problems);
        }
        return new FileTree(root, files, folders, problems);
    }
}
