using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>A convolution and a ReLU, with a BatchNorm between them, or with a bias and none: what all Inception networks are made of.</summary>
public sealed class ConvolutionUnit : Module<Tensor, Tensor>, IInitialised
{
    // torchvision's, which its published weights were trained with; torch's own is 1e-5.
    private const double BatchNormEpsilon = 1e-3;

    private readonly Conv2d conv;
    private readonly BatchNorm2d? bn;

    /// <summary>Creates the unit.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="window">Height and width of the window.</param>
    /// <param name="stride">Stride.</param>
    /// <param name="padded">Whether the input is padded so that, with stride 1, the size stays.</param>
    /// <param name="norm">With a BatchNorm and no bias, or with a bias and no BatchNorm.</param>
    public ConvolutionUnit(long inChannels, long outChannels, (long Height, long Width) window, long stride = 1, bool padded = true, bool norm = true)
        : base(nameof(ConvolutionUnit))
    {
        conv = Conv2d(inChannels, outChannels, window, (stride, stride), padded ? (window.Height / 2, window.Width / 2) : (0L, 0L), bias: !norm);
        bn = norm ? BatchNorm2d(outChannels, eps: BatchNormEpsilon) : null;
        RegisterComponents();
    }

    /// <summary>Creates a unit with a square window.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="side">Side of the window.</param>
    /// <param name="stride">Stride.</param>
    /// <param name="padded">Whether the input is padded so that, with stride 1, the size stays.</param>
    /// <param name="norm">With a BatchNorm and no bias, or with a bias and no BatchNorm.</param>
    public ConvolutionUnit(long inChannels, long outChannels, long side, long stride = 1, bool padded = true, bool norm = true)
        : this(inChannels, outChannels, (side, side), stride, padded, norm)
    {
    }

    /// <summary>Convolves, normalises where it does, activates.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H', W'] float32</c>.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        x = PointwiseConvolution.Call(conv, x);
        return functional.relu(bn is null ? x : bn.call(x)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Without a BatchNorm the usual variance of 2 / fan-out won't do: a reduction from 480 channels to 16 would multiply the variance by
    /// 30. With 2 / fan-in it stays (He et al. 2015, "Delving Deep into Rectifiers", section 2.2, forward case).
    /// </summary>
    void IInitialised.Initialise(FirstWeights draw)
    {
        if (bn is not null)
            return;
        using Scalar fromFanOut = Math.Sqrt(conv.weight.shape[0] / (double)conv.weight.shape[1]);
        conv.weight.mul_(fromFanOut);
    }
}
