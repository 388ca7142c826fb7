using System.Globalization;
using Sightline.Training.Augmentation;
using Sightline.Training.Evaluation;
using Sightline.Training.Recipes;

namespace Sightline.Labs;

/// <summary>
/// Question 3: what helps when some classes are rare. CIFAR-10 thinned so that the first class has a hundred times the images of the last
/// (Cui et al. 2019), ResNet-8, tested on as many images of each class: losses, samplers, a second stage, moved thresholds; an imbalance of
/// ten; cells cut out of microscope pictures, where platelets are rare; weights on a network that fits its training images anyway; and
/// steering, where most frames drive straight on. 3 seeds.
/// </summary>
/// <remarks>Each cell is a recipe as <c>sightline train</c> takes it. The papers train ResNet-32 for 200 epochs; here it is 20 of ResNet-8.</remarks>
public sealed class UnbalancedLab : Lab
{
    private const int Epochs = 20, SecondStageEpochs = 5;
    private const double Strong = 100, Mild = 10;

    /// <inheritdoc/>
    public override string Name => "unbalanced";

    /// <inheritdoc/>
    public override int Question => 3;

    /// <inheritdoc/>
    public override string Title => "Losses, samplers, a second stage and moved thresholds on long-tailed CIFAR-10 and on blood cells; steering, mostly straight on.";

    /// <inheritdoc/>
    public override double BudgetMinutes => 60;

    /// <inheritdoc/>
    public override string Headline => "top1";

    /// <inheritdoc/>
    public override IReadOnlyList<LabCell> Cells(bool ownData = false)
    {
        var cells = new List<LabCell>();
        for (ulong seed = 1; seed <= 3; seed++)
        {
            foreach ((string name, Func<Recipe, Recipe> method) in Methods)
                cells.Add(Cell(name, seed, 0.9, Strong, c => RecipeTraining.Run(method(Base(Strong)), c, more: ByClass)));
            cells.Add(Cell("two-stage", seed, 1.2, Strong, TwoStages));
            foreach (string name in (string[])["cross-entropy", "balanced-softmax", "class-balanced-sampling"])
                cells.Add(Cell(name + "-10", seed, 1.3, Mild, c => RecipeTraining.Run(Method(name)(Base(Mild)), c, more: ByClass)));
            foreach (string name in (string[])["cross-entropy", "inverse-frequency"])
            {
                cells.Add(Cell(name + "-fitted", seed, 1.4, Strong, c => RecipeTraining.Run(Method(name)(Fitted(Base(Strong))), c, more: ByClass)));
                cells.Add(Cell("blood-" + name, seed, 0.8, 0, c => RecipeTraining.Run(Method(name)(Blood()), c, data: "bccd", more: ByClass)));
            }
            foreach (SteeringBalance balance in Enum.GetValues<SteeringBalance>())
                cells.Add(Steering(seed, balance));
        }
        return cells;
    }

    private static IReadOnlyList<(string Name, Func<Recipe, Recipe> Method)> Methods { get; } =
    [
        ("cross-entropy", r => r),
        ("inverse-frequency", r => r with { Loss = r.Loss with { ClassWeights = ClassWeighting.InverseFrequency } }),
        ("effective-number", r => r with { Loss = r.Loss with { ClassWeights = ClassWeighting.EffectiveNumber, EffectiveBeta = 0.9999 } }),
        ("focal", r => r with { Loss = r.Loss with { Name = LossName.Focal, FocalGamma = 2 } }),
        ("balanced-softmax", r => r with { Loss = r.Loss with { LogitAdjustment = 1 } }),
        ("class-balanced-sampling", r => r with { Data = r.Data with { Sampling = new SamplingRecipe { Name = SamplingName.ClassBalanced } } }),
        ("square-root-sampling", r => r with { Data = r.Data with { Sampling = new SamplingRecipe { Name = SamplingName.SquareRoot } } }),
        ("repeat-factor-sampling", r => r with { Data = r.Data with { Sampling = new SamplingRecipe { Name = SamplingName.RepeatFactor } } }),
    ];

    private static Func<Recipe, Recipe> Method(string name) => Methods.First(m => m.Name == name).Method;

