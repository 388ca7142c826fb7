using System.Text;
using Sightline.Datasets.Files;
using Sightline.Datasets.Splits;

namespace Sightline.Datasets.Formats;

/// <summary>Crops of the objects of a Pascal VOC folder: <c>Annotations</c>, <c>JPEGImages</c> and, for splits, <c>ImageSets/Main</c>.</summary>
internal static class VocCrops
{
    private const string Annotations = "Annotations", Images = "JPEGImages", ImageSets = "ImageSets/Main";

    /// <summary>Whether the tree is laid out like Pascal VOC.</summary>
    /// <param name="tree">The files.</param>
    /// <returns>Whether it is.</returns>
    public static bool Fits(FileTree tree) =>
        tree.Folders.Contains(Images) && tree.FilesIn(Annotations).Any(f => f.FileName.EndsWith(".xml", StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads the set.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="root">What the person opened.</param>
    /// <param name="options">The options.</param>
    /// <returns>The set.</returns>
    /// <exception cref="BadInputException">An annotation file cannot be read.</exception>
    public static ImageSet Open(FileTree tree, string root, ImageSetOptions options)
    {
        var crops = new ObjectCrops(options);
        crops.Problems.AddRange(tree.Problems);
        Dictionary<string, string> splitOf = ReadSplits(tree, crops);
        var files = tree.FilesIn(Annotations).Where(f => f.FileName.EndsWith(".xml", StringComparison.OrdinalIgnoreCase))
            .Select(f => (File: f, Stem: System.IO.Path.GetFileNameWithoutExtension(f.FileName), Xml: VocXml.Read(f))).ToArray();
        string[] classes = [.. files.SelectMany(f => f.Xml.Objects.Select(o => o.Class)).Distinct().Order(StringComparer.Ordinal)];
        ILookup<string, TreeFile> imagesByStem = tree.FilesIn(Images).Where(f => ImageFiles.IsImage(f.FileName)).ToLookup(f => System.IO.Path.GetFileNameWithoutExtension(f.FileName));
        foreach ((TreeFile file, string stem, VocXml xml) in files)
        {
            if ((imagesByStem[stem].FirstOrDefault() ?? tree.Find($"{Images}/{xml.FileName}")) is not TreeFile image)
            {
                crops.AddProblem(new DataProblem(
                    "image-missing", file.Location, $"There is no image '{stem}' in {Images} ({xml.Objects.Count} objects).", "Restore the image, or remove its annotation file.",
                    StopsTraining: false, Unusable: xml.Objects.Count));
                continue;
            }
            crops.Add(image, (xml.Width, xml.Height), splitOf.GetValueOrDefault(stem, ""), null, Objects(xml, classes, crops, options), file.Location);
        }
        crops.CheckClasses(classes, root);
        return new ImageSet(
            "voc-crops", root, $"{Annotations}, {Images}{(splitOf.Count > 0 ? $" and {ImageSets}" : "")} as Pascal VOC has them: {crops.Summary()}.", classes, crops.Samples, crops.Problems);
    }

    private static IEnumerable<LabelledObject> Objects(VocXml xml, string[] classes, ObjectCrops crops, ImageSetOptions options)
    {
        foreach ((int index, VocObject item) in xml.Objects.Index())
        {
            int label = Array.BinarySearch(classes, item.Class, StringComparer.Ordinal);
            if (item.Difficult && !options.IncludeDifficult)
                crops.LeaveOut(label, "marked difficult");
            else if (item.Truncated && !options.IncludeTruncated)
                crops.LeaveOut(label, "marked truncated");
            else
                yield return new LabelledObject($"{index}", label, item.Box);
        }
    }

    private static Dictionary<string, string> ReadSplits(FileTree tree, ObjectCrops crops)
    {
        var splitOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (TreeFile list in tree.FilesIn(ImageSets))
        {
            // Lists per class (cat_train.txt) and unions (trainval.txt) say nothing new.
            string split = System.IO.Path.GetFileNameWithoutExtension(list.FileName);
            if (!SplitNames.IsSplit(split))
                continue;
            split = SplitNames.Normalise(split);
            foreach ((int line, string text) in Encoding.UTF8.GetString(list.ReadBytes()).Split('\n').Index())
            {
                string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length == 0 || splitOf.TryAdd(words[0], split) || splitOf[words[0]] == split)
                    continue;
                crops.AddProblem(new DataProblem(
                    "splits-overlap", list.Location, $"'{words[0]}' is in '{split}' and in '{splitOf[words[0]]}'.", "Keep each image in one split.", line + 1));
            }
        }
        return splitOf;
    }
}
