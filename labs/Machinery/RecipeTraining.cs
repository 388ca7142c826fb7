using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Metrics;
using Sightline.Training.Evaluation;
using Sightline.Training.Optimisation;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Labs;

/// <summary>What a trained recipe gives for some of its images.</summary>
/// <param name="Logits">Row-major <c>[N, K] float32</c>.</param>
/// <param name="Labels">N labels.</param>
/// <param name="Classes">K.</param>
internal sealed record LabScores(float[] Logits, int[] Labels, int Classes)
{
    /// <summary>Mean cross-entropy and share of wrong answers.</summary>
    public (double Loss, double Error) Score()
    {
        LogitScore score = LogitScore.Of(Logits, Labels, Classes);
        return (score.Loss, 1 - score.Top1);
    }

    /// <summary>Of each class's images, the share that is found.</summary>
    public double[] RecallByClass()
    {
        int[] images = new int[Classes], found = new int[Classes];
        for (int i = 0; i < Labels.Length; i++)
        {
            int best = 0;
            for (int k = 1; k < Classes; k++)
                best = Logits[i * Classes + k] > Logits[i * Classes + best] ? k : best;
            images[Labels[i]]++;
            found[Labels[i]] += best == Labels[i] ? 1 : 0;
        }
        return [.. images.Zip(found, (of, f) => f / (double)Math.Max(1, of))];
    }

    /// <summary>The expected calibration error over 15 bins (Guo et al. 2017).</summary>
    public double CalibrationError()
    {
        float[] p = [.. Logits];
        Evaluator.Softmax(p, Classes);
        return ClassificationReport.From(p, Labels, [.. Enumerable.Range(0, Classes).Select(k => $"{k}")], seed: 1).Ece;
    }

    /// <summary>The same with a number added to each class's logit: moved thresholds.</summary>
    /// <param name="by">One for each class.</param>
    public LabScores Shifted(IReadOnlyList<double> by) => this with { Logits = [.. Logits.Select((z, i) => (float)(z + by[i % Classes]))] };

    /// <summary>By how much the logit of the right class leads the largest other, on average; below 0 where the answer is wrong.</summary>
    public double Margin()
    {
        double sum = 0;
        for (int i = 0; i < Labels.Length; i++)
        {
            float other = float.NegativeInfinity;
            for (int k = 0; k < Classes; k++)
                other = k == Labels[i] ? other : Math.Max(other, Logits[i * Classes + k]);
            sum += Logits[i * Classes + Labels[i]] - other;
        }
        return sum / Labels.Length;
    }
}

/// <summary>Adds metrics and curves of a trained recipe.</summary>
/// <param name="held">What the network gives for the held-out images.</param>
/// <param name="trainCounts">Training images of each class.</param>
/// <param name="metrics">Where numbers go.</param>
/// <param name="curves">Where rows of numbers go.</param>
internal delegate void MoreMetrics(LabScores held, IReadOnlyList<int> trainCounts, Dictionary<string, double> metrics, Dictionary<string, IReadOnlyList<double>> curves);

