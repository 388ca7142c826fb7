using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>LayerNorm of maps: each pixel's channels are normalised among themselves, <c>[N, C, H, W]</c> in and out.</summary>
public sealed class LayerNorm2d : Module<Tensor, Tensor>
{
    /// <summary>The scale, one for each channel.</summary>
    public readonly Parameter weight;

    /// <summary>The shift, one for each channel.</summary>
    public readonly Parameter bias;

    private readonly double epsilon;

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">Channels of its input.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    public LayerNorm2d(long channels, double epsilon = 1e-6)
        : base(nameof(LayerNorm2d))
    {
        this.epsilon = epsilon;
        weight = Parameter(ones(channels));
        bias = Parameter(zeros(channels));
        RegisterComponents();
    }

    /// <summary>Normalises the channels of each pixel.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pixels = x.permute(0, 2, 3, 1);
        return functional.layer_norm(pixels, [weight.shape[0]], weight, bias, epsilon).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
