using System.Globalization;
using Sightline.Imaging;
using Sightline.Models;
using Sightline.Verification;

namespace Sightline.Labs;

/// <summary>
/// Question 9: what deployment costs when each step is done, and when one is done wrong. A classifier on a robot's footage is exported and fed by
/// faulty pre-processing, one fault at a time; four networks on CIFAR-10 are brought to 8-bit integers in several ways.
/// </summary>
/// <remarks>
/// MobileNets losing many points when quantised for a whole tensor at once: Krishnamoorthi 2018 (arXiv 1806.08342, tables 2 to 4) and Nagel et
/// al. 2019 (arXiv 1906.04721); there ImageNet, here 5,000 images of 32 pixels.
/// </remarks>
public sealed class DeploymentLab : Lab
{
    private const int TrainImages = 5_000, Epochs = 12, CameraSide = 64, Side = 32, CalibrationImages = 256, TimedPasses = 300;
    private const ulong SubsetSeed = 9;

    private static readonly (string Group, string Network, double Rate, double Minutes)[] Quantised =
    [
        ("resnet20", "cifar_resnet20", 0.1, 3), ("inception", "cifar_inception", 0.1, 3.5), ("mobilenet-v2", "cifar_mobilenet_v2", 0.05, 4), ("mobilenet-v1", "cifar_mobilenet_v1", 0.05, 4),
    ];

    /// <inheritdoc/>
    public override string Name => "deployment";

    /// <inheritdoc/>
    public override int Question => 9;

    /// <inheritdoc/>
    public override string Title => "An exported classifier with one fault at a time before and in it; four networks in 8-bit integers.";

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
            cells.Add(new LabCell("faults", seed, 2, Setting("cifar_resnet8", 30), Faults));
            cells.AddRange(Quantised.Select(q => new LabCell(q.Group, seed, q.Minutes, Setting(q.Network, Epochs), context => Quantise(context, q.Network, q.Rate))));
        }
        return cells;
    }

    private static Dictionary<string, string> Setting(string network, int epochs) => new() { ["network"] = network, ["epochs"] = epochs.ToString(CultureInfo.InvariantCulture) };

    private static LabOutcome Faults(LabContext context)
    {
        LabImages camera = context.Data is not null ? LabImages.Open(context.Data, CameraSide, context.Cancellation)
            : context.Quick ? LabImages.Synthetic(300, 40).Resized(CameraSide) : LabFootage.ByDrives(context, CameraSide);
        LabImages small = camera.Resized(Side);
        var plan = new LabTrainingPlan { Network = "cifar_resnet8", Epochs = context.Quick ? 1 : 30, BatchSize = context.Quick ? 32 : 64, WeightDecay = 5e-4, Light = 0.25 };
        using var training = new LabTraining(small, plan, context);
        LabOutcome outcome = training.Run();
        var deployed = DeployedNetwork.Of(training.Network, plan.Network, small);
        var metrics = new Dictionary<string, double>(outcome.Metrics);
        int[] right = deployed.Decisions(camera, deployed.Right, context.Cancellation), torch = DeployedNetwork.TorchDecisions(training.Network, small, deployed.Contract.Preprocessing);
        metrics["exportedTop1"] = Accuracy(right, camera);
        metrics["flips"] = right.Zip(torch).Count(d => d.First != d.Second);
        foreach ((string name, Func<RgbImage, float[]> prepare) in deployed.Faults())
            metrics[name + "Top1"] = Accuracy(deployed.Decisions(camera, prepare, context.Cancellation), camera);
        metrics["classOrderTop1"] = Accuracy([.. right.Select(d => camera.Classes.Count - 1 - d)], camera);
        DeployedNetwork.ForgetStatistics(training.Network);
        metrics["staleBatchNormTop1"] = Accuracy(DeployedNetwork.Of(training.Network, plan.Network, small).Decisions(camera, deployed.Right, context.Cancellation), camera);
        return outcome with { Metrics = metrics };
    }

    private static LabOutcome Quantise(LabContext context, string network, double rate)
    {
        LabImages images = LabImages.Few(context, context.Quick ? 100 : TrainImages, SubsetSeed);
        var plan = new LabTrainingPlan { Network = network, Epochs = context.Quick ? 1 : Epochs, BatchSize = 64, Rate = rate };
        using var training = new LabTraining(images, plan, context);
        LabOutcome outcome = training.Run();
        var deployed = DeployedNetwork.Of(training.Network, network, images);
        QuantisationImages judged = deployed.Judged(images, context.Quick ? 8 : CalibrationImages);
        var metrics = new Dictionary<string, double>(outcome.Metrics) { ["bytesFloat"] = deployed.File.Length };
        QuantisedModel half = Quantiser.Half(deployed.File, network, judged, null, context.Progress, context.Cancellation);
        (metrics["float16Top1"], metrics["bytesFloat16"]) = (half.AccuracyQuantised, half.File.Length);
        byte[]? best = null;
        foreach ((string name, QuantisationOptions options) in Ways)
        {
            QuantisedModel quantised = Quantiser.Run(deployed.File, network, judged, options, context.Progress, context.Cancellation);
            metrics["floatTop1"] = quantised.AccuracyFloat;
            metrics[name + "Top1"] = quantised.AccuracyQuantised;
            metrics[name + "Drop"] = quantised.AccuracyFloat - quantised.AccuracyQuantised;
            if (best is not null)
                continue;
            best = quantised.File;
            metrics["bytesInt8"] = best.Length;
            metrics["int8Flips"] = quantised.Flips / (double)quantised.Images;
            metrics["int8DropLow"] = -quantised.ChangeInterval.High;
            metrics["int8DropHigh"] = -quantised.ChangeInterval.Low;
        }
        int passes = context.Quick ? 3 : TimedPasses;
        (metrics["floatMs"], metrics["int8Ms"]) = DeployedNetwork.Times(deployed.File, best!, passes);
        (_, metrics["float16Ms"]) = DeployedNetwork.Times(deployed.File, half.File, passes);
        return outcome with { Metrics = metrics };
    }

    // The first is the default of sightline quantize; each other changes what its name says.
    private static readonly (string Name, QuantisationOptions Options)[] Ways =
    [
        ("int8", new QuantisationOptions()),
        ("minMax", new QuantisationOptions { Method = RangeMethod.MinMax }),
        ("percentile", new QuantisationOptions { Method = RangeMethod.Percentile }),
        ("entropy", new QuantisationOptions { Method = RangeMethod.Entropy }),
        ("perTensor", new QuantisationOptions { PerChannel = false }),
        ("perTensorPlainBias", new QuantisationOptions { PerChannel = false, BiasCorrection = false }),
        ("sevenBit", new QuantisationOptions { SevenBitWeights = true }),
    ];

    private static double Accuracy(int[] decisions, LabImages images) => decisions.Zip(images.ValidationLabels).Count(d => d.First == d.Second) / (double)decisions.Length;
}
