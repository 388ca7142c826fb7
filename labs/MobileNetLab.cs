using System.Globalization;
using Sightline.Models;
using Sightline.Models.Profiling;
using Sightline.Torch;

namespace Sightline.Labs;

/// <summary>
/// Question 13: what the depthwise-separable convolution costs in accuracy and saves in time, what MobileNet V2's block is for, width
/// against resolution, and whether fewer multiply-accumulates mean less time. Small networks on 5,000 CIFAR-10 images, 10 epochs, 3 seeds,
/// float32; times of one image at 224 pixels.
/// </summary>
/// <remarks>
/// After Howard et al. 2017 (arXiv 1704.04861, tables 4, 6, 7) and Sandler et al. 2018 (arXiv 1801.04381, figure 6); there: ImageNet, over
/// a million images of 224 pixels. Here 5,000 images of 32 pixels and 780 steps of 64: differences between designs, not what they can reach.
/// </remarks>
public sealed class MobileNetLab : Lab
{
    private const int TrainImages = 5_000, Epochs = 10, Side = 32;
    private const ulong SubsetSeed = 13;

    private static readonly string[] Timed =
    [
        "mobilenet_v1", "mobilenet_v1_full", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "mobilenet_v4_conv_small", "mobilenet_v4_conv_medium", "resnet18", "resnet50",
    ];

    /// <inheritdoc/>
    public override string Name => "mobilenet";

    /// <inheritdoc/>
    public override int Question => 13;

