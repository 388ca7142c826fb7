// Squeeze and excitation. Hu, Shen, Sun: "Squeeze-and-Excitation Networks", CVPR 2018 (arXiv 1709.01507), section 3.
//
//   squeeze   the mean of each channel over the whole map: [N, C, H, W] → [N, C]
//   excite    C → C/r → ReLU → C → gate: for each image one factor a channel, by which the map is multiplied
//
// MobileNetV3 takes r = 4 and hard-sigmoid, min(max(x + 3, 0), 6) / 6, for the gate (Howard et al. 2019, sections 5.2 and 5.3);
// EfficientNet SiLU for the ReLU and the paper's own gate, the sigmoid.

using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Scales each channel by what the whole image says of it.</summary>
public sealed class SqueezeExcite : Module<Tensor, Tensor>
{
    private readonly Conv2d fc1;
    private readonly Conv2d fc2;
    private readonly Activation activation;

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">Channels of its input and output.</param>
    /// <param name="squeezed">Channels between.</param>
    /// <param name="activation">What follows the first layer; <see cref="Activation.Silu"/> takes a sigmoid for the gate, everything else
    /// a hard-sigmoid.</param>
    public SqueezeExcite(long channels, long squeezed, Activation activation = Activation.Relu)
        : base(nameof(SqueezeExcite))
    {
        this.activation = activation;
        fc1 = Conv2d(channels, squeezed, kernel_size: 1);
        fc2 = Conv2d(squeezed, channels, kernel_size: 1);
        RegisterComponents();
    }

    /// <summary>Multiplies each channel by a gate that all places decide together.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scale = functional.adaptive_avg_pool2d(x, 1);
        scale = ConvNormActivation.Activated(PointwiseConvolution.Call(fc1, scale), activation);
        scale = PointwiseConvolution.Call(fc2, scale);
        scale = activation == Activation.Silu ? scale.sigmoid() : functional.hardsigmoid(scale);
        return (x * scale).MoveToOuterDisposeScope();
    }
}
