using System.Globalization;
using Sightline.Imaging;
using Sightline.Training.Augmentation;
using Sightline.Training.Recipes;

namespace Sightline.Labs;

/// <summary>
/// Question 4: what each remedy does to a network with too few images. ResNet-20 on 500 and on 2,000 images of CIFAR-10, each remedy by
/// itself and the best together, capacity up and down, the other network's weights to start from; 3 seeds. For orientation the same on
/// all images, one seed.
/// </summary>
/// <remarks>Each cell is a recipe as <c>sightline train</c> takes it; another seed draws another subset, the same for every remedy.</remarks>
public sealed class OverfittingLab : Lab
{
    private const int Few = 500, Some = 2_000, Whole = 50_000;

    /// <inheritdoc/>
    public override string Name => "overfitting";

    /// <inheritdoc/>
    public override int Question => 4;

    /// <inheritdoc/>
    public override string Title => "Each regulariser by itself on 500 and 2,000 images; capacity; other weights to start from.";

    /// <inheritdoc/>
    public override double BudgetMinutes => 60;

    /// <inheritdoc/>
    public override bool TakesData => true;

    /// <inheritdoc/>
    public override string Headline => "valError";

    /// <inheritdoc/>
    public override IReadOnlyList<LabCell> Cells(bool ownData = false)
    {
        var cells = new List<LabCell>();
        foreach (int images in (int[])[Some, Few])
        {
            for (ulong seed = 1; seed <= 3; seed++)
            {
                foreach ((string name, double cost, Func<Recipe, Recipe> remedy) in Remedies.Where(r => images == Some || AtFew.Contains(r.Name)))
                    cells.Add(Cell($"{name}-{images}", seed, images, cost, remedy));
            }
        }
        for (ulong seed = 1; seed <= 3; seed++)
            cells.Add(Cell($"transfer-{Few}", seed, Few, 1.2, Transfer));
        foreach (string name in (string[])["none", "together"])
        {
            (_, double cost, Func<Recipe, Recipe> remedy) = Remedies.First(r => r.Name == name);
            cells.Add(Cell($"{name}-{Whole}", 1, Whole, cost, remedy));
        }
        return cells;
    }

    /// <summary>What is done against overfitting, what it costs in time against nothing, and how a recipe says it.</summary>
    private static IReadOnlyList<(string Name, double Cost, Func<Recipe, Recipe> Remedy)> Remedies { get; } =
    [
        ("none", 1, r => r),
        ("decay", 1, r => r with { Optimiser = r.Optimiser with { WeightDecay = 5e-4 } }),
        ("decay-strong", 1, r => r with { Optimiser = r.Optimiser with { WeightDecay = 5e-3 } }),
        ("l1", 1, r => r with { Optimiser = r.Optimiser with { L1 = 1e-4 } }),
        ("adam-l2", 1, r => r with { Optimiser = r.Optimiser with { Name = OptimiserName.Adam, LearningRate = 2e-3, WeightDecay = 0.05 } }),
        ("adam-decoupled", 1, r => r with { Optimiser = r.Optimiser with { Name = OptimiserName.AdamW, LearningRate = 2e-3, WeightDecay = 0.05 } }),
        ("dropout", 1, r => r with { Network = r.Network with { Options = r.Network.Options with { Dropout = 0.3 } } }),
        ("smoothing", 1, r => r with { Loss = r.Loss with { LabelSmoothing = 0.1 } }),
        ("shift-flip", 1, r => r with { Augmentation = ShiftFlip }),
        ("mixup", 1, r => r with { Augmentation = new AugmentationRecipe { MixUp = new MixUpRecipe { Alpha = 1 } } }),
        ("cutmix", 1, r => r with { Augmentation = new AugmentationRecipe { CutMix = new CutMixRecipe { Alpha = 1 } } }),
        ("stochastic-depth", 1, r => r with { Network = r.Network with { Options = r.Network.Options with { StochasticDepth = 0.5 } } }),
        ("averaging", 1.2, r => r with { Training = r.Training with { Swa = new SwaRecipe { FromEpoch = 15, Rate = 0.3 } } }),
        ("sharpness", 2, r => r with { Training = r.Training with { Sharpness = 0.05 } }),
        ("early-stopping", 1, EarlyStopping),
        ("smaller", 0.4, r => r with { Network = r.Network with { Name = "cifar_resnet8" } }),
        ("larger", 1.7, r => r with { Network = r.Network with { Name = "cifar_resnet32" } }),
        ("together", 1, r => r with
        {
            Augmentation = ShiftFlip with { CutMix = new CutMixRecipe { Alpha = 1, Probability = 0.5 } },
            Optimiser = r.Optimiser with { WeightDecay = 5e-4 },
            Loss = r.Loss with { LabelSmoothing = 0.1 },
        }),
    ];

