using Sightline.Datasets.Coco;
using Sightline.Datasets.Contents;
using Sightline.Datasets.Files;
using Sightline.Imaging;

namespace Sightline.Datasets.Formats;

/// <summary>A labelled object of a detection set, whatever its format.</summary>
/// <param name="Id">What to call it beside its image.</param>
/// <param name="Class">Its class; an index.</param>
/// <param name="Box">Its visible box in pixels.</param>
/// <param name="Occlusion">Its hidden share, when known.</param>
/// <param name="Truncation">Its share outside the image, when known.</param>
/// <param name="Mask">Its visible pixels, when known.</param>
internal readonly record struct LabelledObject(string Id, int Class, CropBox Box, double? Occlusion = null, double? Truncation = null, RleMask? Mask = null);

/// <summary>Makes a classification set of a detection set: every object that can be recognised becomes an image.</summary>
/// <param name="options">Which objects.</param>
internal sealed class ObjectCrops(ImageSetOptions options)
{
    // The crops of a set that needs more are cut again each time.
    private const long KeptBytes = 512L << 20;

    private readonly CropShape shape = new(options.CropMargin, options.SquareCrops);
    private readonly CropMemory memory = new(KeptBytes);
    private readonly SortedDictionary<string, int> leftOut = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Dictionary<string, int>> leftOutOfClass = [];
    private int objects;

    /// <summary>The crops so far.</summary>
    public List<ImageSample> Samples { get; } = [];

    /// <summary>What was wrong so far.</summary>
    public List<DataProblem> Problems { get; } = [];

    /// <summary>Counts an object that is left out on purpose.</summary>
    /// <param name="label">Its class.</param>
    /// <param name="why">Why.</param>
    public void LeaveOut(int label, string why)
    {
        objects++;
        leftOut[why] = leftOut.GetValueOrDefault(why) + 1;
        if (!leftOutOfClass.TryGetValue(label, out Dictionary<string, int>? ofClass))
            leftOutOfClass[label] = ofClass = [];
        ofClass[why] = ofClass.GetValueOrDefault(why) + 1;
    }

    /// <summary>Finds classes whose objects were all left out on purpose: the options are too strict for them.</summary>
    /// <param name="classes">The class names.</param>
    /// <param name="root">What the person opened.</param>
    public void CheckClasses(IReadOnlyList<string> classes, string root)
    {
        var present = Samples.Select(s => s.Label).ToHashSet();
        foreach ((int label, Dictionary<string, int> why) in leftOutOfClass.Where(c => !present.Contains(c.Key)).OrderBy(c => c.Key))
        {
            Problems.Add(new DataProblem(
                "class-without-images", root, $"All {why.Values.Sum()} objects of the class '{classes[label]}' are left out: {string.Join(", ", why.OrderByDescending(w => w.Value).Select(w => $"{w.Value} {w.Key}"))}.",
                "Lower data.crops.minSide, raise data.crops.maxOcclusion or data.crops.maxTruncation, record more, or take the class out."));
        }
    }

    /// <summary>Adds an image's objects.</summary>
    /// <param name="file">The image.</param>
    /// <param name="size">Its width and height in pixels, where the labels say so; else 0.</param>
    /// <param name="split">Its split.</param>
    /// <param name="group">Its drive; an image without one is its own group, so that no image's objects come into two splits.</param>
    /// <param name="found">The objects.</param>
    /// <param name="labels">The label file, for errors.</param>
    public void Add(TreeFile file, (int Width, int Height) size, string split, string? group, IEnumerable<LabelledObject> found, string labels)
    {
        var frame = new CropFrame(file, size, shape, memory);
        foreach (LabelledObject item in found)
        {
            CropBox box = item.Box;
            string place = $"{labels}#{item.Id}";
            if (!(box.Width > 0 && box.Height > 0))
            {
                objects++;
                Problems.Add(new DataProblem(
                    "box-empty", place, $"The box of object {item.Id} in {file.Path} is empty ({box.Width:0.##} × {box.Height:0.##} pixels).", "Draw the box again, or remove the object.",
                    StopsTraining: false, Unusable: 1));
            }
            else if (size.Width > 0 && shape.Region(box, size.Width, size.Height) is null)
            {
                objects++;
                Problems.Add(new DataProblem(
                    "box-outside-image", place,
                    $"The box of object {item.Id} ({box.X:0.##}, {box.Y:0.##}, {box.Width:0.##} × {box.Height:0.##}) lies outside {file.Path} of {size.Width}×{size.Height} pixels.",
                    "Draw the box again, or remove the object; check that the labels belong to images of this size.", StopsTraining: false, Unusable: 1));
            }
            else if (Math.Min(box.Width, box.Height) < options.MinCropSide)
            {
                LeaveOut(item.Class, $"smaller than {options.MinCropSide:0.##} pixels");
            }
            else if (item.Occlusion > options.MaxOcclusion)
            {
                LeaveOut(item.Class, "mostly hidden");
            }
            else if (item.Truncation > options.MaxTruncation)
            {
                LeaveOut(item.Class, "mostly outside the image");
            }
            else
            {
                objects++;
                Samples.Add(new ImageSample($"{file.Name}#{item.Id}", item.Class, split, group ?? file.Name, frame.Add(box, item.Mask)));
            }
        }
    }

    /// <summary>Counts an object that cannot be used.</summary>
    /// <param name="problem">Why.</param>
    public void AddProblem(DataProblem problem)
    {
        objects += problem.Unusable;
        Problems.Add(problem);
    }

    /// <summary>What was taken and left out.</summary>
    /// <returns>A few words.</returns>
    public string Summary() =>
        $"{Samples.Count} of {objects} objects as crops{(leftOut.Count == 0 ? "" : $"; left out: {string.Join(", ", leftOut.Select(l => $"{l.Value} {l.Key}"))}")}";
}
