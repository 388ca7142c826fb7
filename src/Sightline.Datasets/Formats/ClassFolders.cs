using Sightline.Datasets.Contents;
using Sightline.Datasets.Files;
using Sightline.Datasets.Splits;

namespace Sightline.Datasets.Formats;

/// <summary>A folder per class: <c>CLASS/x.jpg</c> or <c>SPLIT/CLASS/x.jpg</c>, at any depth below the class.</summary>
internal static class ClassFolders
{
    /// <summary>Reads the set.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="how">How the files came, for the evidence, e.g. <c>train.tar.gz and test.tar.gz: </c>.</param>
    /// <returns>The set.</returns>
    public static ImageSet Open(FileTree tree, string how = "")
    {
        var problems = new List<DataProblem>(tree.Problems);
        TreeFile[] images = [.. tree.Files.Where(f => ImageFiles.IsImage(f.Path))];
        string[] filled = [.. images.Select(f => Top(f.Path)).Where(t => t.Length > 0).Distinct()];
        bool split = filled.Any(SplitNames.IsSplit) && filled.All(SplitNames.IsSplit);
        if (!split && filled.FirstOrDefault(SplitNames.IsSplit) is string odd)
        {
            string other = filled.First(f => !SplitNames.IsSplit(f));
            problems.Add(new DataProblem(
                "layout-mixed", $"{tree.Location}/{odd}", $"The folder '{odd}' looks like a split, '{other}' beside it like a class.",
                "Have either only split folders at the top (train, val, test), or only class folders."));
        }

        int depth = split ? 1 : 0;
        // Folders count too, so that a class without images is found.
        var bySplit = new Dictionary<string, SortedDictionary<string, (string Path, int? Line)>>();
        foreach (string folder in tree.Folders)
        {
            string[] parts = folder.Split('/');
            if (parts.Length != depth + 1 || (split && !SplitNames.IsSplit(parts[0])))
                continue;
            string splitName = split ? SplitNames.Normalise(parts[0]) : "";
            if (!bySplit.TryGetValue(splitName, out SortedDictionary<string, (string Path, int? Line)>? names))
                bySplit[splitName] = names = new(StringComparer.Ordinal);
            names.TryAdd(parts[depth], ($"{tree.Location}/{folder}", null));
        }
        string[] classes = [.. bySplit.Values.SelectMany(c => c.Keys).Distinct().Order(StringComparer.Ordinal)];
        var labels = classes.Index().ToDictionary(c => c.Item, c => c.Index);

        // Folders without an image (calib, planes) say nothing for the others being classes.
        string[] withImages = [.. images.Select(f => f.Path.Split('/')).Where(p => p.Length >= depth + 2).Select(p => p[depth]).Distinct()];
        if (withImages.Length > 0 && withImages.All(IsPartOfLabels))
        {
            problems.Add(new DataProblem(
                "layout-not-classes", tree.Location, $"The folders ({string.Join(", ", classes)}) are the parts of a set for detection, segmentation or depth, no classes.",
                "Give a folder for each class; of a detection set, its COCO file or Pascal VOC folder, whose objects are then taken as images."));
        }
        var samples = new List<ImageSample>(images.Length);
        var loose = new List<TreeFile>();
        foreach (TreeFile file in images)
        {
            string[] parts = file.Path.Split('/');
            if (parts.Length < depth + 2)
                loose.Add(file);
            else
                samples.Add(new ImageSample(file.Name, labels[parts[depth]], split ? SplitNames.Normalise(parts[0]) : "", null, new EncodedImage(file)));
        }
        var filledClasses = samples.Select(s => (s.Split, s.Label)).ToHashSet();
        foreach ((string splitName, SortedDictionary<string, (string Path, int? Line)> names) in bySplit)
        {
            foreach ((string name, (string path, _)) in names)
            {
                if (!filledClasses.Contains((splitName, labels[name])))
                    problems.Add(new DataProblem("class-without-images", path, $"The folder of class '{name}' holds no images.", "Put images into it, or remove the folder."));
            }
        }
        problems.AddRange(ClassNameCheck.Compare(bySplit));
        if (loose.Count > 0)
        {
            problems.Add(new DataProblem(
                "image-without-class", loose[0].Location, $"{loose.Count} images lie {(classes.Length == 0 ? "in no class's folder" : "beside the class folders, in none of them")}; they are not used.",
                classes.Length == 0 ? "Make a folder for each class and move its images into it, or write a manifest.csv with the columns path and label." : "Move them into the folders of their classes.", StopsTraining: false, Unusable: loose.Count));
        }
        problems.AddRange(ImageFiles.Unsupported(tree.Files));
        string found = split
            ? $"{how}a folder per split ({string.Join(", ", filled)}), a folder per class in it"
            : $"{how}a folder per class";
        return new ImageSet("class-folders", tree.Location, $"{found}: {samples.Count} images in {classes.Length} classes.", classes, samples, problems);
    }

    // image_2, label_02, masks: how sets with another task name their parts.
    private static bool IsPartOfLabels(string folder) => folder.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9').TrimEnd('_', '-').ToLowerInvariant()
        is "image" or "images" or "img" or "imgs" or "rgb" or "label" or "labels" or "mask" or "masks" or "annotation" or "annotations" or "annot" or "calib" or "velodyne" or "lidar" or "radar" or "camera" or "cameras"
        or "gt" or "groundtruth" or "ground_truth" or "semantic" or "instance" or "depth" or "disparity" or "poses"
        or "jpegimages" or "imagesets" or "segmentationclass" or "segmentationobject" or "leftimg8bit" or "gtfine" or "gtcoarse";

    private static string Top(string path) => path.IndexOf('/') is >= 0 and int cut ? path[..cut] : "";
}
