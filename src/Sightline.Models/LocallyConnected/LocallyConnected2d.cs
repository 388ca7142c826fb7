// A convolution without sharing: each place has a kernel of its own. LeCun: "Generalization and Network Design Strategies", 1989, compares
// it with convolution on digits; Taigman et al.: "DeepFace", CVPR 2014, use it where what is at which place is known.
//
//   convolution           out · in · k² weights, used at every place
//   locally connected     out · in · k² weights for each place: as many multiply-accumulates, places times the weights
//   fully connected       (out · places) · (in · side²) weights

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>What is between a convolution and a fully connected layer: local as the one, without sharing as the other.</summary>
public sealed class LocallyConnected2d : Module<Tensor, Tensor>
{
    private readonly long outChannels, inSide, outSide;
    private readonly int kernelSize, stride, padding;

    /// <summary>For each place a matrix from the values under its kernel to its outputs: <c>[places, in·k·k, out] float32</c>.</summary>
    public readonly Parameter weight;

    /// <summary>Creates the layer. There is no bias; a norm follows.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="inSide">Side of its input in pixels: each place has weights, so no other size fits.</param>
    /// <param name="kernelSize">Side of the kernels in pixels.</param>
    /// <param name="stride">Pixels from one place to the next.</param>
    /// <param name="padding">Zeros on each side of the input, in pixels.</param>
    public LocallyConnected2d(long inChannels, long outChannels, long inSide, int kernelSize, int stride = 1, int padding = 0)
        : base(nameof(LocallyConnected2d))
    {
        (this.outChannels, this.inSide, this.kernelSize, this.stride, this.padding) = (outChannels, inSide, kernelSize, stride, padding);
        outSide = (inSide + 2 * padding - kernelSize) / stride + 1;
        weight = Parameter(zeros(outSide * outSide, inChannels * kernelSize * kernelSize, outChannels));
        RegisterComponents();
    }

    /// <summary>Each place's values times its own matrix.</summary>
    /// <param name="x"><c>[N, in, S, S] float32</c>.</param>
    /// <returns><c>[N, out, T, T] float32</c>.</returns>
    /// <exception cref="BadInputException">The input has another size (<c>network-input</c>).</exception>
    public override Tensor forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.shape[2] != inSide || x.shape[3] != inSide)
            throw new BadInputException("network-input", $"This layer has a kernel for each place of {inSide} × {inSide}, and its input is {x.shape[3]} × {x.shape[2]}.");
        using DisposeScope scope = NewDisposeScope();
        Tensor columns = functional.unfold(x, kernelSize, padding: padding, stride: stride); // [N, in·k·k, places]
        Tensor places = columns.permute(2, 0, 1).bmm(weight); // [places, N, out]
        return places.permute(1, 2, 0).reshape(-1, outChannels, outSide, outSide).MoveToOuterDisposeScope();
    }

    /// <summary>Gives every place the kernels of a convolution: then both compute the same.</summary>
    /// <param name="kernels"><c>[out, in, k, k] float32</c>.</param>
    public void ShareEverywhere(Tensor kernels)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        weight.copy_(kernels.flatten(1).t().unsqueeze(0).expand_as(weight));
    }
}
