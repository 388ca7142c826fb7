using System.Globalization;
using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs;

/// <summary>
/// Question 16: what locality and sharing are worth on images. A convolutional network, the same without sharing, and fully connected
/// ones of as many weights and of as many multiply-accumulates, by the number of training images, by shifts of the test image, and on
/// pixels in another order; 3 seeds.
/// </summary>
/// <remarks>
/// Every cell takes about 3,000 steps of batch 64 whatever the number of images, without augmentation unless it says so: shifts and
/// flips would teach by example what a convolution has built in.
/// </remarks>
public sealed class ConvolutionLab : Lab
{
    private const int Middle = 8_000, ImagesSeen = 200_000;
    private const int SameWeights = 11, SameMacs = 215;
    private const ulong SubsetSeed = 16, PermutationSeed = 16;
    private static readonly int[] shifts = [1, 2, 4, 8];

    /// <inheritdoc/>
    public override string Name => "convolution";

    /// <inheritdoc/>
    public override int Question => 16;

    /// <inheritdoc/>
    public override string Title => "Convolution, local without sharing and fully connected, at equal weights and equal multiply-accumulates.";

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
        foreach (int images in (int[])[Middle, 500, 2_000, 32_000])
        {
            for (ulong seed = 1; seed <= 3; seed++)
            {
                cells.Add(Cell($"conv-{images}", seed, Connection.Convolution, 0, images));
                cells.Add(Cell($"local-{images}", seed, Connection.Local, 0, images));
                cells.Add(Cell($"full-macs-{images}", seed, Connection.Full, SameMacs, images));
                cells.Add(Cell($"full-weights-{images}", seed, Connection.Full, SameWeights, images));
            }
        }
        for (ulong seed = 1; seed <= 3; seed++)
        {
            cells.Add(Cell("conv-permuted", seed, Connection.Convolution, 0, Middle, permuted: true));
            cells.Add(Cell("local-permuted", seed, Connection.Local, 0, Middle, permuted: true));
            cells.Add(Cell("full-macs-permuted", seed, Connection.Full, SameMacs, Middle, permuted: true));
            cells.Add(Cell("conv-augmented", seed, Connection.Convolution, 0, Middle, augment: true));
            cells.Add(Cell("full-macs-augmented", seed, Connection.Full, SameMacs, Middle, augment: true));
        }
        return cells;
    }

    private static LabCell Cell(string group, ulong seed, Connection connection, int width, int images, bool permuted = false, bool augment = false)
    {
        int epochs = Math.Max(1, ImagesSeen / images);
        var setting = new Dictionary<string, string>
        {
            ["network"] = connection == Connection.Full ? $"fully connected, 2 × {width}" : connection == Connection.Local ? "locally connected ×3" : "convolutions ×3",
            ["images"] = images.ToString(CultureInfo.InvariantCulture),
            ["epochs"] = epochs.ToString(CultureInfo.InvariantCulture),
            ["pixels"] = permuted ? "permuted" : "in place",
            ["augmentation"] = augment ? "shift and flip" : "none",
        };
        return new LabCell(group, seed, connection == Connection.Local ? 1 : connection == Connection.Convolution ? 0.5 : 0.4, setting, context =>
        {
            LabImages data = LabImages.Few(context, images, SubsetSeed);
            if (permuted)
                data = data.Permuted(PermutationSeed);
            var plan = new LabTrainingPlan
            {
                Network = "",
                Build = classes => new ConnectedNetwork(classes, connection, width),
                Epochs = context.Quick ? 1 : epochs,
                BatchSize = 64,
                Rate = 0.05,
                Augment = augment,
            };
            using var training = new LabTraining(data, plan, context);
            LabOutcome outcome = training.Run();
            var metrics = new Dictionary<string, double>(outcome.Metrics)
            {
                ["weights"] = training.Network.parameters().Sum(p => p.numel()),
                ["macs"] = MacCounter.Count(training.Network, [3, 32, 32]).Sum(l => l.Macs),
            };
            if (!permuted)
            {
                foreach (int by in shifts)
                    metrics[$"top1Shift{by}"] = 1 - Directions.Average(d => training.HeldError(x => Shifted(x, by * d.X, by * d.Y)));
                metrics["keptShift4"] = metrics["top1Shift4"] / metrics["top1"];
            }
            return outcome with { Metrics = metrics };
        });
    }

    private static (int X, int Y)[] Directions => [(1, 0), (-1, 0), (0, 1), (0, -1)];

    // What comes in at the border is zero, the mean colour; what goes out is lost.
    private static Tensor Shifted(Tensor images, int x, int y)
    {
        using DisposeScope scope = NewDisposeScope();
        return functional.pad(images, [x, -x, y, -y]).MoveToOuterDisposeScope();
    }
}
