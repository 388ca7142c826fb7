// ConvNeXt. Liu, Mao, Wu, Feichtenhofer, Darrell, Xie: "A ConvNet for the 2020s", CVPR 2022 (arXiv 2201.03545).
//
// A ResNet-50, changed step by step towards a Swin transformer until it is as good, without attention (section 2, figure 2): stages of
// (3, 3, 9, 3) blocks; a stem and steps between stages that cut the image into patches; depthwise convolutions, as attention mixes in
// space by itself; an inverted bottleneck, as a transformer's feed-forward layer is; 7×7 kernels in front of it; one GELU and one
// LayerNorm a block instead of three ReLUs and three BatchNorms.
//
//   x ── 7×7 depthwise ── LayerNorm ── 1×1 up ×4 ── GELU ── 1×1 down ── · γ ── stochastic depth ── + x                   (figure 4)
//
// γ, one number a channel, begins at 10⁻⁶: every block begins as nearly the identity (layer scale, Touvron et al. 2021).
//
//   224:  4×4/4 96 → 96 ×3 → 2×2/2 192 ×3 → 2×2/2 384 ×9 → 2×2/2 768 ×3 → mean, LayerNorm, linear

using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>The block of ConvNeXt (figure 4, right). Its 1×1 convolutions are linear layers over the channels of a pixel.</summary>
public sealed class ConvNeXtBlock : Module<Tensor, Tensor>
{
    private const double FirstScale = 1e-6;

    /// <summary>γ, <c>[C, 1, 1]</c>.</summary>
    public readonly Parameter layer_scale;

    private readonly NamedLayers block;
    private readonly StochasticDepth? stochastic_depth;

    // Together in one field, since TorchSharp registers modules under the names of fields that hold one.
    private readonly (Conv2d Depthwise, LayerNorm Norm, Linear Up, Linear Down) layers;

    /// <summary>Creates the block, under torchvision's names.</summary>
    /// <param name="channels">Channels of its input and output.</param>
    /// <param name="dropPath">The probability of dropping the branch for an image in training, in [0, 1).</param>
    public ConvNeXtBlock(long channels, double dropPath = 0)
        : base(nameof(ConvNeXtBlock))
    {
        layers = (
            Conv2d(channels, channels, kernel_size: 7, padding: 3, groups: channels),
            LayerNorm(channels, eps: 1e-6),
            Linear(channels, 4 * channels),
            Linear(4 * channels, channels));
        // torchvision's 1 and 6 move the channels to the end and back, its 4 is the GELU.
        block = new NamedLayers("block") { ["0"] = layers.Depthwise, ["2"] = layers.Norm, ["3"] = layers.Up, ["5"] = layers.Down };
        layer_scale = Parameter(full([channels, 1, 1], (float)FirstScale));
        stochastic_depth = dropPath > 0 ? new StochasticDepth(dropPath) : null;
        RegisterComponents();
    }

    /// <summary>Filters each channel by 7×7, mixes channels through a wide layer, scales, and adds what came in.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = layers.Norm.call(DepthwiseConvolution.Call(layers.Depthwise, x).permute(0, 2, 3, 1)); // [N, H, W, C]
        y = layers.Down.call(functional.gelu(layers.Up.call(y))).permute(0, 3, 1, 2) * layer_scale;
        if (stochastic_depth is not null)
            y = stochastic_depth.call(y);
        return (x + y).MoveToOuterDisposeScope();
    }
}

/// <summary>ConvNeXt. Parameter names are torchvision's.</summary>
public sealed class ConvNeXt : Classifier, INormallyInitialised
{
    private readonly Sequential features;
    private readonly NamedLayers classifier;

    /// <summary>Builds a configuration.</summary>
    /// <param name="design">Which.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal ConvNeXt(ConvNeXtDesign design, int classes, NetworkOptions options)
        : base(design.Card)
    {
        double drop = options.StochasticDepth ?? design.StochasticDepth;
        int all = design.Stages.Sum(s => s.Blocks), block = 0;
        long channels = design.Stages[0].Channels;
        var layers = new List<Module<Tensor, Tensor>>
        {
            Sequential(Conv2d(3, channels, kernel_size: 4, stride: 4), new LayerNorm2d(channels)),
        };
        foreach (ConvNeXtStage stage in design.Stages)
        {
            if (block > 0)
                layers.Add(Sequential(new LayerNorm2d(channels), Conv2d(channels, stage.Channels, kernel_size: 2, stride: 2)));
            channels = stage.Channels;
            var blocks = new List<Module<Tensor, Tensor>>();
            for (int i = 0; i < stage.Blocks; i++)
                blocks.Add(new ConvNeXtBlock(channels, drop * block++ / (all - 1))); // 0 at the first
            layers.Add(Sequential(blocks));
        }
        features = Sequential(layers);
        classifier = new NamedLayers("classifier") { ["0"] = new LayerNorm2d(channels) }; // torchvision's 1 flattens
        RegisterComponents();
        AddHead(classifier, "2", Linear(channels, classes));
    }

    /// <inheritdoc/>
    double INormallyInitialised.Deviation => 0.02;

    /// <summary>What the last layer takes: the mean over the map, normalised.</summary>
    /// <inheritdoc/>
    /// <exception cref="BadInputException">The images are smaller than the total stride (<c>network-input</c>).</exception>
    public override Tensor Features(Tensor images)
    {
        RequireInput(images);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = functional.adaptive_avg_pool2d(features.call(images), 1);
        return ((LayerNorm2d)classifier["0"]).call(x).flatten(1).MoveToOuterDisposeScope();
    }
}