    /// <inheritdoc/>
    public override string Title => "Separable against full convolutions, MobileNet V2's block taken apart, width and resolution, and time against multiply-accumulates.";

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
        if (!ownData)
        {
            // What they measure is time, so the seeds are repeats. The headline is that of the trainings; these are held to none.
            for (ulong repeat = 1; repeat <= 3; repeat++)
            {
                cells.AddRange(Timed.Select(network => Latency(network, repeat)));
                cells.Add(Layers(repeat));
            }
        }
        for (ulong seed = 1; seed <= 3; seed++)
        {
            cells.Add(V1("separable", seed, 0.5, Side));
            cells.Add(V1("full", seed, 0.5, Side));
            foreach (BottleneckForm form in Enum.GetValues<BottleneckForm>())
                cells.Add(V2(form, seed));
            cells.Add(V1("width-1", seed, 1, Side));
            cells.Add(V1("width-0.25", seed, 0.25, Side));
            cells.Add(V1("side-24", seed, 0.5, 24));
            cells.Add(V1("side-16", seed, 0.5, 16));
        }
        return cells;
    }

    private static LabCell V1(string group, ulong seed, double width, int side)
    {
        string network = group == "full" ? "cifar_mobilenet_v1_full" : "cifar_mobilenet_v1";
        double milliseconds = (group == "full" ? FullMs : SeparableMs * width) * side * side / (Side * Side);
        Dictionary<string, string> setting = Setting(network, side);
        setting["width"] = width.ToString(CultureInfo.InvariantCulture);
        return new LabCell(group, seed, Minutes(milliseconds), setting, context =>
        {
            var options = new NetworkOptions { Width = width == 1 ? null : width };
            return Train(context, side, new LabTrainingPlan { Network = network, Options = options, Epochs = 0 });
        });
    }

    private static LabCell V2(BottleneckForm form, ulong seed)
    {
        string group = form switch
        {
            BottleneckForm.Activated => "inverted-activated",
            BottleneckForm.NoShortcut => "inverted-no-shortcut",
            BottleneckForm.WideEnds => "wide-ends",
            _ => "inverted",
        };
        return new LabCell(group, seed, Minutes(InvertedMs), Setting("cifar_mobilenet_v2", Side), context =>
            Train(context, Side, new LabTrainingPlan { Network = "", Build = classes => new BottleneckNetwork(classes, form), Epochs = 0 }));
    }

    private static LabOutcome Train(LabContext context, int side, LabTrainingPlan plan)
    {
        LabImages images = LabImages.Few(context, context.Quick ? 100 : TrainImages, SubsetSeed).Resized(side);
        plan = plan with { Epochs = context.Quick ? 1 : Epochs, BatchSize = 64, Rate = 0.05, Shift = side / 8, Float32 = true };
        using var training = new LabTraining(images, plan, context);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        LabOutcome outcome = training.Run();
        double seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        var metrics = new Dictionary<string, double>(outcome.Metrics)
        {
            ["macs"] = MacCounter.Count(training.Network, [3, side, side]).Sum(l => l.Macs),
            ["parameters"] = training.Network.parameters().Sum(p => p.numel()),
            // Training with the measurements between: what a person waits for, by image.
            ["trainMs"] = 1000 * seconds / (plan.Epochs * (double)images.TrainLabels.Length),
        };
        return outcome with { Metrics = metrics };
    }

    private static LabCell Latency(string network, ulong repeat) => new("latency-" + network, repeat, 0.1, new Dictionary<string, string> { ["network"] = network, ["pixels"] = "224", ["batch"] = "1" }, context =>
    {
        NetworkCard card = Networks.Find(network);
        int? side = context.Quick ? Math.Max(card.SmallestInput, Side) : null;
        NetworkProfile full = Profiler.Run(card, side, ProfilePrecision.Float32, context.Cancellation), half = Profiler.Run(card, side, ProfilePrecision.BFloat16, context.Cancellation);
        var metrics = new Dictionary<string, double>
        {
            ["macs"] = full.Macs,
            ["parameters"] = full.Parameters,
            ["float32Ms"] = full.Milliseconds,
            ["bf16Ms"] = half.Milliseconds,
            ["float32PartsMs"] = full.PartsMilliseconds,
            ["bf16PartsMs"] = half.PartsMilliseconds,
            ["float32MacsPerSecond"] = full.Macs / full.Milliseconds * 1000,
            ["macsPerByte"] = full.Macs / (double)full.Layers.Sum(l => l.Bytes),
        };
        foreach (KindProfile kind in full.ByKind())
            metrics[$"share{kind.Kind}"] = full.Share(kind.Milliseconds);
        metrics["shareWithoutMacs"] = full.ByKind().Where(k => k.Macs == 0).Sum(k => full.Share(k.Milliseconds));
        metrics["macsDepthwise"] = full.ByKind().Where(k => k.Kind == LayerKind.Depthwise).Sum(k => k.Macs) / (double)full.Macs;
        return new LabOutcome(metrics, new Dictionary<string, IReadOnlyList<double>>(), "float32, bf16");
    });

    private static LabCell Layers(ulong repeat) => new(
        "layers", repeat, 0.1, new Dictionary<string, string> { ["channels"] = $"{LayerDesigns.Channels}", ["map"] = $"{LayerDesigns.Side}", ["batch"] = "1" }, context =>
        {
            Allocator.Configure();
            using ScalarGuard guard = ScalarGuard.Enter();
            var metrics = new Dictionary<string, double>();
            foreach ((string name, var build) in LayerDesigns.All)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                (metrics[name + "Macs"], metrics[name + "Parameters"], metrics[name + "Ms"]) = LayerDesigns.Measure(build, context.Quick ? 3 : 101, context.Seed);
            }
            var roofline = Roofline.Measure(ProfilePrecision.Float32);
            metrics["peakGigaMacs"] = roofline.MacsPerSecond / 1e9;
            metrics["gigabytesPerSecond"] = roofline.BytesPerSecond / 1e9;
            metrics["ridge"] = roofline.Ridge;
            return new LabOutcome(metrics, new Dictionary<string, IReadOnlyList<double>>(), "float32");
        });

    private static Dictionary<string, string> Setting(string network, int side) => new()
    {
        ["network"] = network,
        ["images"] = TrainImages.ToString(CultureInfo.InvariantCulture),
        ["epochs"] = Epochs.ToString(CultureInfo.InvariantCulture),
        ["pixels"] = side.ToString(CultureInfo.InvariantCulture),
    };

    // Milliseconds an image and training step, float32, two threads, channels-last; a forward pass alone is a third of it. The full
    // network is timed at the width it is trained at, 0.5; the separable one takes as much less as it is narrower.
    private const double SeparableMs = 1.6, FullMs = 2.2, InvertedMs = 1.7;

    private static double Minutes(double milliseconds)
    {
        double steps = (double)Epochs * TrainImages + (Epochs * LabTraining.CurveImages + 8750 + TrainImages) / 3.0;
        return steps * milliseconds / 60_000;
    }
}
