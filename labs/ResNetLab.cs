using System.Globalization;
using Sightline.Models;

namespace Sightline.Labs;

/// <summary>
/// Question 11: does depth hurt, and what do shortcuts change? Plain and residual networks of 20 and 56 layers on 10,000 CIFAR-10 images,
/// 20 epochs, 3 seeds; shortcuts A, B and C and a last BatchNorm that starts at zero on ResNet-20, 2 seeds; gradient norms by depth in
/// the first 20 steps.
/// </summary>
/// <remarks>
/// After He et al. 2015 (arXiv 1512.03385), section 4.2: 3×3 networks of three stages of 16, 32, 64 channels; SGD with momentum 0.9, weight
/// decay 1e-4 on everything, batch 128, rate 0.1; pad 4, random crop, flip. There: 50,000 images, 64,000 steps (164 epochs), a rate that
/// falls in two steps. Here: 10,000 images, 1,560 steps (20 epochs), one epoch of warm-up, then a cosine to zero.
/// </remarks>
public sealed class ResNetLab : Lab
{
    private const int TrainImages = 10_000;
    private const int Epochs = 20;
    private const ulong SubsetSeed = 11;

    /// <inheritdoc/>
    public override string Name => "resnet";

    /// <inheritdoc/>
    public override int Question => 11;

    /// <inheritdoc/>
    public override string Title => "Plain against residual networks of 20 and 56 layers, shortcuts A, B, C, and gradient norms by depth.";

    /// <inheritdoc/>
    public override double BudgetMinutes => 120;

    /// <inheritdoc/>
    public override bool TakesData => true;

    /// <inheritdoc/>
    public override string Headline => "trainError";

    /// <inheritdoc/>
    public override IReadOnlyList<LabCell> Cells(bool ownData = false)
    {
        var cells = new List<LabCell>();
        (string Group, string Network)[] depth = [("plain-20", "cifar_plain20"), ("resnet-20", "cifar_resnet20"), ("plain-56", "cifar_plain56"), ("resnet-56", "cifar_resnet56")];
        for (ulong seed = 1; seed <= 3; seed++)
        {
            foreach ((string group, string network) in depth)
                cells.Add(Training(group, network, seed, shortcut: null, zeroInit: false));
            if (seed == 1)
                cells.AddRange(depth.Select(d => Gradients(d.Group, d.Network)));
        }
        if (ownData)
            return cells;
        for (ulong seed = 1; seed <= 2; seed++)
        {
            cells.Add(Training("resnet-20-shortcut-b", "cifar_resnet20", seed, "B", zeroInit: false));
            cells.Add(Training("resnet-20-shortcut-c", "cifar_resnet20", seed, "C", zeroInit: false));
            cells.Add(Training("resnet-20-zero-init", "cifar_resnet20", seed, shortcut: null, zeroInit: true));
        }
        return cells;
    }


    private LabCell Training(string group, string network, ulong seed, string? shortcut, bool zeroInit)
    {
        var setting = new Dictionary<string, string>
        {
            ["network"] = network,
            ["images"] = TrainImages.ToString(CultureInfo.InvariantCulture),
            ["epochs"] = Epochs.ToString(CultureInfo.InvariantCulture),
        };
        if (network.Contains("resnet", StringComparison.Ordinal))
        {
            setting["shortcut"] = shortcut ?? "A";
            setting["zeroInitResidual"] = zeroInit ? "yes" : "no";
        }
        return new LabCell(group, seed, Minutes(network), setting, context =>
        {
            var options = new NetworkOptions
            {
                Shortcut = shortcut switch { "B" => Shortcut.B, "C" => Shortcut.C, _ => null },
                ZeroInitResidual = zeroInit,
            };
            using var training = new LabTraining(Images(context), new LabTrainingPlan { Network = network, Options = options, Epochs = context.Quick ? 1 : Epochs }, context);
            return training.Run();
        });
    }

    private static LabCell Gradients(string group, string network) => new(
        "gradients-" + group, 1, 0.2, new Dictionary<string, string> { ["network"] = network, ["steps"] = "20" },
        context =>
        {
            using var training = new LabTraining(Images(context), new LabTrainingPlan { Network = network, Epochs = Epochs }, context);
            return training.Gradients(context.Quick ? 2 : 20);
        });

    // The same 10,000 images for every cell: the subset has a seed of its own.
    private static LabImages Images(LabContext context) => LabImages.Few(context, TrainImages, SubsetSeed);

    // Milliseconds an image and training step, bf16, two threads, channels-last; a forward pass alone is a third of it.
    private static double Minutes(string network)
    {
        double ms = network.EndsWith("56", StringComparison.Ordinal) ? 3.33 : 1.12;
        double steps = (double)Epochs * TrainImages + (Epochs * LabTraining.CurveImages + 8750 + TrainImages) / 3.0;
        return steps * ms / 60_000;
    }
}
