// Pre-activation. He, Zhang, Ren, Sun: "Identity Mappings in Deep Residual Networks", ECCV 2016 (arXiv 1603.05027).
//
// In a ResNet's block a ReLU follows the addition, and so stands in the way of whatever passes along the shortcuts. Moved in front of the
// convolutions, with its BatchNorm, it leaves the way free: x_L = x_l + Σ F(x_i), any deep layer is any earlier one plus a sum, and a
// gradient reaches every layer undiminished (equations 4 and 5). Only then do a thousand layers train well (table 3).
//
//   original         x → conv → BN → ReLU → conv → BN → + x → ReLU          (figure 4a)
//   pre-activation   x → BN → ReLU → conv → BN → ReLU → conv → + x          (figure 4e)

using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>A residual block whose BatchNorms and ReLUs stand in front of its convolutions (figure 4e).</summary>
public sealed class PreActivationBlock : Module<Tensor, Tensor>
{
    // Together in one field, since TorchSharp registers modules under the names of fields that hold one.
    private readonly List<(BatchNorm2d Norm, Conv2d Convolution)> layers = [];
    private readonly Module<Tensor, Tensor>? downsample;
    private readonly StochasticDepth? drop_path;
    private readonly SpatialDropout? dropout;
    private readonly bool activatesShortcut;

    private PreActivationBlock(long inChannels, long outChannels, long stride, Shortcut shortcut, bool first, double dropPath, double spatialDropout, params ReadOnlySpan<Conv2d> convolutions)
        : base(nameof(PreActivationBlock))
    {
        foreach (Conv2d convolution in convolutions)
        {
            (BatchNorm2d Norm, Conv2d) layer = (BatchNorm2d(convolution.weight!.shape[1]), convolution);
            layers.Add(layer);
            register_module($"bn{layers.Count}", layer.Norm);
            register_module($"conv{layers.Count}", convolution);
        }
        downsample = ResNetShortcut.Create(inChannels, outChannels, stride, shortcut, norm: false);
        if (downsample is not null)
            register_module("downsample", downsample);
        drop_path = dropPath > 0 ? new StochasticDepth(dropPath) : null;
        if (drop_path is not null)
            register_module("drop_path", drop_path);
        dropout = spatialDropout > 0 ? new SpatialDropout(spatialDropout) : null;
        if (dropout is not null)
            register_module("dropout", dropout);
        activatesShortcut = first || downsample is not null;
    }

    /// <summary>Two 3×3 convolutions.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="width">Channels of both convolutions and of its output.</param>
    /// <param name="stride">Stride of the first convolution.</param>
    /// <param name="shortcut">The shortcut where the shape changes: its convolution has no BatchNorm.</param>
    /// <param name="first">Whether it is the network's first block, whose shortcut takes the activated input too: the activation that
    /// a stem has (appendix). So do blocks that change the shape, as in the authors' code.</param>
    /// <param name="dropPath">The probability of dropping the block's branch for an image in training, in [0, 1).</param>
    /// <param name="spatialDropout">The probability of dropping a channel in front of the last convolution in training, in [0, 1).</param>
    /// <returns>The block.</returns>
    public static PreActivationBlock Basic(long inChannels, long width, long stride = 1, Shortcut shortcut = Shortcut.B, bool first = false, double dropPath = 0, double spatialDropout = 0) =>
        new(inChannels, width, stride, shortcut, first, dropPath, spatialDropout,
            Conv2d(inChannels, width, kernel_size: 3, stride: stride, padding: 1, bias: false),
            Conv2d(width, width, kernel_size: 3, padding: 1, bias: false));

    /// <summary>1×1 down to <paramref name="width"/>, 3×3, 1×1 up to four times that.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="width">Channels of the 3×3 convolution; the output has <see cref="Models.Bottleneck.Expansion"/> times as many.</param>
    /// <param name="stride">Stride of the 3×3 convolution.</param>
    /// <param name="shortcut">The shortcut where the shape changes.</param>
    /// <param name="first">Whether it is the network's first block.</param>
    /// <param name="dropPath">The probability of dropping the block's branch for an image in training, in [0, 1).</param>
    /// <param name="spatialDropout">The probability of dropping a channel in front of the last convolution in training, in [0, 1).</param>
    /// <returns>The block.</returns>
    public static PreActivationBlock Bottleneck(long inChannels, long width, long stride = 1, Shortcut shortcut = Shortcut.B, bool first = false, double dropPath = 0, double spatialDropout = 0) =>
        new(inChannels, Models.Bottleneck.Expansion * width, stride, shortcut, first, dropPath, spatialDropout,
            Conv2d(inChannels, width, kernel_size: 1, bias: false),
            Conv2d(width, width, kernel_size: 3, stride: stride, padding: 1, bias: false),
            Conv2d(width, Models.Bottleneck.Expansion * width, kernel_size: 1, bias: false));

    /// <summary>Adds what the convolutions make of the activated input.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H', W']</c>: not activated, that is left to whatever follows.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor shortcut = x, y = x;
        foreach ((BatchNorm2d norm, Conv2d convolution) in layers)
        {
            y = functional.relu(norm.call(y));
            if (activatesShortcut && norm == layers[0].Norm)
                shortcut = y;
            if (dropout is not null && norm == layers[^1].Norm)
                y = dropout.call(y);
            y = PointwiseConvolution.Call(convolution, y);
        }
        y = drop_path?.call(y) ?? y;
        return (y + (downsample is null ? shortcut : downsample.call(shortcut))).MoveToOuterDisposeScope();
    }
}
