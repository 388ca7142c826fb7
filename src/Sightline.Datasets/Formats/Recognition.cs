using Sightline.Datasets.Files;
using Sightline.Datasets.Splits;

namespace Sightline.Datasets.Formats;

/// <summary>Finds out what a file or folder holds, the surest signs first, and opens it.</summary>
/// <param name="options">The options.</param>
internal sealed class Recognition(ImageSetOptions options)
{
    // No image of a data set, and no batch of the known ones, is larger.
    private const long EntryBytes = 1L << 30;
    private const long TotalBytes = 1L << 40;

    private readonly ArchiveLimits limits = new(options.MemoryBytes, TotalBytes, EntryBytes, options.CacheFolder ?? DataFolders.Cache());

    /// <summary>Opens what is at <paramref name="path"/>.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <returns>The set.</returns>
    /// <exception cref="BadInputException">There is nothing, or nothing that is understood.</exception>
    public ImageSet Open(string path)
    {
        if (options.CropsOf is not (null or "coco" or "voc"))
            throw new BadInputException("crops-of-unknown", $"There are no crops of '{options.CropsOf}'.", fix: "Say coco or voc, or leave it out.");
        if (Directory.Exists(path))
            return OpenTree(FolderTree.List(path), path, mayHoldArchives: true);
        if (!File.Exists(path))
            throw Missing(path);
        if (Archive.IsArchive(path))
            return OpenTree(Archive.Open(path, limits), path, mayHoldArchives: false);
        return OpenFile(path);
    }

    private FolderTree? ImageRoot()
    {
        if (options.ImageRoot is not string root)
            return null;
        return Directory.Exists(root)
            ? FolderTree.Unlisted(root)
            : throw new BadInputException("image-root-missing", "There is no such folder for images to start from.", root, fix: "Correct data.imageRoot (--image-root).");
    }

    private static BadInputException Missing(string path)
    {
        string full = Path.GetFullPath(path);
        string? parent = Path.GetDirectoryName(full);
        string? nearest = parent is not null && Directory.Exists(parent)
            ? NearestName.Find(Path.GetFileName(full), Directory.EnumerateFileSystemEntries(parent).Select(e => Path.GetFileName(e)!))
            : null;
        return new BadInputException(
            "data-missing", "There is no such file or folder.", path, fix: nearest is null ? "Check the path." : $"Did you mean '{Path.Combine(Path.GetDirectoryName(path) ?? "", nearest)}'?");
    }

