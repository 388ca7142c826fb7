using System.Globalization;
using Sightline.Datasets.Contents;
using Sightline.Datasets.Files;
using Sightline.Datasets.Splits;

namespace Sightline.Datasets.Formats;

/// <summary>
/// The binary version of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): records of one label byte (CIFAR-100: coarse, then fine) and 3,072
/// bytes of pixels, all of red, then green, then blue.
/// </summary>
internal static class CifarBinary
{
    private const int Side = 32, PixelBytes = 3 * Side * Side;

    private static readonly string[] Cifar10Names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>The batches of a tree.</summary>
    /// <param name="tree">The files.</param>
    /// <returns>The batches at its root, by their names.</returns>
    public static IReadOnlyList<TreeFile> Find(FileTree tree) =>
        [.. tree.FilesIn("").Where(f => Stem(f) is string stem && (stem.StartsWith("data_batch", StringComparison.Ordinal) || stem is "test_batch" or "train" or "test"))];

    /// <summary>Whether a single file can be a batch: whole records.</summary>
    /// <param name="file">The file.</param>
    /// <returns>Whether it can.</returns>
    public static bool IsBatch(TreeFile file) => Stem(file) is not null;

    /// <summary>Reads the set.</summary>
    /// <param name="tree">The files beside the batches.</param>
    /// <param name="batches">The batches.</param>
    /// <param name="root">What the person opened.</param>
    /// <param name="options">The options.</param>
    /// <returns>The set.</returns>
    /// <exception cref="BadInputException">No batch holds whole records.</exception>
    public static ImageSet Open(FileTree tree, IReadOnlyList<TreeFile> batches, string root, ImageSetOptions options)
    {
        byte[][] contents = [.. batches.Select(b => PackedFile.Read(b, options))];
        IReadOnlyList<string>? fineNames = ClassList.Read(tree.Find("fine_label_names.txt"));
        int record10 = 1 + PixelBytes, record100 = 2 + PixelBytes;
        bool hundred = fineNames is not null || (!contents.Any(c => c.Length % record10 == 0) && contents.Any(c => c.Length % record100 == 0));
        int record = hundred ? record100 : record10;
        IReadOnlyList<string> classes = options.Classes ?? fineNames
            ?? (hundred ? [.. Enumerable.Range(0, 100).Select(i => i.ToString(CultureInfo.InvariantCulture))]
                : ClassList.Read(tree.Find("batches.meta.txt")) ?? ClassList.Beside(tree, "") ?? Cifar10Names);

        var problems = new List<DataProblem>(tree.Problems);
        var samples = new List<ImageSample>();
        foreach ((TreeFile batch, byte[] bytes) in batches.Zip(contents))
        {
            if (bytes.Length % record != 0 || bytes.Length == 0)
            {
                problems.Add(new DataProblem(
                    "cifar-truncated", batch.Location, $"The batch has {bytes.Length} bytes, no multiple of a record's {record}: it is damaged or cut off after {bytes.Length / record} records.",
                    "Download it again."));
            }
            string split = Stem(batch)!.StartsWith("data_batch", StringComparison.Ordinal) ? "train" : SplitNames.In(Stem(batch)!);
            for (int i = 0; i < bytes.Length / record; i++)
            {
                int label = bytes[(i * record) + record - PixelBytes - 1];
                if (label >= classes.Count)
                {
                    problems.Add(new DataProblem(
                        "label-outside-classes", $"{batch.Location}#{i}", $"The label {label} is none of the {classes.Count} classes (0 to {classes.Count - 1}).", "Download the batch again.", Unusable: 1));
                    continue;
                }
                samples.Add(new ImageSample(
                    $"{batch.Name}#{i}", label, split, null, new RawImage(bytes, ((i + 1) * record) - PixelBytes, Side, Side, RawLayout.PlanarRgb)));
            }
        }
        string format = hundred ? "cifar-100-binary" : "cifar-10-binary";
        return new ImageSet(
            format, root, $"{string.Join(", ", batches.Select(b => b.FileName))}: records of {record} bytes, as CIFAR's binary version has ({samples.Count} images).", classes, samples, problems);
    }

    private static string? Stem(TreeFile file)
    {
        string name = file.FileName;
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            name = name[..^3];
        return name.EndsWith(".bin", StringComparison.OrdinalIgnoreCase) ? name[..^4] : null;
    }
}
