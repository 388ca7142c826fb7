using Sightline.Datasets.Coco;
using Sightline.Datasets.Contents;
using Sightline.Datasets.Files;
using Sightline.Datasets.Splits;
using Sightline.Imaging;

namespace Sightline.Datasets.Formats;

/// <summary>Crops of the objects of COCO annotation files.</summary>
internal static class CocoCrops
{
    /// <summary>The annotation files of a tree: where COCO itself, this project's recordings and common tools put them.</summary>
    /// <param name="tree">The files.</param>
    /// <returns>The files.</returns>
    public static IReadOnlyList<TreeFile> Find(FileTree tree)
    {
        TreeFile[] all = [.. tree.Files.Where(f => f.FileName.EndsWith(".json", StringComparison.OrdinalIgnoreCase))];
        TreeFile[] instances = [.. all.Where(f => f.FileName.StartsWith("instances_", StringComparison.Ordinal))];
        return instances.Length > 0
            ? instances
            : [.. all.Where(f => f.FileName is "annotations.json" or "_annotations.coco.json" || f.FileName.EndsWith(".coco.json", StringComparison.Ordinal)
                || (f.Folder == "annotations" && !f.FileName.Contains("caption", StringComparison.Ordinal) && !f.FileName.Contains("keypoints", StringComparison.Ordinal)))];
    }

    /// <summary>Reads the set.</summary>
    /// <param name="tree">The files that the images are found in.</param>
    /// <param name="annotationFiles">The annotation files; several are one for each split, by their names.</param>
    /// <param name="root">What the person opened.</param>
    /// <param name="options">The options.</param>
    /// <returns>The set.</returns>
    /// <exception cref="BadInputException">An annotation file cannot be read, or two disagree on the classes.</exception>
    public static ImageSet Open(FileTree tree, IReadOnlyList<TreeFile> annotationFiles, string root, ImageSetOptions options)
    {
        var crops = new ObjectCrops(options);
        crops.Problems.AddRange(tree.Problems);
        CocoDataset[] datasets = [.. annotationFiles.Select(f => CocoJsonReader.Read(f.ReadBytes(), f.Location))];
        CocoCategory[] categories = [.. datasets[0].Categories.OrderBy(c => c.Id)];
        var classOf = new Dictionary<int, int>();
        foreach ((int index, CocoCategory category) in categories.Index())
        {
            if (!classOf.TryAdd(category.Id, index))
                crops.AddProblem(new DataProblem("class-twice", annotationFiles[0].Location, $"Two categories have the id {category.Id}.", "Give each category its own id."));
        }
        foreach (IGrouping<string, CocoCategory> same in categories.GroupBy(c => c.Name, StringComparer.Ordinal).Where(g => g.Skip(1).Any()))
        {
            crops.AddProblem(new DataProblem(
                "class-twice", annotationFiles[0].Location, $"The categories {string.Join(" and ", same.Select(c => c.Id))} have the same name, '{same.Key}'; the network would be asked to tell them apart.",
                "Make one category of them, or give each its own name."));
        }
        foreach ((TreeFile file, CocoDataset dataset) in annotationFiles.Zip(datasets))
        {
            if (!dataset.Categories.OrderBy(c => c.Id).Select(c => (c.Id, c.Name)).SequenceEqual(categories.Select(c => (c.Id, c.Name))))
            {
                crops.AddProblem(new DataProblem(
                    "class-names-differ", file.Location, $"The categories are not those of {annotationFiles[0].FileName}.", "Export both files with the same categories and ids."));
            }
            string split = SplitNames.In(file.FileName) is { Length: > 0 } named ? named : SplitNames.In(file.Folder);
            AddImages(crops, tree, file, dataset, split, classOf, options);
        }
        crops.CheckClasses([.. categories.Select(c => c.Name)], root);
        string evidence = $"{string.Join(" and ", annotationFiles.Select(f => f.FileName))} in COCO form: {crops.Summary()}.";
        return new ImageSet("coco-crops", root, evidence, [.. categories.Select(c => c.Name)], crops.Samples, crops.Problems);
    }

    private static void AddImages(
        ObjectCrops crops, FileTree tree, TreeFile file, CocoDataset dataset, string split, Dictionary<int, int> classOf, ImageSetOptions options)
    {
        var videos = dataset.Videos.DistinctBy(v => v.Id).ToDictionary(v => v.Id, v => v.Name);
        ILookup<long, CocoAnnotation> byImage = dataset.Annotations.ToLookup(a => a.ImageId);
        var imageIds = new HashSet<long>();
        foreach (CocoImage image in dataset.Images)
        {
            if (!imageIds.Add(image.Id))
            {
                crops.AddProblem(new DataProblem("image-twice", $"{file.Location}#{image.Id}", $"Two images have the id {image.Id}; the second is not used.", "Give each image its own id."));
                continue;
            }
            CocoAnnotation[] annotations = [.. byImage[image.Id]];
            if (annotations.Length == 0)
                continue;
            if (FindImage(tree, file, image.FileName, crops) is not TreeFile imageFile)
            {
                crops.AddProblem(new DataProblem(
                    "image-missing", file.Location, $"There is no image '{image.FileName}' (id {image.Id}, {annotations.Length} objects).",
                    "Restore the image, or give the folder that the images lie in (data.imageRoot in a recipe, --image-root for data info).", StopsTraining: false, Unusable: annotations.Length));
                continue;
            }
            string? drive = image.VideoId is int id ? videos.GetValueOrDefault(id, $"video-{id}") : null;
            crops.Add(imageFile, (image.Width, image.Height), split, drive, Objects(annotations, classOf, crops, file, options), file.Location);
        }
        foreach (IGrouping<long, CocoAnnotation> orphans in byImage.Where(g => !imageIds.Contains(g.Key)))
        {
            crops.AddProblem(new DataProblem(
                "box-without-image", $"{file.Location}#{orphans.First().Id}", $"{orphans.Count()} objects name the image {orphans.Key}, which is not in the file.",
                "Export the file again with all its images.", StopsTraining: false, Unusable: orphans.Count()));
        }
    }

    private static IEnumerable<LabelledObject> Objects(
        CocoAnnotation[] annotations, Dictionary<int, int> classOf, ObjectCrops crops, TreeFile file, ImageSetOptions options)
    {
        foreach (CocoAnnotation a in annotations)
        {
            if (!classOf.TryGetValue(a.CategoryId, out int label))
            {
                crops.AddProblem(new DataProblem(
                    "label-outside-classes", $"{file.Location}#{a.Id}", $"Object {a.Id} has the category {a.CategoryId}, which is not in the file.", "Add the category, or correct the object.", Unusable: 1));
            }
            else if (a.IsCrowd && !options.IncludeCrowds)
            {
                crops.LeaveOut(label, "crowds");
            }
            else
            {
                yield return new LabelledObject($"{a.Id}", label, new CropBox(a.X, a.Y, a.Width, a.Height), a.Occlusion, a.Truncation, a.Mask);
            }
        }
    }

    private static TreeFile? FindImage(FileTree tree, TreeFile file, string name, ObjectCrops crops)
    {
        if (TreePath.Normalise(name) is not string path)
        {
            crops.Problems.Add(new DataProblem(
                "path-outside-set", file.Location, $"The image path '{name}' leads out of the set's folder; it was not followed.", "Write paths below the annotation file's folder, or give the folder they start from (data.imageRoot in a recipe, --image-root for data info)."));
            return null;
        }
        return CocoImagePlaces.Find(tree, file, path);
    }
}
