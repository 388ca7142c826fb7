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
                cells.Add(Cell(name, seed, 1.1, method(Base(Strong))));
            cells.Add(TwoStages(seed, 1.4));
            foreach (string name in (string[])["cross-entropy", "balanced-softmax", "class-balanced-sampling"])
                cells.Add(Cell(name + "-10", seed, 1.65, Method(name)(Base(Mild))));
            foreach (string name in (string[])["cross-entropy", "inverse-frequency"])
            {
                cells.Add(Cell(name + "-fitted", seed, 1.0, Method(name)(Fitted(Base(Strong)))));
                cells.Add(Cell("blood-" + name, seed, 0.5, Method(name)(Blood()), "bccd"));
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

    private static LabCell Cell(string group, ulong seed, double minutes, Recipe recipe, string data = "cifar10") =>
        new(group, seed, minutes, Setting(group, recipe), context => RecipeTraining.Run(recipe, context, data, more: (scores, counts, metrics, curves) => ByClass(recipe, scores, counts, metrics, curves)));

    private static Dictionary<string, string> Setting(string group, Recipe recipe) => new()
    {
        ["method"] = group,
        ["network"] = recipe.Network.Name,
        ["imbalance"] = recipe.Data.Split.Imbalance > 1 ? recipe.Data.Split.Imbalance.ToString(CultureInfo.InvariantCulture) : "as recorded",
        ["epochs"] = recipe.Training.Epochs.ToString(CultureInfo.InvariantCulture),
    };

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
        // One number format for all cells, whatever else the machine does while one is chosen.
        Training = new TrainingRecipe { Epochs = Epochs, BatchSize = 128, Precision = PrecisionChoice.Bf16 },
    };

    // Enough network, and nothing against learning by heart: 2,000 images, 30 epochs.
    private static Recipe Fitted(Recipe r) => r with
    {
        Data = r.Data with { Split = r.Data.Split with { TrainLimit = 2_000 } },
        Augmentation = AugmentationRecipe.None,
        Network = r.Network with { Name = "cifar_resnet20" },
        Optimiser = r.Optimiser with { LearningRate = 0.02, WeightDecay = 0 },
        Training = r.Training with { Epochs = 30, BatchSize = 50 },
    };

    private static Recipe Blood() => Base(1) with
    {
        Data = new DataRecipe { Path = "", Split = new SplitRecipe { ValidationFraction = 0 } },
    };

    // Everything is learnt as it comes; then the classifier layer anew, on classes as often as each other (Kang et al. 2020, section 4.1).
    private static LabCell TwoStages(ulong seed, double minutes)
    {
        Recipe first = Base(Strong), second = Method("class-balanced-sampling")(Base(Strong));
        second = second with { Training = second.Training with { Epochs = SecondStageEpochs } };
        Dictionary<string, string> setting = Setting("two-stage", first);
        setting["epochs"] = $"{Epochs} + {SecondStageEpochs} of the classifier layer";
        return new LabCell("two-stage", seed, minutes, setting, context =>
        {
            RecipeTraining.Run(first, context, folder: "first");
            NetworkRecipe network = second.Network with { Weights = RecipeTraining.Checkpoint(context, "first"), FreshHead = true, FrozenEpochs = SecondStageEpochs };
            return RecipeTraining.Run(second with { Network = network }, context, folder: "second", more: (scores, counts, metrics, curves) => ByClass(second, scores, counts, metrics, curves));
        });
    }

    // Accuracy over images and by class: of the worst, of the three most and least frequent; calibration; and, of the same network, moved
    // thresholds: with all of the training's frequencies taken out of its logits, and with what loss and sampler left of them in there
    // taken out, as `evaluate --prior uniform` does.
    private static void ByClass(Recipe recipe, LabScores held, IReadOnlyList<int> trainCounts, Dictionary<string, double> metrics, Dictionary<string, IReadOnlyList<double>> curves)
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
        Moved("corrected", [.. trainCounts.Select(n => -Math.Log(n / images))]);
        Moved("evenPrior", [.. LearntPrior.Of(recipe, trainCounts).Select(p => -Math.Log(p))]);
        curves["classTop1"] = [.. byFrequency.Select(k => recall[k])];
        curves["classTrainImages"] = [.. byFrequency.Select(k => (double)trainCounts[k])];
        curves["classTestImages"] = [.. byFrequency.Select(k => (double)held.Labels.Count(l => l == k))];

        void Moved(string name, double[] by)
        {
            LabScores moved = held.Shifted(by);
            metrics[name + "Top1"] = 1 - moved.Score().Error;
            metrics[name + "MeanClassTop1"] = moved.RecallByClass().Average();
        }
    }
}
