using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using Sightline.Datasets.Contents;
using Sightline.Datasets.Files;
using Sightline.Datasets.Splits;

namespace Sightline.Datasets.Formats;

/// <summary>
/// IDX files, as MNIST and its family have them (LeCun, Cortes, Burges): a big-endian header (0, 0, type, dimensions, sizes) and the
/// values; one file of images, one of labels.
/// </summary>
internal static partial class IdxFiles
{
    private const byte UnsignedByte = 0x08;

    private static readonly string[] FashionNames =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>The image files of a tree.</summary>
    /// <param name="tree">The files.</param>
    /// <returns>The image files, in any one folder.</returns>
    public static IReadOnlyList<TreeFile> Find(FileTree tree) => [.. tree.Files.Where(IsImages)];

    /// <summary>Whether a file is one of images in IDX form, by its name.</summary>
    /// <param name="file">The file.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsImages(TreeFile file) => ImagesName().IsMatch(file.FileName);

    /// <summary>Reads the set.</summary>
    /// <param name="tree">The files that hold the labels.</param>
    /// <param name="imageFiles">The files of images.</param>
    /// <param name="root">What the person opened.</param>
    /// <param name="options">The options.</param>
    /// <returns>The set.</returns>
    /// <exception cref="BadInputException">A file is no IDX file, or has no labels beside it.</exception>
    public static ImageSet Open(FileTree tree, IReadOnlyList<TreeFile> imageFiles, string root, ImageSetOptions options)
    {
        var problems = new List<DataProblem>(tree.Problems);
        var read = new List<(TreeFile Images, byte[] Pixels, int[] Sizes, TreeFile Labels, byte[] Values)>();
        foreach (TreeFile images in imageFiles)
        {
            (byte[] pixels, int[] sizes) = ReadIdx(images, options, problems);
            if (sizes.Length is not (3 or 4) || (sizes.Length == 4 && sizes[3] != 3))
                throw new BadInputException("idx-unreadable", $"The file has {sizes.Length} dimensions; images have three (count, height, width), or four with 3 colours.", images.Location, fix: "Give the file of images.");
            TreeFile labels = LabelsOf(tree, images)
                ?? throw new BadInputException("idx-labels-missing", "There is no file of labels beside this file of images.", images.Location, fix: $"Put '{LabelName(images.FileName)}' beside it.");
            (byte[] values, int[] count) = ReadIdx(labels, options, problems);
            if (count.Length != 1)
                throw new BadInputException("idx-unreadable", $"The file of labels has {count.Length} dimensions, not one.", labels.Location, fix: "Give the file of labels.");
            if (count[0] != sizes[0])
            {
                problems.Add(new DataProblem(
                    "idx-count-differs", labels.Location, $"There are {count[0]} labels for {sizes[0]} images in {images.FileName}.", "Take both files from the same release."));
            }
            read.Add((images, pixels, sizes, labels, values));
        }

        IReadOnlyList<string>? given = options.Classes ?? ClassList.Beside(tree, imageFiles[0].Folder);
        int[] occurring = [.. read.SelectMany(r => r.Values[LabelStart..]).Distinct().Select(v => (int)v).Order()];
        bool fashion = root.Contains("fashion", StringComparison.OrdinalIgnoreCase) && occurring.All(v => v < 10);
        IReadOnlyList<string> classes = given ?? (fashion ? FashionNames : [.. occurring.Select(v => v.ToString(CultureInfo.InvariantCulture))]);
        // Without a list of names the labels that occur are the classes, whatever number they start from.
        Func<int, int> index = given is not null || fashion ? v => v : v => Array.BinarySearch(occurring, v);

        var samples = new List<ImageSample>();
        foreach ((TreeFile images, byte[] pixels, int[] sizes, TreeFile labels, byte[] values) in read)
        {
            string split = images.FileName.Contains("t10k", StringComparison.OrdinalIgnoreCase) ? "test" : SplitNames.In(images.FileName);
            RawLayout layout = sizes.Length == 4 ? RawLayout.InterleavedRgb : RawLayout.Grey;
            int start = 4 + (4 * sizes.Length), length = sizes[1] * sizes[2] * (sizes.Length == 4 ? 3 : 1);
            int count = Math.Min((pixels.Length - start) / length, values.Length - LabelStart);
            for (int i = 0; i < Math.Min(count, sizes[0]); i++)
            {
                int label = index(values[LabelStart + i]);
                if (label >= classes.Count)
                {
                    problems.Add(new DataProblem(
                        "label-outside-classes", $"{labels.Location}#{i}", $"The label {label} is none of the {classes.Count} classes (0 to {classes.Count - 1}).",
                        "Correct the label, or the list of classes.", Unusable: 1));
                    continue;
                }
                samples.Add(new ImageSample($"{images.Name}#{i}", label, split, null, new RawImage(pixels, start + (i * length), sizes[2], sizes[1], layout)));
            }
        }
        return new ImageSet(
            "idx", root, $"{string.Join(", ", imageFiles.Select(f => f.FileName))}: IDX files with labels beside them ({samples.Count} images).", classes, samples, problems);
    }

    private const int LabelStart = 8;

    private static (byte[] Bytes, int[] Sizes) ReadIdx(TreeFile file, ImageSetOptions options, List<DataProblem> problems)
    {
        byte[] bytes = PackedFile.Read(file, options);
        if (bytes.Length < 8 || bytes[0] != 0 || bytes[1] != 0 || bytes[3] is 0 or > 4 || bytes.Length < 4 + (4 * bytes[3]))
            throw new BadInputException("idx-unreadable", "This is not an IDX file: it does not start with 0, 0, type, dimensions.", file.Location, fix: "Download it again.");
        if (bytes[2] != UnsignedByte)
            throw new BadInputException("idx-unreadable", $"The values have the type 0x{bytes[2]:x2}; images and labels are unsigned bytes (0x08).", file.Location, fix: "Convert the file to unsigned bytes.");
        int[] sizes = [.. Enumerable.Range(0, bytes[3]).Select(i => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4 + (4 * i))))];
        double expected = 4 + (4 * sizes.Length) + sizes.Aggregate(1.0, (product, size) => product * size);
        if (sizes.Any(s => s < 1) || expected > Array.MaxLength)
            throw new BadInputException("idx-unreadable", $"The header announces {string.Join(" × ", sizes)} values.", file.Location, fix: "Download it again.");
        if (bytes.Length != (long)expected)
        {
            problems.Add(new DataProblem(
                "idx-truncated", file.Location, $"The file has {bytes.Length} bytes; its header announces {string.Join(" × ", sizes)} values, {expected:0} bytes with the header.", "Download it again."));
        }
        return (bytes, sizes);
    }

    private static TreeFile? LabelsOf(FileTree tree, TreeFile images)
    {
        string path = TreePath.Join(images.Folder, LabelName(images.FileName));
        return tree.Find(path) ?? tree.Find(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path + ".gz");
    }

    private static string LabelName(string images) =>
        images.Replace("images", "labels", StringComparison.OrdinalIgnoreCase).Replace("idx3", "idx1", StringComparison.OrdinalIgnoreCase).Replace("idx4", "idx1", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"images.*(idx\d?[-.]ubyte|\.idx\d?|ubyte)(\.gz)?$", RegexOptions.IgnoreCase)]
    private static partial Regex ImagesName();
}
