using System.Security.Cryptography;
using System.Text;
using Sightline.Datasets;
using Sightline.Datasets.Audit;
using Sightline.Training.Checkpoints;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>The images of a training, split.</summary>
/// <param name="Set">The whole set.</param>
/// <param name="Train">Training images.</param>
/// <param name="Validation">Validation images; may be none.</param>
/// <param name="Test">Test images; may be none.</param>
/// <param name="Fingerprint">The set's fingerprint.</param>
/// <param name="Explanation">How the split came about, one sentence.</param>
public sealed record TrainingData(ImageSet Set, IReadOnlyList<ImageSample> Train, IReadOnlyList<ImageSample> Validation, IReadOnlyList<ImageSample> Test, string Fingerprint, string Explanation)
{
    private const int UnusableTold = 3;

    /// <summary>SHA-256 over the names and labels of each part, in order: 64 hex digits.</summary>
    public string SplitFingerprint { get; } = FingerprintOf(Train, Validation, Test);

    /// <summary>How many images of each class the set and the parts have.</summary>
    public DataCounts Counts { get; } = new(CountsOf(Set, Set.Samples), CountsOf(Set, Train), CountsOf(Set, Validation), CountsOf(Set, Test));

    /// <summary>Opens the set of a recipe and splits it.</summary>
    /// <param name="recipe">What the recipe says.</param>
    /// <param name="seed">The run's seed; random splits draw from its stream <c>split</c>.</param>
    /// <param name="recipeFolder">Where a relative path is looked for when the working folder hasn't it.</param>
    /// <returns>The images.</returns>
    /// <exception cref="BadInputException">The set cannot be opened, or the split leaves nothing to train on.</exception>
    public static TrainingData Open(DataRecipe recipe, ulong seed, string? recipeFolder = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ImageSetOptions options = OptionsOf(recipe);
        if (recipe.ImageRoot is string imageRoot)
            options = options with { ImageRoot = Find(imageRoot, recipeFolder, "Set data.imageRoot in the recipe, or --set data.imageRoot=PATH.") };
        ImageSet set = ImageSet.Open(Find(recipe.Path, recipeFolder), options);
        // A set without images has no split to explain; the gate names what it is really missing.
        if (set.Samples.Count == 0)
            DataGate.Check(set, allow: recipe.Allow);
        return DataSplit.Of(set, recipe.Split, seed, set.Fingerprint());
    }

    /// <summary>How a recipe wants a set opened, its own or another; <c>imageRoot</c>, which only its own has, is left out.</summary>
    /// <param name="recipe">What the recipe says.</param>
    /// <returns>Options of the set.</returns>
    public static ImageSetOptions OptionsOf(DataRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return new ImageSetOptions
        {
            CropsOf = recipe.Crops.Of == CropSource.Auto ? null : recipe.Crops.Of.ToString().ToLowerInvariant(),
            MinCropSide = recipe.Crops.MinSide,
            CropMargin = recipe.Crops.Margin,
            SquareCrops = recipe.Crops.Square,
            MaxOcclusion = recipe.Crops.MaxOcclusion,
            MaxTruncation = recipe.Crops.MaxTruncation,
            PathColumn = recipe.Columns.Path,
            LabelColumn = recipe.Columns.Label,
            SplitColumn = recipe.Columns.Split,
            GroupColumn = recipe.Columns.Group,
        };
    }

    /// <summary>Names of images that cannot be used and take no part.</summary>
    public IReadOnlyList<string> Unusable { get; init; } = [];

    /// <summary>Runs the gate over the images as they will be trained.</summary>
    /// <param name="allow">Codes of problems that are known and accepted.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <param name="say">Told which images are left out, and why.</param>
    /// <returns>The images without those that cannot be used.</returns>
    /// <exception cref="BadInputException">Something stops training; the message holds code, file, value and fix.</exception>
    public TrainingData Checked(IReadOnlyCollection<string> allow, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default, Action<string>? say = null)
    {
        ImageSample[] asTrained =
        [
            .. Train.Select(s => s with { Split = "train" }),
            .. Validation.Select(s => s with { Split = "val" }),
            .. Test.Select(s => s with { Split = "test" }),
        ];
        var set = new ImageSet(Set.Format, Set.Root, Set.Evidence, Set.Classes, asTrained, Set.Problems);
        DataAuditReport report = DataGate.Check(set, progress, cancellationToken, allow);
        if (say is not null)
            TellUnusable(report, say);
        var usable = report.UsableSet().Samples.Select(s => s.Name).ToHashSet();
        return Without([.. asTrained.Select(s => s.Name).Where(n => !usable.Contains(n))]);
    }

