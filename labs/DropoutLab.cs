using System.Globalization;
using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Labs;

/// <summary>
/// Question 15: what dropout does to a network that has too few images, what its scaling is for, and what it does in front of a
/// BatchNorm. A perceptron on 2,000 CIFAR-10 images without augmentation; a small convolutional network on the same with it; 3 seeds.
/// </summary>
/// <remarks>
/// After Srivastava et al. 2014 (JMLR 15; there: MNIST, 60,000 images, up to a million steps) and Li, Chen, Hu, Yang: "Understanding the
/// Disharmony between Dropout and Batch Normalization by Variance Shift", CVPR 2019 (arXiv 1801.05134; there: ResNets on CIFAR, 50,000
/// images). Here: 60 epochs of 2,000 images, 1,860 steps of batch 64.
/// </remarks>
public sealed class DropoutLab : Lab
{
    private const int TrainImages = 2_000, Epochs = 60, Votes = 20;
    private const ulong SubsetSeed = 15;

    /// <inheritdoc/>
    public override string Name => "dropout";

    /// <inheritdoc/>
    public override int Question => 15;

    /// <inheritdoc/>
    public override string Title => "Dropout of 50 and 75 %, scaled in training, in use or not at all, in a perceptron; dropout before BatchNorm.";

    /// <inheritdoc/>
    public override double BudgetMinutes => 60;

    /// <inheritdoc/>
    public override bool TakesData => true;

    /// <inheritdoc/>
    public override string Headline => "top1";

    /// <inheritdoc/>
    public override IReadOnlyList<LabCell> Cells(bool ownData = false)
    {
        var cells = new List<LabCell>();
        for (ulong seed = 1; seed <= 3; seed++)
        {
            cells.Add(Perceptron("mlp", seed, 0, DropoutScaling.Inverted));
            cells.Add(Perceptron("mlp-50", seed, 0.5, DropoutScaling.Inverted));
            cells.Add(Perceptron("mlp-75", seed, 0.75, DropoutScaling.Inverted));
            cells.Add(Perceptron("mlp-50-classic", seed, 0.5, DropoutScaling.Classic));
            cells.Add(Perceptron("mlp-50-missing", seed, 0.5, DropoutScaling.Missing));
            cells.Add(BesideNorm("norm", seed, before: 0, after: 0));
            cells.Add(BesideNorm("norm-dropout-before", seed, before: 0.5, after: 0));
            cells.Add(BesideNorm("norm-dropout-after", seed, before: 0, after: 0.5));
        }
        return cells;
    }

    private static LabCell Perceptron(string group, ulong seed, double drop, DropoutScaling scaling)
    {
        var setting = Setting("mlp");
        setting["dropout"] = drop.ToString(CultureInfo.InvariantCulture);
        setting["scaling"] = scaling.ToString().ToLowerInvariant();
        return new LabCell(group, seed, 1.2, setting, context =>
        {
            var plan = new LabTrainingPlan
            {
                Network = "mlp",
                Options = new NetworkOptions { Dropout = drop, DropoutScaling = scaling },
                Epochs = context.Quick ? 1 : Epochs,
                BatchSize = 64,
                Rate = 0.02,
                Augment = false,
            };
            using var training = new LabTraining(Images(context), plan, context);
            LabOutcome outcome = training.Run();
            var metrics = new Dictionary<string, double>(outcome.Metrics) { ["confidence"] = Confidence(training) };
            if (drop > 0 && scaling == DropoutScaling.Inverted)
                Vote(training, metrics);
            return outcome with { Metrics = metrics };
        });
    }

    private static LabCell BesideNorm(string group, ulong seed, double before, double after)
    {
        var setting = Setting("conv-bn ×3");
        setting["dropoutBeforeNorm"] = before.ToString(CultureInfo.InvariantCulture);
        setting["dropoutBehindNorms"] = after.ToString(CultureInfo.InvariantCulture);
        return new LabCell(group, seed, 1, setting, context =>
        {
            var plan = new LabTrainingPlan { Network = "", Build = classes => new NormNetwork(classes, before, after), Epochs = context.Quick ? 1 : Epochs, BatchSize = 64 };
            using var training = new LabTraining(Images(context), plan, context);
            LabOutcome outcome = training.Run();
            var network = (NormNetwork)training.Network;
            var metrics = new Dictionary<string, double>(outcome.Metrics)
            {
                ["varianceShift"] = network.VarianceInUse(() => training.Pass(held: false, (_, _) => { })),
            };
            metrics["top1EstimatedAnew"] = 1 - training.HeldError();
            return outcome with { Metrics = metrics };
        });
    }

    private static Dictionary<string, string> Setting(string network) => new()
    {
        ["network"] = network,
        ["images"] = TrainImages.ToString(CultureInfo.InvariantCulture),
        ["epochs"] = Epochs.ToString(CultureInfo.InvariantCulture),
    };

    private static LabImages Images(LabContext context) => LabImages.Few(context, TrainImages, SubsetSeed);

    // The mean of the largest probability on held-out images: what the network believes its accuracy to be.
    private static double Confidence(LabTraining training)
    {
        double sum = 0;
        long images = 0;
        training.Pass(held: true, (logits, labels) =>
        {
            sum += nn.functional.softmax(logits, 1).amax([1]).sum().item<float>();
            images += labels.shape[0];
        });
        return sum / images;
    }

    // Monte Carlo dropout (Gal and Ghahramani 2016): the mean of passes with dropout left on.
    private static void Vote(LabTraining training, Dictionary<string, double> metrics)
    {
        using DisposeScope scope = NewDisposeScope();
        training.Network.train();
        Tensor? votes = null;
        var truth = new List<long>();
        for (int vote = 0; vote < Votes; vote++)
        {
            var parts = new List<Tensor>();
            truth.Clear();
            training.Pass(held: true, (logits, labels) =>
            {
                parts.Add(nn.functional.softmax(logits, 1).MoveToOuterDisposeScope());
                truth.AddRange(labels.data<long>().ToArray());
            });
            Tensor whole = cat(parts);
            votes = votes is null ? whole : votes + whole;
        }
        training.Network.eval();
        Tensor right = votes!.argmax(1).eq(tensor(truth.ToArray())).to(float32), order = votes!.amax([1]).argsort(descending: true);
        long half = right.shape[0] / 2;
        metrics["votedTop1"] = right.mean().item<float>();
        metrics["votedTop1SurestHalf"] = right[order[TensorIndex.Slice(0, half)]].mean().item<float>();
        metrics["votedTop1OtherHalf"] = right[order[TensorIndex.Slice(half)]].mean().item<float>();
    }
}
