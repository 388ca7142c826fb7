using System.Globalization;
using Sightline.Models;

namespace Sightline.Labs;

/// <summary>
/// Question 12: what the parts of an inception block are worth. Six blocks at 16×16 and 8×8 pixels on 5,000 CIFAR-10 images: reductions
/// off, branches alone, large windows factorised, BatchNorm off, auxiliary classifiers on, and the last two at twelve blocks; 3 seeds.
/// Gradient norms in the first 20 steps of the deep ones.
/// </summary>
/// <remarks>
/// After Szegedy et al. 2015 (arXiv 1409.4842; there: ImageNet, nine blocks, no BatchNorm) and Szegedy et al. 2016 (arXiv 1512.00567; there:
/// ImageNet, 100 epochs). Every network has the same outputs in every block, 64 channels at 16×16 and 128 at 8×8.
/// </remarks>
public sealed class InceptionLab : Lab
{
    private const int TrainImages = 5_000, Epochs = 10, DeepBlocks = 6;
    private const ulong SubsetSeed = 12;

    // The highest rate of networks with BatchNorm, and of those without, which don't stand the other.
    private const double Rate = 0.1, LowRate = 0.01;

    private static readonly CifarInceptionDesign Default = CifarInceptionDesign.Default;

    /// <inheritdoc/>
    public override string Name => "inception";

    /// <inheritdoc/>
    public override int Question => 12;

    /// <inheritdoc/>
    public override string Title => "Inception blocks without reductions, with one branch, with factorised windows; BatchNorm and auxiliary classifiers by depth.";

    /// <inheritdoc/>
    public override double BudgetMinutes => 60;

    /// <inheritdoc/>
    public override bool TakesData => true;

    /// <inheritdoc/>
    public override string Headline => "valError";

    /// <inheritdoc/>
    public override IReadOnlyList<LabCell> Cells(bool ownData = false)
    {
        // Minutes: of "all", from one run on one thread; of the others, by their share of it in runs with --quick.
        CifarInceptionDesign deep = Default with { Blocks = DeepBlocks };
        var cells = new List<LabCell>();
        for (ulong seed = 1; seed <= 3; seed++)
        {
            cells.Add(Training("all", seed, 0.92, Default));
            cells.Add(Training("no-reduction", seed, 1.55, Default with { Widths = Default.Widths with { ThreeReduced = 0, FiveReduced = 0 } }));
            cells.Add(Training("only-1x1", seed, 0.45, Default with { Widths = new(64, 0, 0, 0, 0, 0) }));
            cells.Add(Training("only-3x3", seed, 0.55, Default with { Widths = new(0, 16, 64, 0, 0, 0) }));
            cells.Add(Training("only-5x5", seed, 0.65, Default with { Widths = new(0, 0, 0, 8, 64, 0) }));
            cells.Add(Training("only-pool", seed, 0.55, Default with { Widths = new(0, 0, 0, 0, 0, 64) }));
            cells.Add(Training("two-3x3", seed, 1.05, Default with { Factorisation = Factorisation.TwoThrees }));
            cells.Add(Training("asymmetric", seed, 1.2, Default with { Factorisation = Factorisation.Asymmetric }));
            cells.Add(Training("all-low-rate", seed, 0.92, Default, rate: LowRate));
            cells.Add(Training("no-norm", seed, 0.85, Default with { Norm = false }, rate: LowRate));
            cells.Add(Training("all-auxiliary", seed, 1.1, Default, auxiliary: true));
            cells.Add(Training("no-norm-auxiliary", seed, 1, Default with { Norm = false }, auxiliary: true, rate: LowRate));
            cells.Add(Training("deep", seed, 1.7, deep));
            cells.Add(Training("deep-auxiliary", seed, 1.8, deep, auxiliary: true));
            cells.Add(Training("deep-no-norm", seed, 1.45, deep with { Norm = false }, rate: LowRate));
            cells.Add(Training("deep-no-norm-auxiliary", seed, 1.6, deep with { Norm = false }, auxiliary: true, rate: LowRate));
            foreach (bool auxiliary in (bool[])[false, true])
            {
                cells.Add(Gradients("deep", seed, deep, auxiliary, Rate));
                cells.Add(Gradients("deep-no-norm", seed, deep with { Norm = false }, auxiliary, LowRate));
            }
        }
        return cells;
    }

    private static LabCell Training(string group, ulong seed, double minutes, CifarInceptionDesign design, bool auxiliary = false, double rate = Rate) =>
        new(group, seed, minutes, Setting(design, auxiliary, rate, "epochs", Epochs), context =>
        {
            using var training = new LabTraining(Images(context), Plan(design, auxiliary, rate, context.Quick ? 1 : Epochs), context);
            LabOutcome outcome = training.Run();
            var metrics = new Dictionary<string, double>(outcome.Metrics)
            {
                // In use: auxiliary classifiers take no part.
                ["millionMacs"] = MacCounter.Count(training.Network, [3, 32, 32]).Sum(l => l.Macs) / 1e6,
                ["thousandParameters"] = training.Network.named_parameters().Where(p => !p.name.StartsWith("aux", StringComparison.Ordinal)).Sum(p => p.parameter.numel()) / 1e3,
            };
            return outcome with { Metrics = metrics };
        });

    private static LabCell Gradients(string group, ulong seed, CifarInceptionDesign design, bool auxiliary, double rate) =>
        new($"gradients-{group}{(auxiliary ? "-auxiliary" : "")}", seed, 0.2, Setting(design, auxiliary, rate, "steps", 20), context =>
        {
            using var training = new LabTraining(Images(context), Plan(design, auxiliary, rate, Epochs), context);
            return training.Gradients(context.Quick ? 2 : 20);
        });

    private static LabTrainingPlan Plan(CifarInceptionDesign design, bool auxiliary, double rate, int epochs) => new()
    {
        Network = "",
        Build = classes => new CifarInception(design, classes, new NetworkOptions { Auxiliary = auxiliary }),
        Epochs = epochs,
        BatchSize = 64,
        Rate = rate,
    };

    private static Dictionary<string, string> Setting(CifarInceptionDesign design, bool auxiliary, double rate, string unit, int count)
    {
        InceptionWidths w = design.Widths;
        return new()
        {
            ["network"] = "cifar_inception",
            ["blocks"] = Text(2 * design.Blocks),
            ["widths"] = $"{Text(w.One)} · {Text(w.ThreeReduced)} {Text(w.Three)} · {Text(w.FiveReduced)} {Text(w.Five)} · {Text(w.Pool)}",
            ["norm"] = design.Norm ? "yes" : "no",
            ["factorisation"] = design.Factorisation.ToString().ToLowerInvariant(),
            ["auxiliary"] = auxiliary ? "yes" : "no",
            ["rate"] = rate.ToString(CultureInfo.InvariantCulture),
            ["images"] = Text(TrainImages),
            [unit] = Text(count),
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static LabImages Images(LabContext context) => LabImages.Few(context, TrainImages, SubsetSeed);
}
