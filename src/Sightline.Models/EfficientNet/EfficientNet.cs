// EfficientNet. Tan, Le: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019 (arXiv 1905.11946).
//
// A network can be made deeper, wider, or given larger images; the paper grows all three together, by fixed powers (section 3.3). What is
// grown is B0, found by search for accuracy under a limit on multiply-accumulates (section 4, table 1). Its block is MobileNet V2's with
// squeeze and excitation on the wide middle, and SiLU, x · sigmoid(x), for ReLU6:
//
//   x ── 1×1 up ── k×k depthwise ── squeeze and excitation ── 1×1 down, linear ── stochastic depth ── + x
//
//   224:  3×3/2 32 → 16 → 24/2 ×2 → 40/2 ×2, 5×5 → 80/2 ×3 → 112 ×3, 5×5 → 192/2 ×4, 5×5 → 320 → 1×1 1280 → mean, linear

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>The mobile inverted bottleneck, MBConv (section 4).</summary>
public sealed class MobileInvertedBottleneck : Module<Tensor, Tensor>
{
    private readonly Sequential block;
    private readonly StochasticDepth? stochastic_depth;
    private readonly bool residual;

    /// <summary>Creates the block, under torchvision's names.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="kernel">Side of the depthwise kernel.</param>
    /// <param name="stride">Stride of the depthwise convolution.</param>
    /// <param name="expansion">By how much the middle is wider than the input; 1 leaves the widening out.</param>
    /// <param name="dropPath">The probability of dropping the branch for an image in training, in [0, 1).</param>
    public MobileInvertedBottleneck(long inChannels, long outChannels, long kernel, long stride, long expansion, double dropPath = 0)
        : base(nameof(MobileInvertedBottleneck))
    {
        long middle = inChannels * expansion;
        var layers = new List<Module<Tensor, Tensor>>();
        if (expansion != 1)
            layers.Add(ConvNormActivation.Pointwise(inChannels, middle, Activation.Silu));
        layers.Add(ConvNormActivation.Depthwise(middle, kernel, stride, Activation.Silu));
        layers.Add(new SqueezeExcite(middle, Math.Max(1, inChannels / 4), Activation.Silu)); // a quarter of the input, not of the middle
        layers.Add(ConvNormActivation.Pointwise(middle, outChannels, Activation.None));
        block = Sequential(layers);
        residual = stride == 1 && inChannels == outChannels;
        stochastic_depth = residual && dropPath > 0 ? new StochasticDepth(dropPath) : null;
        RegisterComponents();
    }

    /// <summary>Widens, filters each channel, weighs the channels, narrows; adds what came in where shapes agree.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H / stride, W / stride] float32</c>.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = block.call(x);
        if (stochastic_depth is not null)
            y = stochastic_depth.call(y);
        return (residual ? x + y : y).MoveToOuterDisposeScope();
    }
}

/// <summary>EfficientNet. Parameter names are torchvision's.</summary>
public sealed class EfficientNet : Classifier
{
    private readonly Sequential features;
    private readonly NamedLayers classifier = new("classifier");

    /// <summary>Builds a configuration.</summary>
    /// <param name="design">Which.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal EfficientNet(EfficientNetDesign design, int classes, NetworkOptions options)
        : base(design.Card)
    {
        long channels = design.StemChannels;
        var stages = new List<Module<Tensor, Tensor>> { new ConvNormActivation(3, channels, stride: 2, activation: Activation.Silu) };
        double drop = options.StochasticDepth ?? design.StochasticDepth;
        int all = design.Stages.Sum(s => s.Blocks), block = 0;
        foreach (EfficientNetStage stage in design.Stages)
        {
            var blocks = new List<Module<Tensor, Tensor>>();
            for (int i = 0; i < stage.Blocks; i++)
            {
                // The authors' code counts blocks from 0, so that the last is dropped a little less often than asked for.
                double dropPath = drop * block++ / all;
                blocks.Add(new MobileInvertedBottleneck(channels, stage.Channels, stage.Kernel, i == 0 ? stage.Stride : 1, stage.Expansion, dropPath));
                channels = stage.Channels;
            }
            stages.Add(Sequential(blocks));
        }
        stages.Add(ConvNormActivation.Pointwise(channels, 4 * channels, Activation.Silu));
        features = Sequential(stages);
        RegisterComponents();
        AddHead(classifier, "1", Linear(4 * channels, classes), options.Dropout ?? design.Dropout); // torchvision's 0 is the dropout
    }

    /// <inheritdoc/>
    /// <exception cref="BadInputException">The images are smaller than the total stride (<c>network-input</c>).</exception>
    public override Tensor Features(Tensor images)
    {
        RequireInput(images);
        using DisposeScope scope = NewDisposeScope();
        return functional.adaptive_avg_pool2d(features.call(images), 1).flatten(1).MoveToOuterDisposeScope();
    }
}