    private static LabCell Cell(string group, ulong seed, double minutes, double imbalance, Func<LabContext, LabOutcome> run)
    {
        var setting = new Dictionary<string, string>
        {
            ["method"] = group,
            ["imbalance"] = imbalance > 0 ? imbalance.ToString(CultureInfo.InvariantCulture) : "as recorded",
            ["epochs"] = Epochs.ToString(CultureInfo.InvariantCulture),
        };
        return new LabCell(group, seed, minutes, setting, run);
    }

    private static LabCell Steering(ulong seed, SteeringBalance balance)
    {
        string method = balance switch { SteeringBalance.None => "plain", _ => balance.ToString().ToLowerInvariant() };
        var setting = new Dictionary<string, string>
        {
            ["method"] = method,
            ["images"] = "Donkey Car, two stretches; held out: the third",
            ["epochs"] = SteeringExperiment.Epochs.ToString(CultureInfo.InvariantCulture),
        };
        return new LabCell($"steering-{method}", seed, 0.6, setting, context => new SteeringExperiment(context, balance).Run());
    }

    private static Recipe Base(double imbalance) => new()
    {
        Name = "unbalanced",
        Data = new DataRecipe
        {
            Path = "",
            Allow = ["duplicate-across-splits"], // the benchmark as published
            Split = new SplitRecipe { ValidationFraction = 0, Imbalance = imbalance },
        },
        Preprocessing = new PreprocessingRecipe { Width = 32, Height = 32 },
        Augmentation = new AugmentationRecipe { Pad = 4, HorizontalFlip = 0.5 },
        Network = new NetworkRecipe { Name = "cifar_resnet8" },
        Optimiser = new OptimiserRecipe { LearningRate = 0.1, WeightDecay = 5e-4 },
        Training = new TrainingRecipe { Epochs = Epochs, BatchSize = 128 },
    };

    // Enough network, and nothing against learning by heart: 2,000 images, 30 epochs.
    private static Recipe Fitted(Recipe r) => r with
    {
        Data = r.Data with { Split = r.Data.Split with { TrainLimit = 2_000 } },
        Augmentation = AugmentationRecipe.None,
        Network = r.Network with { Name = "cifar_resnet20" },
        Optimiser = r.Optimiser with { WeightDecay = 0 },
        Training = r.Training with { Epochs = 30, BatchSize = 50 },
    };

    private static Recipe Blood() => Base(1) with
    {
        Data = new DataRecipe { Path = "", Split = new SplitRecipe { ValidationFraction = 0 } },
    };

    // Everything is learnt as it comes; then the classifier layer anew, on classes as often as each other (Kang et al. 2020, section 4.1).
    private static LabOutcome TwoStages(LabContext context)
    {
        RecipeTraining.Run(Base(Strong), context, folder: "first");
        Recipe second = Method("class-balanced-sampling")(Base(Strong));
        return RecipeTraining.Run(second with
        {
            Network = second.Network with { Weights = RecipeTraining.Checkpoint(context, "first"), FreshHead = true, FrozenEpochs = SecondStageEpochs },
            Training = second.Training with { Epochs = SecondStageEpochs },
        }, context, folder: "second", more: ByClass);
    }

    // Accuracy over images and by class: of the worst, of the three most and least frequent; calibration; and, of the same network, with
    // the training's frequencies taken out of its logits afterwards.
    private static void ByClass(LabScores held, IReadOnlyList<int> trainCounts, Dictionary<string, double> metrics)
    {
        double[] recall = held.RecallByClass();
        int[] byFrequency = [.. Enumerable.Range(0, recall.Length).OrderByDescending(k => trainCounts[k])];
        int few = Math.Min(3, Math.Max(1, recall.Length / 3));
        metrics["top1"] = 1 - metrics["valError"];
        metrics["meanClassTop1"] = recall.Average();
        metrics["worstClassTop1"] = recall.Min();
        metrics["frequentTop1"] = byFrequency[..few].Average(k => recall[k]);
        metrics["rareTop1"] = byFrequency[^few..].Average(k => recall[k]);
        metrics["calibration"] = held.CalibrationError();
        double images = trainCounts.Sum();
        LabScores corrected = held.Shifted([.. trainCounts.Select(n => -Math.Log(n / images))]);
        metrics["correctedTop1"] = 1 - corrected.Score().Error;
        metrics["correctedMeanClassTop1"] = corrected.RecallByClass().Average();
    }
}