/// <summary>
/// A cell that is a recipe, trained and evaluated as <c>sightline train</c> and <c>sightline evaluate</c> do: what a lab finds with it, a
/// reader gets by writing the same recipe.
/// </summary>
internal static class RecipeTraining
{
    /// <summary>Trains, and measures on training and held-out images.</summary>
    /// <param name="recipe">The recipe; its seed, its data and, for a quick run, its epochs are set here.</param>
    /// <param name="context">Seed, data, scratch folder, progress.</param>
    /// <param name="data">The data set's name below the shared data folder.</param>
    /// <param name="folder">The run's name in the scratch folder.</param>
    /// <param name="more">Adds metrics from what the trained network gives for held-out images; null for none.</param>
    /// <returns>Losses, errors, their gap, margins and the norm of the weights.</returns>
    public static LabOutcome Run(Recipe recipe, LabContext context, string data = "cifar10", string folder = "run", MoreMetrics? more = null)
    {
        string path = context.Data ?? (context.Quick ? Synthetic(context.Scratch) : LabImages.SharedData(data));
        SplitRecipe split = recipe.Data.Split;
        if (context.Data is not null || context.Quick)
        {
            // Other sets have other sizes, and perhaps no test images of their own.
            split = split with { TestFraction = 0.2, ValidationFraction = recipe.Training.EarlyStoppingPatience > 0 ? 0.1 : 0, TrainLimit = context.Quick ? 0 : split.TrainLimit, Imbalance = context.Quick ? Math.Min(4, split.Imbalance) : split.Imbalance };
        }
        recipe = recipe with
        {
            Seed = context.Seed,
            Data = recipe.Data with { Path = path, Split = split },
            Training = recipe.Training with { Epochs = context.Quick ? 1 : recipe.Training.Epochs, Swa = context.Quick && recipe.Training.Swa is { } swa ? swa with { FromEpoch = 0 } : recipe.Training.Swa },
            Network = recipe.Network with { FrozenEpochs = context.Quick ? Math.Min(1, recipe.Network.FrozenEpochs) : recipe.Network.FrozenEpochs },
        };
        string run = Path.Combine(context.Scratch, folder);
        RunSummary summary = TrainingRun.Start(recipe, run, new RunOptions { Progress = context.Progress, Imagenet = context.Imagenet }, context.Cancellation);
        if (summary.End != RunEnd.Finished)
            throw new OperationCanceledException();
        using TrainedModel model = TrainedModel.Load(run);
        LabScores train = Scores(model, "train"), held = Scores(model, model.State.Counts?.Test.Sum() > 0 ? "test" : "val");
        (double trainLoss, double trainError) = train.Score();
        (double heldLoss, double heldError) = held.Score();
        var metrics = new Dictionary<string, double>
        {
            ["valError"] = heldError,
            ["trainError"] = trainError,
            ["gap"] = heldError - trainError,
            ["valLoss"] = heldLoss,
            ["trainLoss"] = trainLoss,
            ["margin"] = train.Margin(),
            ["heldMargin"] = held.Margin(),
            ["weightNorm"] = WeightNorm.Of(OptimisedParameter.Of(model.Network, recipe.Optimiser)),
            ["trainImages"] = train.Labels.Length,
            ["valImages"] = held.Labels.Length,
        };
        IReadOnlyList<EpochMetrics> epochs = MetricsLog.Read(new RunFolder(run).Metrics);
        var curves = new Dictionary<string, IReadOnlyList<double>>
        {
            ["trainLoss"] = [.. epochs.Select(e => e.TrainLoss)],
            ["trainErrorAugmented"] = [.. epochs.Select(e => 1 - e.TrainTop1)],
        };
        more?.Invoke(held, model.State.Counts!.Train, metrics, curves);
        return new LabOutcome(metrics, curves, model.State.Precision);
    }

    /// <summary>The checkpoint that a run of this cell left, to start a second stage from.</summary>
    public static string Checkpoint(LabContext context, string folder) => Path.Combine(context.Scratch, folder, "checkpoints", "last.safetensors");

    private static LabScores Scores(TrainedModel model, string part)
    {
        (IReadOnlyList<ImageSample> samples, _, _) = EvaluationImages.Of(model, data: null, split: part);
        return new LabScores(Evaluator.Logits(model, samples), [.. samples.Select(s => s.Label)], model.Classes.Count);
    }

    // Noise with one bright quarter a class, as files: for tests that machinery runs.
    private static string Synthetic(string scratch)
    {
        string root = Path.Combine(scratch, "set");
        if (Directory.Exists(root))
            return root;
        LabImages images = LabImages.Synthetic(120, 40);
        foreach ((string split, byte[] pixels, int[] labels) in ((string, byte[], int[])[])[("train", images.Train, images.TrainLabels), ("test", images.Validation, images.ValidationLabels)])
        {
            for (int i = 0; i < labels.Length; i++)
            {
                var image = new RgbImage(images.Side, images.Side);
                pixels.AsSpan(i * images.Stride, images.Stride).CopyTo(image.Pixels);
                string folder = Path.Combine(root, split, images.Classes[labels[i]]);
                Directory.CreateDirectory(folder);
                File.WriteAllBytes(Path.Combine(folder, $"{i}.png"), ImageCodec.EncodePng(image));
            }
        }
        return root;
    }
}