    // The hour does not hold all of them twice.
    private static string[] AtFew => ["none", "decay", "dropout", "shift-flip", "cutmix", "early-stopping", "smaller", "together"];

    private static AugmentationRecipe ShiftFlip => new() { Pad = 4, HorizontalFlip = 0.5 };

    private static LabCell Cell(string group, ulong seed, int images, double cost, Func<Recipe, Recipe> remedy)
    {
        int epochs = images == Few ? 60 : images == Some ? 25 : 5;
        double minutes = images == Few ? 0.5 : images == Some ? 0.7 : 3;
        Recipe recipe = remedy(Base(images, epochs));
        var setting = new Dictionary<string, string>
        {
            ["remedy"] = group[..group.LastIndexOf('-')],
            ["network"] = recipe.Network.Name,
            ["images"] = images.ToString(CultureInfo.InvariantCulture),
            ["side"] = $"{recipe.Preprocessing.Width} px",
            ["epochs"] = recipe.Training.Epochs.ToString(CultureInfo.InvariantCulture),
        };
        return new LabCell(group, seed, minutes * cost, setting, context => RecipeTraining.Run(recipe, context));
    }

    // ResNet-20 without any regulariser but what it cannot be without: BatchNorm.
    private static Recipe Base(int images, int epochs) => new()
    {
        Name = "overfitting",
        Data = new DataRecipe
        {
            Path = "",
            Allow = ["duplicate-across-splits"], // the benchmark as published
            Split = new SplitRecipe { ValidationFraction = 0, TrainLimit = images },
        },
        Preprocessing = new PreprocessingRecipe { Width = 32, Height = 32 },
        Network = new NetworkRecipe { Name = "cifar_resnet20" },
        Optimiser = new OptimiserRecipe { LearningRate = 0.1, WeightDecay = 0 },
        // One number format for all cells, whatever else the machine does while one is chosen.
        Training = new TrainingRecipe { Epochs = epochs, BatchSize = images == Whole ? 128 : 50, Precision = PrecisionChoice.Bf16 },
    };

    // The images that say when to stop are taken from the same few.
    private static Recipe EarlyStopping(Recipe r)
    {
        int images = r.Data.Split.TrainLimit, kept = images / 10;
        return r with
        {
            Data = r.Data with { Split = r.Data.Split with { ValidationFraction = kept / (double)Whole, TrainLimit = images - kept } },
            Training = r.Training with { EarlyStoppingPatience = 8 },
        };
    }

    // A network that has seen ImageNet: first the classifier layer alone, then all of it with a tenth of the rate before it.
    private static Recipe Transfer(Recipe r) => r with
    {
        Preprocessing = new PreprocessingRecipe { Width = 64, Height = 64, Resize = ResizeRule.Stretch },
        Network = new NetworkRecipe { Name = "resnet18_imagenet", Pretrained = PretrainedWeights.Imagenet, FrozenEpochs = 5, BackboneRate = 0.1 },
        Optimiser = r.Optimiser with { LearningRate = 0.02, WeightDecay = 5e-4 },
        Training = r.Training with { Epochs = 15 },
    };
}
