// Deep residual learning. He, Zhang, Ren, Sun: "Deep Residual Learning for Image Recognition", CVPR 2016 (arXiv 1512.03385).
//
// A block doesn't compute a new representation, it computes what to add to the one it was given: y = relu(F(x) + x). A block that has
// nothing to add only has to drive F to zero; a plain block would have to learn the identity through two layers with a ReLU between.
// That is the paper's answer to degradation: plain networks get a *higher training error* as they get deeper.
//
//   ImageNet:  7×7/2, max pool /2, four stages at 1/4 … 1/32 of the image's side, global average, linear      (table 1)
//   CIFAR:     3×3, three stages of n blocks at 32, 16, 8 pixels with 16, 32, 64 channels, likewise            (section 4.2)

using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Two 3×3 convolutions and a shortcut (figure 5, left): <c>relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x))</c>.</summary>
public sealed class BasicBlock : Module<Tensor, Tensor>, IInitialised
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Module<Tensor, Tensor>? downsample;
    private readonly StochasticDepth? drop_path;
    private readonly SpatialDropout? dropout;
    private readonly bool residual;
    private readonly bool zeroInitResidual;

    /// <summary>Creates the block.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="width">Channels of both convolutions and of its output.</param>
    /// <param name="stride">Stride of the first convolution: 2 where a stage begins at half the resolution.</param>
    /// <param name="shortcut">The shortcut where the shape changes; null makes a plain block without any.</param>
    /// <param name="zeroInitResidual">Whether <c>bn2</c> starts at zero.</param>
    /// <param name="dropPath">The probability of dropping the block's branch for an image in training, in [0, 1) (Huang et al. 2016).</param>
    /// <param name="spatialDropout">The probability of dropping a channel between the convolutions in training, in [0, 1) (Tompson et al. 2015).</param>
    public BasicBlock(long inChannels, long width, long stride = 1, Shortcut? shortcut = Shortcut.B, bool zeroInitResidual = false, double dropPath = 0, double spatialDropout = 0)
        : base(nameof(BasicBlock))
    {
        conv1 = Conv2d(inChannels, width, kernel_size: 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, width, kernel_size: 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(width);
        downsample = ResNetShortcut.Create(inChannels, width, stride, shortcut);
        drop_path = dropPath > 0 ? new StochasticDepth(dropPath) : null;
        dropout = spatialDropout > 0 ? new SpatialDropout(spatialDropout) : null;
        residual = shortcut is not null;
        this.zeroInitResidual = zeroInitResidual;
        RegisterComponents();
    }

    /// <summary>Computes what to add, and adds it.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, width, H / stride, W / stride] float32</c>, rounded up.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = functional.relu(bn1.call(conv1.call(x)));
        y = dropout?.call(y) ?? y;
        y = bn2.call(conv2.call(y));
        y = drop_path?.call(y) ?? y;
        if (residual)
            y = y + (downsample is null ? x : downsample.call(x));
        return functional.relu(y).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    void IInitialised.Initialise(FirstWeights draw)
    {
        if (zeroInitResidual)
            bn2.weight!.zero_();
    }
}

/// <summary>1×1 down to <c>width</c>, 3×3, 1×1 up to four times that, and a shortcut (figure 5, right).</summary>
public sealed class Bottleneck : Module<Tensor, Tensor>, IInitialised
{
    /// <summary>Output channels for each of <c>width</c>.</summary>
    public const int Expansion = 4;

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Conv2d conv3;
    private readonly BatchNorm2d bn3;
    private readonly Module<Tensor, Tensor>? downsample;
    private readonly StochasticDepth? drop_path;
    private readonly SpatialDropout? dropout;
    private readonly bool zeroInitResidual;

    /// <summary>Creates the block.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="width">Channels of the 3×3 convolution; the output has <see cref="Expansion"/> times as many.</param>
    /// <param name="stride">Stride of the 3×3 convolution. The paper puts it at the first 1×1, which skips three of four pixels
    /// there; torchvision's place (Goyal et al. 2017) is what published weights were trained with.</param>
    /// <param name="shortcut">The shortcut where the shape changes.</param>
    /// <param name="zeroInitResidual">Whether <c>bn3</c> starts at zero.</param>
    /// <param name="dropPath">The probability of dropping the block's branch for an image in training, in [0, 1).</param>
    /// <param name="spatialDropout">The probability of dropping a channel behind the 3×3 convolution in training, in [0, 1).</param>
    public Bottleneck(long inChannels, long width, long stride = 1, Shortcut shortcut = Shortcut.B, bool zeroInitResidual = false, double dropPath = 0, double spatialDropout = 0)
        : base(nameof(Bottleneck))
    {
        conv1 = Conv2d(inChannels, width, kernel_size: 1, bias: false);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, width, kernel_size: 3, stride: stride, padding: 1, bias: false);
        bn2 = BatchNorm2d(width);
        conv3 = Conv2d(width, Expansion * width, kernel_size: 1, bias: false);
        bn3 = BatchNorm2d(Expansion * width);
        downsample = ResNetShortcut.Create(inChannels, Expansion * width, stride, shortcut);
        drop_path = dropPath > 0 ? new StochasticDepth(dropPath) : null;
        dropout = spatialDropout > 0 ? new SpatialDropout(spatialDropout) : null;
        this.zeroInitResidual = zeroInitResidual;
        RegisterComponents();
    }

    /// <summary>Computes what to add, and adds it.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, 4 · width, H / stride, W / stride] float32</c>, rounded up.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = functional.relu(bn1.call(PointwiseConvolution.Call(conv1, x)));
        y = functional.relu(bn2.call(conv2.call(y)));
        y = dropout?.call(y) ?? y;
        y = bn3.call(PointwiseConvolution.Call(conv3, y));
        y = drop_path?.call(y) ?? y;
        return functional.relu(y + (downsample is null ? x : downsample.call(x))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    void IInitialised.Initialise(FirstWeights draw)
    {
        if (zeroInitResidual)
            bn3.weight!.zero_();
    }
}

