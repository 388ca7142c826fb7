using Sightline.Datasets;
using Sightline.Imaging;

namespace Sightline.Training.Recipes;

/// <summary>The images, and how they are split.</summary>
public sealed record DataRecipe
{
    /// <summary>A folder or file that <c>sightline data info</c> recognises; relative to the working folder, else to the recipe's.</summary>
    public required string Path { get; init; }

    /// <summary>The folder that a manifest's or a COCO file's image paths start from; null takes the file's own folder.</summary>
    public string? ImageRoot { get; init; }

    /// <summary>For detection sets: how objects are cut out to become the images.</summary>
    public CropRecipe Crops { get; init; } = new();

    /// <summary>For CSV manifests: which columns mean what; null finds them by their usual names.</summary>
    public ColumnRecipe Columns { get; init; } = new();

    /// <summary>Codes of problems that the gate before training lets pass, e.g. <c>duplicate-across-splits</c> for a benchmark as published.</summary>
    public ValueList<string> Allow { get; init; } = [];

    /// <summary>Which images train, validate and test.</summary>
    public SplitRecipe Split { get; init; } = new();

    /// <summary>How often training images come in an epoch.</summary>
    public SamplingRecipe Sampling { get; init; } = new();
}

/// <summary>How objects of a detection set are cut out.</summary>
public sealed record CropRecipe
{
    /// <summary>Whose objects; <c>auto</c> recognises the format, and takes a set for classification as it is.</summary>
    public CropSource Of { get; init; } = CropSource.Auto;

    /// <summary>Objects with a shorter side below this many pixels are left out.</summary>
    public double MinSide { get; init; } = ImageSetOptions.DefaultMinCropSide;

    /// <summary>The box grows by this share of its sides on every side.</summary>
    public double Margin { get; init; } = 0.1;

    /// <summary>Whether crops are made square by showing more of the surroundings.</summary>
    public bool Square { get; init; } = true;

    /// <summary>Objects with a larger hidden share are left out, 0–1.</summary>
    public double MaxOcclusion { get; init; } = 0.5;

    /// <summary>Objects with a larger share outside the image are left out, 0–1.</summary>
    public double MaxTruncation { get; init; } = 0.5;
}

/// <summary>Which columns of a CSV manifest mean what.</summary>
public sealed record ColumnRecipe
{
    /// <summary>The image's path.</summary>
    public string? Path { get; init; }

    /// <summary>The class.</summary>
    public string? Label { get; init; }

    /// <summary>The split.</summary>
    public string? Split { get; init; }

    /// <summary>The drive.</summary>
    public string? Group { get; init; }
}

/// <summary>Where crops of objects come from.</summary>
public enum CropSource
{
    /// <summary>Whatever is found.</summary>
    Auto,

    /// <summary>A COCO file.</summary>
    Coco,

    /// <summary>A Pascal VOC folder.</summary>
    Voc,
}

/// <summary>Which images train, validate and test.</summary>
public sealed record SplitRecipe
{
    /// <summary>The rule.</summary>
    public SplitRule By { get; init; } = SplitRule.Auto;

    /// <summary>Share of the images (or whole drives, for the rule <c>group</c>) kept for validation where the set has no such split.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Share kept for the test where the set has no such split.</summary>
    public double TestFraction { get; init; }

    /// <summary>For the rule <c>group</c>: drives for validation by name; they replace the fraction.</summary>
    public ValueList<string> ValidationGroups { get; init; } = [];

    /// <summary>For the rule <c>group</c>: drives for the test by name; they replace the fraction.</summary>
    public ValueList<string> TestGroups { get; init; } = [];

    /// <summary>
    /// Thins the training images of a balanced set for experiments: the first class keeps all, the last one in this many, those between
    /// fall exponentially (Cui et al. 2019, long-tailed CIFAR); 1 leaves all.
    /// </summary>
    public double Imbalance { get; init; } = 1;

    /// <summary>At most this many training images, drawn evenly over the classes by the seed; 0 takes all.</summary>
    public int TrainLimit { get; init; }
}

/// <summary>How images are split.</summary>
public enum SplitRule
{
    /// <summary>The set's own splits if it has any; else by drive if it knows drives; else at random.</summary>
    Auto,

    /// <summary>The set's own splits; what is missing is drawn from its training images.</summary>
    Own,

    /// <summary>By drive: no drive is cut in two.</summary>
    Group,

    /// <summary>At random, evenly over the classes.</summary>
    Random,
}

/// <summary>What turns an image into the network's input.</summary>
public sealed record PreprocessingRecipe
{
    /// <summary>Input width in pixels; null takes the network's.</summary>
    public int? Width { get; init; }

    /// <summary>Input height in pixels; null takes the network's.</summary>
    public int? Height { get; init; }

    /// <summary>How an image comes to this size.</summary>
    public ResizeRule Resize { get; init; } = ResizeRule.Stretch;

    /// <summary>For <c>shorter-side-center-crop</c>: the shorter side before the crop; null takes 8/7 of the input's shorter side.</summary>
    public int? ShorterSide { get; init; }

    /// <summary>Mean of R, G, B on the scale 0–1; null measures the training images.</summary>
    public ValueList<float>? Mean { get; init; }

    /// <summary>Standard deviation of R, G, B on the scale 0–1; null measures the training images.</summary>
    public ValueList<float>? Std { get; init; }

    /// <summary>The pre-processing of a resolved recipe.</summary>
    /// <returns>What travels with the model.</returns>
    /// <exception cref="InvalidOperationException">The recipe isn't resolved: sizes, mean or deviation are still null.</exception>
    public Preprocessing ToPreprocessing()
    {
        if (Width is not int width || Height is not int height || ShorterSide is not int shorter || Mean is null || Std is null)
            throw new InvalidOperationException("The recipe isn't resolved: sizes, mean or deviation are still to be taken from network and data.");
        return new Preprocessing(width, height, Resize, shorter, Mean, Std);
    }
}
