// What passes by a residual block's convolutions. He et al.: "Deep Residual Learning for Image Recognition", section 4.1, options A, B, C.

using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Shortcut A: every second pixel, and zeros for the channels that are new. It has no parameters.</summary>
public sealed class ZeroPaddedShortcut : Module<Tensor, Tensor>
{
    private readonly long newChannels;
    private readonly long stride;

    /// <summary>Creates the shortcut.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output, not fewer.</param>
    /// <param name="stride">Which pixels are kept.</param>
    public ZeroPaddedShortcut(long inChannels, long outChannels, long stride)
        : base(nameof(ZeroPaddedShortcut))
    {
        newChannels = outChannels - inChannels;
        this.stride = stride;
    }

    /// <summary>Takes every stride-th pixel and adds channels of zeros.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H / stride, W / stride] float32</c>, rounded up.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor kept = x.slice(2, 0, long.MaxValue, stride).slice(3, 0, long.MaxValue, stride);
        return functional.pad(kept, [0, 0, 0, 0, 0, newChannels]).MoveToOuterDisposeScope();
    }
}

/// <summary>Shortcuts B and C: a 1×1 convolution and, as a rule, a BatchNorm.</summary>
/// <remarks>
/// Strided 1×1 convolutions are not safe with oneDNN 3.7.1 (libtorch 2.10.0). Seen on a virtual AVX-512 processor: with 512 outputs and
/// channels-last the values are wrong by a third, in float32; with 1024 or 2048 planning the backward pass divides by zero and ends the
/// process. Taking every second pixel first is the same arithmetic, and as fast.
/// </remarks>
public sealed class ProjectionShortcut : Module<Tensor, Tensor>
{
    // Together in one field, since TorchSharp registers modules under the names of fields that hold one.
    private readonly (AvgPool2d? Subsample, Conv2d Convolution, BatchNorm2d? Norm) layers;

    /// <summary>Creates the shortcut.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="stride">Which pixels are kept.</param>
    /// <param name="norm">Whether a BatchNorm follows the convolution; not in pre-activation networks.</param>
    public ProjectionShortcut(long inChannels, long outChannels, long stride, bool norm = true)
        : base(nameof(ProjectionShortcut))
    {
        layers = (stride > 1 ? AvgPool2d(kernel_size: 1, stride: stride) : null, Conv2d(inChannels, outChannels, kernel_size: 1, bias: false), norm ? BatchNorm2d(outChannels) : null);
        if (layers.Subsample is not null)
            register_module("subsample", layers.Subsample);
        // torchvision's names: a Sequential's numbers.
        register_module("0", layers.Convolution);
        if (layers.Norm is not null)
            register_module("1", layers.Norm);
    }

    /// <summary>Projects to the new number of channels.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H / stride, W / stride] float32</c>, rounded up.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor kept = layers.Subsample is null ? x : layers.Subsample.call(x);
        Tensor y = PointwiseConvolution.Call(layers.Convolution, kept);
        return (layers.Norm is null ? y : layers.Norm.call(y)).MoveToOuterDisposeScope();
    }
}

/// <summary>What a shortcut has to do (section 4.1, options A, B and C).</summary>
internal static class ResNetShortcut
{
    /// <summary>The module on the shortcut; null where the input passes as it is.</summary>
    public static Module<Tensor, Tensor>? Create(long inChannels, long outChannels, long stride, Shortcut? option, bool norm = true)
    {
        bool changes = stride != 1 || inChannels != outChannels;
        return option switch
        {
            null => null,
            Shortcut.A => changes ? new ZeroPaddedShortcut(inChannels, outChannels, stride) : null,
            Shortcut.B when !changes => null,
            _ => new ProjectionShortcut(inChannels, outChannels, stride, norm),
        };
    }
}