/// <summary>A residual network, its plain twin or its pre-activation form. Parameter names are torchvision's; it has no pre-activation
/// form, whose names are like them, with <c>bn</c> behind the last block.</summary>
public sealed class ResNet : Classifier, IBackbone
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d? bn1;
    private readonly MaxPool2d? maxpool;
    private readonly List<Sequential> stages = [];
    private readonly BatchNorm2d? bn;
    private readonly int sideMultiple;

    /// <summary>Builds a configuration.</summary>
    /// <param name="design">Which.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal ResNet(ResNetDesign design, int classes, NetworkOptions options)
        : base(design.Card)
    {
        sideMultiple = design.SideMultiple;

        // Stem. A pre-activation network leaves its BatchNorm and ReLU to the first block.
        bool large = design.Stem == ResNetStem.ImageNet;
        conv1 = large
            ? Conv2d(3, design.Width, kernel_size: 7, stride: 2, padding: 3, bias: false)
            : Conv2d(3, design.Width, kernel_size: 3, padding: 1, bias: false);
        bn1 = design.PreActivation ? null : BatchNorm2d(design.Width);
        maxpool = large ? MaxPool2d(kernel_size: 3, stride: 2, padding: 1) : null;

        // Stages: each but the first starts with a stride of 2 and doubles the width.
        long channels = design.Width;
        int all = design.Stages.Sum(), block = 0;
        for (int stage = 0; stage < design.Stages.Count; stage++)
        {
            long width = (long)design.Width << stage;
            var blocks = new List<Module<Tensor, Tensor>>();
            for (int i = 0; i < design.Stages[stage]; i++)
            {
                long stride = stage > 0 && i == 0 ? 2 : 1;
                double dropPath = StochasticDepth.Linear(block++, all, options.StochasticDepth ?? 0);
                blocks.Add(Block(design, options, channels, width, stride, first: stage == 0 && i == 0, dropPath));
                channels = design.Block == ResNetBlock.Bottleneck ? Bottleneck.Expansion * width : width;
            }
            stages.Add(Sequential(blocks));
        }

        // Head. What a pre-activation network's last addition gives has not been activated yet.
        bn = design.PreActivation ? BatchNorm2d(channels) : null;
        RegisterComponents();
        for (int stage = 0; stage < stages.Count; stage++)
            register_module($"layer{stage + 1}", stages[stage]);
        AddHead("fc", Linear(channels, classes), options.Dropout ?? 0);
    }

    /// <inheritdoc/>
    public int FeatureChannels => (int)Head.weight!.shape[1];

    /// <inheritdoc/>
    public int FeatureStride => (maxpool is null ? 1 : 4) << (stages.Count - 1);

    /// <inheritdoc/>
    public override Tensor Features(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return functional.adaptive_avg_pool2d(FeatureMap(images), 1).flatten(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor FeatureMap(Tensor images)
    {
        RequireInput(images);
        if (sideMultiple > 1 && (images.shape[2] % sideMultiple != 0 || images.shape[3] % sideMultiple != 0))
        {
            throw new BadInputException("network-input", $"{GetName()} takes images whose sides are multiples of {sideMultiple}, and these are "
                + $"{images.shape[3]} × {images.shape[2]}.", fix: "Choose another size in preprocessing.");
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Activated(conv1.call(images), bn1);
        if (maxpool is not null)
            x = maxpool.call(x);
        foreach (Sequential stage in stages)
            x = stage.call(x);
        return Activated(x, bn).MoveToOuterDisposeScope();
    }

    private static Tensor Activated(Tensor x, BatchNorm2d? norm) => norm is null ? x : functional.relu(norm.call(x));

    private static Module<Tensor, Tensor> Block(ResNetDesign design, NetworkOptions options, long channels, long width, long stride, bool first, double dropPath)
    {
        Shortcut shortcut = options.Shortcut ?? design.Shortcut;
        double spatial = options.SpatialDropout ?? 0;
        if (design.PreActivation)
        {
            return design.Block == ResNetBlock.Bottleneck
                ? PreActivationBlock.Bottleneck(channels, width, stride, shortcut, first, dropPath, spatial)
                : PreActivationBlock.Basic(channels, width, stride, shortcut, first, dropPath, spatial);
        }
        return design.Block == ResNetBlock.Bottleneck
            ? new Bottleneck(channels, width, stride, shortcut, options.ZeroInitResidual, dropPath, spatial)
            : new BasicBlock(channels, width, stride, design.Residual ? shortcut : null, options.ZeroInitResidual, dropPath, spatial);
    }
}
