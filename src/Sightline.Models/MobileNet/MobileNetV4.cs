// MobileNet V4. Qin, Leichner, Delakis, Fornoni, Luo, Yang, Wang, Banbury, Ye, Akin, Aggarwal, Zhu, Moro, Howard: "MobileNetV4: Universal
// Models for the Mobile Ecosystem", ECCV 2024 (arXiv 2404.10518).
//
// One block has room for two depthwise convolutions, either of which may be missing (section 4, figure 4):
//
//   x ── [k₁×k₁ depthwise] ── 1×1 up, ReLU ── [k₂×k₂ depthwise, ReLU] ── 1×1 down ── + x
//
//   neither   a feed-forward layer, as in a transformer
//   second    the inverted bottleneck of V2
//   first     ConvNeXt's block: space is mixed on the narrow side, where it is cheap
//   both      "extra depthwise"
//
// Which to take where was searched for several kinds of hardware at once: layers with few multiply-accumulates for each byte don't pay on
// those that are fast at arithmetic (section 3). So the stem is full convolutions again, and there is no squeeze and excitation.

using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>The universal inverted bottleneck (figure 4).</summary>
public sealed class UniversalInvertedBottleneck : Module<Tensor, Tensor>
{
    private static readonly (string, string) Names = ("conv", "bn");

    private readonly ConvNormActivation? dw_start;
    private readonly ConvNormActivation pw_exp;
    private readonly ConvNormActivation? dw_mid;
    private readonly ConvNormActivation pw_proj;
    private readonly bool residual;

    /// <summary>Creates the block, under timm's names.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="start">Side of the depthwise kernel before the widening; 0 leaves it out.</param>
    /// <param name="middle">Side of the depthwise kernel behind the widening; 0 leaves it out.</param>
    /// <param name="stride">Stride, at the later of the two.</param>
    /// <param name="expansion">By how much the middle is wider than the input.</param>
    /// <exception cref="ArgumentException">There is a stride and no depthwise convolution to take it.</exception>
    public UniversalInvertedBottleneck(int inChannels, int outChannels, int start, int middle, int stride, double expansion)
        : base(nameof(UniversalInvertedBottleneck))
    {
        if (stride > 1 && start == 0 && middle == 0)
            throw new ArgumentException("Without a depthwise convolution nothing takes the stride.", nameof(stride));
        int wide = WidthMultiplier.Channels(inChannels, expansion);
        dw_start = start == 0 ? null : new ConvNormActivation(inChannels, inChannels, start, middle == 0 ? stride : 1, groups: inChannels, Activation.None, names: Names);
        pw_exp = new ConvNormActivation(inChannels, wide, kernel: 1, names: Names);
        dw_mid = middle == 0 ? null : new ConvNormActivation(wide, wide, middle, stride, groups: wide, names: Names);
        pw_proj = new ConvNormActivation(wide, outChannels, kernel: 1, activation: Activation.None, names: Names);
        residual = stride == 1 && inChannels == outChannels;
        RegisterComponents();
    }

    /// <summary>Runs the layers that the block has; adds what came in where shapes agree.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H / stride, W / stride] float32</c>.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = pw_exp.call(dw_start is null ? x : dw_start.call(x));
        y = pw_proj.call(dw_mid is null ? y : dw_mid.call(y));
        return (residual ? x + y : y).MoveToOuterDisposeScope();
    }
}

/// <summary>The fused inverted bottleneck: a full 3×3 convolution up, ReLU, 1×1 down. Early, where channels are few.</summary>
public sealed class FusedInvertedBottleneck : Module<Tensor, Tensor>
{
    private readonly Conv2d conv_exp;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv_pwl;
    private readonly BatchNorm2d bn2;
    private readonly bool residual;

    /// <summary>Creates the block, under timm's names.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="kernel">Side of the first kernel.</param>
    /// <param name="stride">Stride of the first convolution.</param>
    /// <param name="expansion">By how much the middle is wider than the input.</param>
    public FusedInvertedBottleneck(int inChannels, int outChannels, int kernel, int stride, double expansion)
        : base(nameof(FusedInvertedBottleneck))
    {
        int wide = WidthMultiplier.Channels(inChannels, expansion);
        conv_exp = Conv2d(inChannels, wide, kernel, stride: stride, padding: kernel / 2, bias: false);
        bn1 = BatchNorm2d(wide);
        conv_pwl = Conv2d(wide, outChannels, kernel_size: 1, bias: false);
        bn2 = BatchNorm2d(outChannels);
        residual = stride == 1 && inChannels == outChannels;
        RegisterComponents();
    }

    /// <summary>Widens by a full convolution and narrows; adds what came in where shapes agree.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H / stride, W / stride] float32</c>.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = functional.relu(bn1.call(conv_exp.call(x)));
        y = bn2.call(PointwiseConvolution.Call(conv_pwl, y));
        return (residual ? x + y : y).MoveToOuterDisposeScope();
    }
}

/// <summary>MobileNet V4 of convolutions only. Parameter names are timm's.</summary>
public sealed class MobileNetV4 : Classifier
{
    private const int StemChannels = 32, LastChannels = 1280;

    private readonly Conv2d conv_stem;
    private readonly BatchNorm2d bn1;
    private readonly Sequential blocks;
    private readonly Conv2d conv_head;
    private readonly BatchNorm2d norm_head;

    /// <summary>Builds a configuration.</summary>
    /// <param name="design">Which.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal MobileNetV4(MobileNetV4Design design, int classes, NetworkOptions options)
        : base(design.Card)
    {
        conv_stem = Conv2d(3, StemChannels, kernel_size: 3, stride: 2, padding: 1, bias: false);
        bn1 = BatchNorm2d(StemChannels);

        int channels = StemChannels;
        var stages = new List<Module<Tensor, Tensor>>();
        foreach (IReadOnlyList<MobileNetV4Row> rows in design.Stages)
        {
            var layers = new List<Module<Tensor, Tensor>>();
            foreach (MobileNetV4Row row in rows)
            {
                layers.Add(Block(row, channels));
                channels = row.Channels;
            }
            stages.Add(Sequential(layers));
        }
        blocks = Sequential(stages);

        // Behind the mean, on one pixel, as in V3; here with a BatchNorm.
        conv_head = Conv2d(channels, LastChannels, kernel_size: 1, bias: false);
        norm_head = BatchNorm2d(LastChannels);
        RegisterComponents();
        AddHead("classifier", Linear(LastChannels, classes), options.Dropout ?? 0);
    }

    /// <inheritdoc/>
    /// <exception cref="BadInputException">The images are smaller than the total stride (<c>network-input</c>).</exception>
    public override Tensor Features(Tensor images)
    {
        RequireInput(images);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = blocks.call(functional.relu(bn1.call(conv_stem.call(images))));
        x = PointwiseConvolution.Call(conv_head, functional.adaptive_avg_pool2d(x, 1));
        return functional.relu(norm_head.call(x)).flatten(1).MoveToOuterDisposeScope();
    }

    private static Module<Tensor, Tensor> Block(MobileNetV4Row row, int channels) => row.Kind switch
    {
        MobileNetV4Block.Convolution => new ConvNormActivation(channels, row.Channels, row.Middle, row.Stride, names: ("conv", "bn1")),
        MobileNetV4Block.Fused => new FusedInvertedBottleneck(channels, row.Channels, row.Middle, row.Stride, row.Expansion),
        _ => new UniversalInvertedBottleneck(channels, row.Channels, row.Start, row.Middle, row.Stride, row.Expansion),
    };
}
