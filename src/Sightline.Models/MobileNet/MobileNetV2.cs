// MobileNet V2. Sandler, Howard, Zhu, Zhmoginov, Chen: "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018
// (arXiv 1801.04381).
//
// Two ideas on top of the depthwise-separable convolution:
//   linear bottleneck   ReLU destroys what falls below zero. Where channels are few, no other channel holds that information: so no
//                       activation follows the layer that narrows (section 3.2).
//   inverted residual   A ResNet's bottleneck is wide, narrow, wide, with the shortcut between the wide ends. Here it is narrow, wide,
//                       narrow: the shortcut joins the narrow ends, and the wide middle is depthwise, which keeps it cheap (3.3).
//
//   x ── 1×1 up to t·C, ReLU6 ── 3×3 depthwise, ReLU6 ── 1×1 down to C', linear ── + x (where stride is 1 and C = C')      (table 1)

using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>The bottleneck residual block (table 1; figure 4d).</summary>
public sealed class InvertedResidual : Module<Tensor, Tensor>
{
    // Together in one field, since TorchSharp registers modules under the names of fields that hold one.
    private readonly (ConvNormActivation? Expand, ConvNormActivation Depthwise, Conv2d Project, BatchNorm2d Norm) layers;
    private readonly bool residual;

    /// <summary>Creates the block, under torchvision's names.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="stride">Stride of the depthwise convolution.</param>
    /// <param name="expansion">The factor t by which the middle is wider than the input; 1 leaves the widening out.</param>
    public InvertedResidual(long inChannels, long outChannels, long stride = 1, long expansion = 6)
        : base(nameof(InvertedResidual))
    {
        long middle = inChannels * expansion;
        layers = (
            expansion == 1 ? null : ConvNormActivation.Pointwise(inChannels, middle, Activation.Relu6),
            ConvNormActivation.Depthwise(middle, stride: stride, activation: Activation.Relu6),
            Conv2d(middle, outChannels, kernel_size: 1, bias: false),
            BatchNorm2d(outChannels));
        residual = stride == 1 && inChannels == outChannels;

        var conv = new NamedLayers("conv");
        int next = 0;
        foreach (Module? layer in (Module?[])[layers.Expand, layers.Depthwise, layers.Project, layers.Norm])
        {
            if (layer is not null)
                conv[$"{next++}"] = layer;
        }
        register_module("conv", conv);
    }

    /// <summary>Widens, filters each channel, narrows; adds what came in where shapes agree.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H / stride, W / stride] float32</c>.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = layers.Expand is null ? x : layers.Expand.call(x);
        y = layers.Depthwise.call(y);
        y = layers.Norm.call(PointwiseConvolution.Call(layers.Project, y)); // linear: no activation
        return (residual ? x + y : y).MoveToOuterDisposeScope();
    }
}

/// <summary>MobileNet V2. Parameter names are torchvision's.</summary>
public sealed class MobileNetV2 : Classifier
{
    private readonly Sequential features;
    private readonly NamedLayers classifier = new("classifier");

    /// <summary>Builds a configuration.</summary>
    /// <param name="design">Which.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal MobileNetV2(MobileNetV2Design design, int classes, NetworkOptions options)
        : base(design.Card)
    {
        double width = options.Width ?? 1;

        long channels = WidthMultiplier.Channels(32, width);
        var layers = new List<Module<Tensor, Tensor>> { new ConvNormActivation(3, channels, stride: design.StemStride, activation: Activation.Relu6) };
        foreach (MobileNetV2Stage stage in design.Stages)
        {
            long to = WidthMultiplier.Channels(stage.Channels, width);
            for (int i = 0; i < stage.Blocks; i++)
            {
                layers.Add(new InvertedResidual(channels, to, i == 0 ? stage.Stride : 1, stage.Expansion));
                channels = to;
            }
        }
        // A narrower network keeps its last layer's width, a wider one doesn't (section 4).
        long last = WidthMultiplier.Channels(design.LastChannels, Math.Max(1, width));
        layers.Add(ConvNormActivation.Pointwise(channels, last, Activation.Relu6));
        features = Sequential(layers);

        RegisterComponents();
        AddHead(classifier, "1", Linear(last, classes), options.Dropout ?? design.Dropout); // torchvision's 0 is the dropout
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
