using System.Globalization;
using Sightline.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Labs;

/// <summary>
/// Question 10: one claim of each of two recent papers, rerun. Star against sum by width (Ma et al. 2024, table 2; there ImageNet), and
/// Dynamic Tanh in the place of LayerNorm in a small vision transformer and of BatchNorm in a ResNet (Zhu et al. 2025, tables 1 and 7;
/// there ImageNet, 300 epochs); 3 seeds.
/// </summary>
public sealed class PapersLab : Lab
{
    private const ulong SubsetSeed = 10;

    /// <inheritdoc/>
    public override string Name => "papers";

    /// <inheritdoc/>
    public override int Question => 10;

    /// <inheritdoc/>
    public override string Title => "Star against sum by width; Dynamic Tanh in the place of LayerNorm and of BatchNorm.";

    /// <inheritdoc/>
    public override double BudgetMinutes => 65;

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
            foreach (int width in (int[])[8, 16, 32, 64])
            {
                cells.Add(Star($"star-{width}", seed, width, BranchJoin.Star));
                cells.Add(Star($"sum-{width}", seed, width, BranchJoin.Sum));
            }
            cells.Add(Transformer("vit-layernorm", seed, NormKind.AsPublished));
            cells.Add(Transformer("vit-dyt", seed, NormKind.DynamicTanh));
            cells.Add(Transformer("vit-none", seed, NormKind.None));
            cells.Add(ResNet("resnet-batchnorm", seed, "BatchNorm", channels => nn.BatchNorm2d(channels)));
            cells.Add(ResNet("resnet-dyt", seed, "Dynamic Tanh", channels => new DynamicTanh(channels, channelsFirst: true)));
        }
        return cells;
    }

    private static LabCell Star(string group, ulong seed, int width, BranchJoin join) =>
        Cell(group, seed, width switch { 8 => 0.4, 16 => 0.6, 32 => 0.8, _ => 2.2 }, $"6 star blocks of {width}, {join.ToString().ToLowerInvariant()}", images: 10_000, new LabTrainingPlan
        {
            Network = "",
            Build = classes => new StarDemoNetwork(classes, width, join),
            Epochs = 15,
        });

    private static LabCell Transformer(string group, ulong seed, NormKind norm) =>
        Cell(group, seed, 2.9, $"cifar_vit, {(norm == NormKind.AsPublished ? "LayerNorm" : norm == NormKind.None ? "no norm" : "Dynamic Tanh")}", images: 5_000, new LabTrainingPlan
        {
            Network = "cifar_vit",
            Options = new NetworkOptions { Norm = norm },
            Epochs = 20,
            BatchSize = 64,
            AdamW = true,
            Rate = 1e-3,
            WeightDecay = 0.05,
        });

    private static LabCell ResNet(string group, ulong seed, string name, Func<long, nn.Module<Tensor, Tensor>> norm) =>
        Cell(group, seed, 2, $"ResNet of 14 layers, {name}", images: 10_000, new LabTrainingPlan
        {
            Network = "",
            Build = classes => new NormalisedResNet(classes, norm),
            Epochs = 15,
        });

    private static LabCell Cell(string group, ulong seed, double minutes, string network, int images, LabTrainingPlan plan)
    {
        var setting = new Dictionary<string, string>
        {
            ["network"] = network,
            ["images"] = images.ToString(CultureInfo.InvariantCulture),
            ["epochs"] = plan.Epochs.ToString(CultureInfo.InvariantCulture),
        };
        return new LabCell(group, seed, minutes, setting, context =>
        {
            using var training = new LabTraining(LabImages.Few(context, images, SubsetSeed), context.Quick ? plan with { Epochs = 1 } : plan, context);
            LabOutcome outcome = training.Run();
            var metrics = new Dictionary<string, double>(outcome.Metrics)
            {
                ["weights"] = training.Network.parameters().Sum(p => p.numel()),
                ["macs"] = MacCounter.Count(training.Network, [3, 32, 32]).Sum(l => l.Macs),
            };
            // What became of the learnt scales inside tanh: the paper finds them near one over the deviation of what comes in.
            double[] alphas = [.. training.Network.modules().OfType<DynamicTanh>().Select(d => (double)d.alpha.item<float>())];
            if (alphas.Length > 0)
                (metrics["alphaFirst"], metrics["alphaLast"]) = (alphas[0], alphas[^1]);
            return outcome with { Metrics = metrics };
        });
    }
}
