using System.Globalization;
using Sightline.Datasets.Windows;
using Sightline.Models;
using Sightline.Models.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Labs;

/// <summary>
/// Questions 17 and 2: five ways to say where persons are, on one backbone, in windows of footage that show one and in windows that show
/// several; with and without pooling; on a coarser map; anchors with and without focal loss (question 3); and whether padding tells a
/// network where it is. 3 seeds, each with another third of the drives held out.
/// </summary>
/// <remarks>
/// After Zhou et al. 2016 (class activation maps), Sermanet et al. 2014 (one box), Zhou et al. 2019 (points), Lin et al. 2017 (anchors),
/// Islam, Jia, Bruce 2020 (padding; arXiv 2001.08248). There: ImageNet and COCO, over a hundred thousand images. Here: about 4,000 training
/// windows of 48 pixels and a network of 0.27 million weights: differences between kinds of output, not what detectors can reach.
/// </remarks>
public sealed class WhereLab : Lab
{
    private const string Network = "cifar_resnet20";
    private const int Epochs = 10;

    // One shape, a standing person's, in four sizes.
    private static readonly (double Width, double Height)[] Anchors = [(6, 13), (8, 19), (12, 27), (17, 39)];

    /// <inheritdoc/>
    public override string Name => "where";

    /// <inheritdoc/>
    public override int Question => 17;

    /// <inheritdoc/>
    public override string Title => "Class activation maps, one regressed box with and without pooling, points and anchors, for one object and for several; position from padding.";

    /// <inheritdoc/>
    public override double BudgetMinutes => 60;

    /// <inheritdoc/>
    public override bool TakesData => true;

    /// <inheritdoc/>
    public override string Headline => "centreDistance";

    /// <inheritdoc/>
    public override IReadOnlyList<LabCell> Cells(bool ownData = false)
    {
        var cells = new List<LabCell>();
        for (ulong seed = 1; seed <= 3; seed++)
        {
            foreach (bool several in (bool[])[false, true])
            {
                cells.Add(Cell("cam", seed, several, 1, backbone => new ClassActivationHead(backbone.FeatureChannels, backbone.FeatureStride)));
                cells.Add(Cell("box-pooled", seed, several, 1, backbone => Box(backbone, pooled: true)));
                cells.Add(Cell("box-flat", seed, several, 1, backbone => Box(backbone, pooled: false)));
                cells.Add(Cell("points", seed, several, 1, backbone => new CentreHead(backbone.FeatureChannels, backbone.FeatureStride)));
                cells.Add(Cell("points-coarse", seed, several, 4, backbone => new CoarseHead(new CentreHead(backbone.FeatureChannels, 4 * backbone.FeatureStride), 4)));
                cells.Add(Cell("anchors", seed, several, 1, backbone => new AnchorHead(backbone.FeatureChannels, backbone.FeatureStride, Anchors)));
            }
            cells.Add(Cell("anchors-plain", seed, several: true, 1, backbone => new AnchorHead(backbone.FeatureChannels, backbone.FeatureStride, Anchors, alpha: 0.5, gamma: 0)));
            if (!ownData)
            {
                cells.Add(Spot("spot-zeros", seed, circular: false));
                cells.Add(Spot("spot-circular", seed, circular: true));
            }
        }
        return cells;
    }

    private static BoxRegressionHead Box(IBackbone backbone, bool pooled) =>
        new(backbone.FeatureChannels, backbone.FeatureStride, LocatingImages.Side, LocatingImages.Side, pooled);

    private static LabCell Cell(string head, ulong seed, bool several, int pooling, Func<IBackbone, LocatingHead> make)
    {
        var setting = new Dictionary<string, string>
        {
            ["backbone"] = Network,
            ["head"] = head,
            ["objects"] = several ? "2-6" : "1",
            ["stride"] = (4 * pooling).ToString(CultureInfo.InvariantCulture),
            ["epochs"] = Epochs.ToString(CultureInfo.InvariantCulture),
        };
        return new LabCell($"{head}-{(several ? "several" : "one")}", seed, several ? 0.7 : 1, setting, context =>
        {
            LocatingImages images = LocatingImages.Open(context, several);
            Classifier backbone = Networks.Create(Network, 2, context.Seed);
            LocatingHead made = make((IBackbone)backbone);
            using var training = new LocatingTraining(images, new Locator(backbone, made), context.Quick ? 1 : Epochs, context);
            LabOutcome outcome = training.Run();
            return made is AnchorHead anchors ? outcome with { Metrics = new Dictionary<string, double>(outcome.Metrics) { ["objectShare"] = ObjectShare(anchors, images) } } : outcome;
        });
    }

    // Of the anchors that count in training, the share that is an object's.
    private static double ObjectShare(AnchorHead head, LocatingImages images)
    {
        using DisposeScope scope = NewDisposeScope();
        const int cells = LocatingImages.Side / 4;
        Tensor anchors = head.Anchors(cells, cells);
        (double own, double all) = (0, 0);
        foreach (ImageWindow window in images.Train)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor match = AnchorHead.Match(anchors, LocatingImages.Boxes(window));
            own += match.ge(0).sum().item<long>();
            all += match.ge(-1).sum().item<long>();
        }
        return own / all;
    }

    private static LabCell Spot(string group, ulong seed, bool circular)
    {
        var setting = new Dictionary<string, string>
        {
            ["network"] = "convolutions ×7, mean, linear",
            ["padding"] = circular ? "circular" : "zeros",
            ["images"] = "2000 made up: a white spot on grey",
            ["epochs"] = SpotExperiment.Epochs.ToString(CultureInfo.InvariantCulture),
        };
        return new LabCell(group, seed, 0.3, setting, context => SpotExperiment.Run(context, circular));
    }
}