    private ImageSet OpenFile(string path)
    {
        string folder = options.ImageRoot ?? (Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".");
        string name = Path.GetFileName(path);
        TreeFile file = FolderTree.Unlisted(Path.GetDirectoryName(path) is { Length: > 0 } own ? own : ".").Find(name)!;
        if (name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase))
            return CsvManifest.Open(ImageRoot() ?? FolderTree.Unlisted(folder), [file], path, options, FolderTree.Unlisted(Path.GetDirectoryName(path) is { Length: > 0 } beside ? beside : "."));
        if (name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            // annotations/instances_train2017.json: the images are beside the folder.
            bool official = options.ImageRoot is null && Path.GetFileName(Path.GetFullPath(folder)) == "annotations";
            FileTree tree = FolderTree.Unlisted(official ? Path.Combine(folder, "..") : folder);
            return CocoCrops.Open(tree, [official ? file.At($"annotations/{name}") : file], path, options);
        }
        if (IdxFiles.IsImages(file))
            return IdxFiles.Open(FolderTree.Unlisted(folder), [file], path, options);
        if (CifarBinary.IsBatch(file))
            return CifarBinary.Open(FolderTree.Unlisted(folder), [file], path, options);
        throw new BadInputException("data-unrecognised", "This file is in no known form.", path, fix: Known);
    }

    private const string Known =
        "Give a folder per class, a CSV manifest, CIFAR batches (.bin), IDX files, a COCO file, a Pascal VOC folder, or a .tar, .tar.gz or .zip of these.";

    private ImageSet OpenTree(FileTree tree, string root, bool mayHoldArchives)
    {
        tree = Unwrap(tree);
        TreeFile[] archives = mayHoldArchives ? [.. tree.FilesIn("").Where(f => Archive.IsArchive(f.FileName))] : [];
        TreeFile[] splits = [.. archives.Where(a => SplitNames.IsSplit(Archive.Stem(a.FileName))).OrderBy(a => SplitNames.Normalise(Archive.Stem(a.FileName)) switch { "train" => 0, "val" => 1, _ => 2 })];
        if (splits.Length > 0)
        {
            FileTree mounted = Archive.OpenSplits(Path.GetDirectoryName(splits[0].Location)!, splits, limits);
            return ClassFolders.Open(mounted, $"{string.Join(" and ", splits.Select(s => s.FileName))} as splits: ");
        }
        if (options.CropsOf != "coco" && (options.CropsOf == "voc" || VocCrops.Fits(tree)))
            return VocCrops.Fits(tree) ? VocCrops.Open(tree, root, options) : throw NoDetection(root, "Pascal VOC folder (Annotations/*.xml beside JPEGImages)");
        IReadOnlyList<TreeFile> coco = CocoCrops.Find(tree);
        if (coco.Count > 0)
            return CocoCrops.Open(ImageRoot() ?? tree, coco, root, options);
        if (options.CropsOf == "coco")
            throw NoDetection(root, "COCO annotation file (annotations.json, or annotations/instances_*.json)");
        if (CifarBinary.Find(tree) is { Count: > 0 } batches)
            return CifarBinary.Open(tree, batches, root, options);
        if (tree.FilesIn("").FirstOrDefault(f => f.FileName is "data_batch_1" or "fine_label_names" or "batches.meta") is TreeFile pickle)
            throw new BadInputException("cifar-python", "This is CIFAR's Python version; its pickles are not read, since they can run code.", pickle.Location, fix: "Get the binary version: sightline data get cifar10");
        if (IdxFiles.Find(tree) is { Count: > 0 } idx)
            return IdxFiles.Open(tree, idx, root, options);
        TreeFile[] tables = [.. tree.FilesIn("").Where(f => f.FileName.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))];
        TreeFile[] manifests = [.. tables.Where(f => CsvManifest.IsManifest(f, options))];
        // A single table where no folder can name a class, or where its columns were named, must be the manifest: it says what it lacks.
        bool columnsNamed = (options.PathColumn ?? options.LabelColumn ?? options.SplitColumn ?? options.GroupColumn) is not null;
        if (manifests.Length == 0 && tables.Length == 1 && (columnsNamed || !tree.Files.Any(f => f.Folder is not ("" or "images") && ImageFiles.IsImage(f.Path))))
            manifests = tables;
        if (manifests.Length == 1 || (manifests.Length > 1 && manifests.All(m => SplitNames.In(m.FileName).Length > 0)))
            return CsvManifest.Open(ImageRoot() ?? tree, manifests, root, options, tree);
        if (tree.Files.Any(f => ImageFiles.IsImage(f.Path)))
            return ClassFolders.Open(tree);
        if (archives.Length == 1)
            return OpenTree(Archive.Open(archives[0].Location, limits), root, mayHoldArchives: false);
        if (archives.Length > 1)
        {
            throw new BadInputException(
                "archives-several", $"There are {archives.Length} archives here, and nothing says what each of them is: {string.Join(", ", archives.Take(10).Select(a => a.FileName))}{(archives.Length > 10 ? " …" : "")}.", root,
                fix: $"Name one of them ({archives[0].Location}), or call them train and test to read them as splits.");
        }
        // An archive whose every entry was refused says why.
        if (tree.Problems.FirstOrDefault(p => p.StopsTraining) is DataProblem refused)
            throw new BadInputException(refused.Code, refused.Message, refused.Path, refused.Line, refused.Fix);
        throw new BadInputException("data-empty", "There are no images here, and no other form of data that is known.", root, fix: Known);
    }

    private static BadInputException NoDetection(string root, string expected) =>
        new("crops-not-found", $"There is no {expected} here to take crops from.", root, fix: "Give the folder or file that has it, or leave the option out.");

    // Archives often hold everything in one folder (imagenette2-160/…): look inside, unless that folder is a split or the only class.
    private static FileTree Unwrap(FileTree tree)
    {
        while (tree.TopFolders() is [string top] && !SplitNames.IsSplit(top) && !tree.FilesIn("").Any() && !IsClass(tree.FilesIn(top)))
            tree = tree.Below(top);
        return tree;
    }

    private static bool IsClass(IEnumerable<TreeFile> files)
    {
        TreeFile[] all = [.. files];
        return all.Any(f => ImageFiles.IsImage(f.Path)) && !all.Any(f => Path.GetExtension(f.Path).ToLowerInvariant() is ".csv" or ".json");
    }
}
