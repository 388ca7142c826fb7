// MobileNet. Howard, Zhu, Chen, Kalenichenko, Wang, Weyand, Andreetto, Adam: "MobileNets: Efficient Convolutional Neural Networks for
// Mobile Vision Applications", 2017 (arXiv 1704.04861).
//
// A full convolution does two things at once: it filters in space and it mixes channels. Done one after the other they cost far less
// (section 3.1; k the kernel's side, M channels in, N out, F the map's side):
//
//   full         k·k·M·N·F·F
//   separable    k·k·M·F·F  +  M·N·F·F      the ratio is 1/N + 1/k²: with k = 3 eight to nine times less
//                depthwise     pointwise
//
//   224:    3×3/2 32   64   128/2 128   256/2 256   512/2 512×5   1024/2 1024   mean, linear     (table 1)
//   CIFAR:  3×3   32   64   128/2 128   256/2 256   512/2 512                   mean, linear     (ours; total stride 8)
//
// Two numbers trade accuracy for cost (sections 3.3 and 3.4): the width multiplier, by which every layer's channels are multiplied, and
// the resolution multiplier, which is nothing but a smaller image.

using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>A depthwise-separable convolution (figure 3, right): 3×3 in each channel by itself, then 1×1 across channels.</summary>
public sealed class DepthwiseSeparable : Module<Tensor, Tensor>
{
    private readonly Conv2d conv_dw;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv_pw;
    private readonly BatchNorm2d bn2;

    /// <summary>Creates the layers, under timm's names.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="stride">Stride of the depthwise convolution.</param>
    public DepthwiseSeparable(long inChannels, long outChannels, long stride = 1)
        : base(nameof(DepthwiseSeparable))
    {
        conv_dw = Conv2d(inChannels, inChannels, kernel_size: 3, stride: stride, padding: 1, groups: inChannels, bias: false);
        bn1 = BatchNorm2d(inChannels);
        conv_pw = Conv2d(inChannels, outChannels, kernel_size: 1, bias: false);
        bn2 = BatchNorm2d(outChannels);
        RegisterComponents();
    }

    /// <summary>Filters each channel, then mixes the channels of each pixel.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H / stride, W / stride] float32</c>.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = DepthwiseConvolution.Call(conv_dw, x);
        y = functional.relu6(bn1.call(y));
        return functional.relu6(bn2.call(PointwiseConvolution.Call(conv_pw, y))).MoveToOuterDisposeScope();
    }
}

/// <summary>MobileNet V1, or its twin with full convolutions (table 4). Parameter names are timm's.</summary>
public sealed class MobileNetV1 : Classifier
{
    private readonly Conv2d conv_stem;
    private readonly BatchNorm2d bn1;
    private readonly Sequential blocks;

    /// <summary>Builds a configuration.</summary>
    /// <param name="design">Which.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal MobileNetV1(MobileNetV1Design design, int classes, NetworkOptions options)
        : base(design.Card)
    {
        double width = options.Width ?? 1;

        long channels = WidthMultiplier.Channels(32, width);
        conv_stem = Conv2d(3, channels, kernel_size: 3, stride: design.StemStride, padding: 1, bias: false);
        bn1 = BatchNorm2d(channels);

        var stages = new List<Module<Tensor, Tensor>>();
        foreach (MobileNetV1Stage stage in design.Stages)
        {
            var layers = new List<Module<Tensor, Tensor>>();
            for (int i = 0; i < stage.Layers; i++)
            {
                long to = WidthMultiplier.Channels(stage.Channels, width), stride = i == 0 ? stage.Stride : 1;
                layers.Add(design.Full
                    ? new ConvNormActivation(channels, to, stride: stride, activation: Activation.Relu6, names: ("conv", "bn1"))
                    : new DepthwiseSeparable(channels, to, stride));
                channels = to;
            }
            stages.Add(Sequential(layers));
        }
        blocks = Sequential(stages);

        RegisterComponents();
        AddHead("classifier", Linear(channels, classes), options.Dropout ?? 0);
        // At some widths the channels of full convolutions are no multiple of 16, and oneDNN 3.7.1 (libtorch 2.10.0) computes those of
        // contiguous tensors wrongly on some processors. Weights laid channels-last keep to the layout that is right.
        if (design.Full)
            ChannelsLast.Apply(this);
    }

    /// <inheritdoc/>
    /// <exception cref="BadInputException">The images are smaller than the total stride (<c>network-input</c>).</exception>
    public override Tensor Features(Tensor images)
    {
        RequireInput(images);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = blocks.call(functional.relu6(bn1.call(conv_stem.call(images))));
        return functional.adaptive_avg_pool2d(x, 1).flatten(1).MoveToOuterDisposeScope();
    }
}
