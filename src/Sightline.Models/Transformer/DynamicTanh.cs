// Zhu, Chen, He, LeCun, Liu: "Transformers without Normalization", CVPR 2025 (arXiv 2503.10622), section 4.
//
//   LayerNorm     γ · (x − mean(x)) / deviation(x) + β     statistics of each token
//   DyT           γ · tanh(α · x) + β                      no statistics; α is one learnt number for the layer

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Dynamic Tanh: in the place of a normalisation layer, a squashing by a learnt scale, each value by itself.</summary>
public sealed class DynamicTanh : Module<Tensor, Tensor>
{
    /// <summary>The paper's first α for everything but large language models.</summary>
    public const double FirstAlpha = 0.5;

    private readonly bool channelsFirst;

    /// <summary>The scale inside, one number.</summary>
    public readonly Parameter alpha;

    /// <summary>The scale outside, one for each channel.</summary>
    public readonly Parameter weight;

    /// <summary>The shift, one for each channel.</summary>
    public readonly Parameter bias;

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">Channels of its input.</param>
    /// <param name="channelsFirst">Whether channels are dimension 1 (<c>[N, C, H, W]</c>) instead of the last (<c>[N, T, C]</c>).</param>
    /// <param name="firstAlpha">What α starts at.</param>
    public DynamicTanh(long channels, bool channelsFirst = false, double firstAlpha = FirstAlpha)
        : base(nameof(DynamicTanh))
    {
        this.channelsFirst = channelsFirst;
        alpha = Parameter(full(1, (float)firstAlpha));
        weight = Parameter(ones(channels));
        bias = Parameter(zeros(channels));
        RegisterComponents();
    }

    /// <summary>γ · tanh(α · x) + β.</summary>
    /// <param name="x"><c>[N, T, C]</c>, or <c>[N, C, H, W]</c> with channels first; float32.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = (alpha * x).tanh();
        if (!channelsFirst)
            return (y * weight + bias).MoveToOuterDisposeScope();
        return (y * weight.view(-1, 1, 1) + bias.view(-1, 1, 1)).MoveToOuterDisposeScope();
    }
}