    private static void TellUnusable(DataAuditReport report, Action<string> say)
    {
        int told = 0;
        foreach (DataProblem problem in report.Problems.Where(p => p.Unusable > 0).Take(UnusableTold))
        {
            say($"{(told == 0 ? $"{report.Unusable} image{(report.Unusable == 1 ? "" : "s")} left out: " : "  ")}{problem.Path}{(problem.Line is int line ? $":{line}" : "")}: {problem.Message}");
            told += problem.Unusable;
        }
        if (told < report.Unusable)
            say($"  and {report.Unusable - told} more");
    }

    /// <summary>The images without some.</summary>
    /// <param name="unusable">Names of those to leave out.</param>
    /// <returns>The rest.</returns>
    public TrainingData Without(IReadOnlyList<string> unusable)
    {
        ArgumentNullException.ThrowIfNull(unusable);
        return new TrainingData(Set, Rest(Train, unusable), Rest(Validation, unusable), Rest(Test, unusable), Fingerprint, Explanation) { Unusable = unusable };
    }

    private static IReadOnlyList<ImageSample> Rest(IReadOnlyList<ImageSample> part, IReadOnlyList<string> without)
    {
        HashSet<string> names = [.. without];
        return names.Count == 0 ? part : [.. part.Where(s => !names.Contains(s.Name))];
    }

    /// <summary>Whether a part has images.</summary>
    internal bool Has(string split) => Images(split).Count > 0;

    /// <summary>One of the three parts, or all images that can be used.</summary>
    /// <param name="split"><c>train</c>, <c>val</c>, <c>test</c> or <c>all</c>.</param>
    /// <returns>Its images.</returns>
    /// <exception cref="BadInputException">There is no such part, or it is empty.</exception>
    public IReadOnlyList<ImageSample> Part(string split)
    {
        IReadOnlyList<ImageSample> part = Images(split);
        return part.Count > 0 ? part : throw new BadInputException("split-empty", $"The split '{split}' has no images ({Explanation}).", Set.Root);
    }

    private IReadOnlyList<ImageSample> Images(string split) => split switch
    {
        "train" => Train,
        "val" or "validation" => Validation,
        "test" => Test,
        "all" => Rest(Set.Samples, Unusable),
        _ => throw new BadInputException("split-unknown", $"--split is '{split}'; expected train, val, test or all."),
    };

    /// <summary>Where a recipe's path leads: as typed from the working folder, else from the recipe's.</summary>
    /// <param name="path">The path in the recipe.</param>
    /// <param name="recipeFolder">The recipe's folder.</param>
    /// <param name="fix">What to do when it leads nowhere; by default what helps who starts a training.</param>
    /// <returns>A full path.</returns>
    /// <exception cref="BadInputException">It leads nowhere.</exception>
    public static string Find(string path, string? recipeFolder, string fix = "Set data.path in the recipe, or --set data.path=PATH.") =>
        Place(path, recipeFolder) ?? throw new BadInputException("data-missing", "There is no such file or folder.", Path.GetFullPath(path), fix: fix);

    /// <summary>As <see cref="Find"/>; null when it leads nowhere.</summary>
    internal static string? Place(string path, string? recipeFolder)
    {
        string here = Path.GetFullPath(path);
        if (Path.Exists(here))
            return here;
        return recipeFolder is not null && Path.GetFullPath(Path.Combine(recipeFolder, path)) is string beside && Path.Exists(beside) ? beside : null;
    }

    internal static int[] CountsOf(ImageSet set, IReadOnlyList<ImageSample> part)
    {
        var counts = new int[set.Classes.Count];
        foreach (ImageSample sample in part)
            counts[sample.Label]++;
        return counts;
    }

    private static string FingerprintOf(params IReadOnlyList<ImageSample>[] parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (IReadOnlyList<ImageSample> part in parts)
        {
            foreach (ImageSample sample in part)
                hash.AppendData(Encoding.UTF8.GetBytes($"{sample.Name}\0{sample.Label}\n"));
            hash.AppendData("\n"u8);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
