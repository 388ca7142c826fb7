// Squeeze and excitation. Hu, Shen, Sun: "Squeeze-and-Excitation Networks", CVPR 2018 (arXiv 1709.01507), section 3.
//
//   squeeze   the mean of each channel over the whole map: [N, C, H, W] → [N, C]
//   excite    C → C/r → ReLU → C → gate: for each image one factor a channel, by which the map is multiplied
//
// MobileNetV3 takes r = 4 and hard-sigmoid, min(max(x + 3, 0), 6) / 6, for the gate (Howard et al. 2019, sections 5.2 and 5.3).

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

    /// <summary>Creates the layer.</summary>
    /// <param name="channels">Channels of its input and output.</param>
    /// <param name="squeezed">Channels between.</param>
    public SqueezeExcite(long channels, long squeezed)
        : base(nameof(SqueezeExcite))
    {
        fc1 = Conv2d(channels, squeezed, kernel_size: 1);
        fc2 = Conv2d(squeezed, channels, kernel_size: 1);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scale = functional.adaptive_avg_pool2d(x, 1);
        scale = functional.relu(PointwiseConvolution.Call(fc1, scale));
        scale = functional.hardsigmoid(PointwiseConvolution.Call(fc2, scale));
        return (x * scale).MoveToOuterDisposeScope();
    }
}
