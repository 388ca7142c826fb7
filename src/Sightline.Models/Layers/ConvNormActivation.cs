using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>A convolution without bias, a BatchNorm and an activation: what all MobileNets and EfficientNet are made of.</summary>
public sealed class ConvNormActivation : Module<Tensor, Tensor>
{
    /// <summary>torch's.</summary>
    internal const double Epsilon = 1e-5, Momentum = 0.1;

    // Together in one field, since TorchSharp registers modules under the names of fields that hold one.
    private readonly (Conv2d Convolution, BatchNorm2d Norm) layers;
    private readonly Activation activation;

    /// <summary>Creates the layers.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="kernel">Side of the kernel, odd; it is padded so that stride 1 keeps the size.</param>
    /// <param name="stride">Stride.</param>
    /// <param name="groups">Groups; as many as channels make it depthwise.</param>
    /// <param name="activation">What follows.</param>
    /// <param name="epsilon">What the BatchNorm adds to the variance.</param>
    /// <param name="momentum">The share of a new batch in the BatchNorm's running statistics.</param>
    /// <param name="names">The parameter prefixes of convolution and BatchNorm; null takes <c>0</c> and <c>1</c>, torchvision's.</param>
    public ConvNormActivation(
        long inChannels, long outChannels, long kernel = 3, long stride = 1, long groups = 1, Activation activation = Activation.Relu,
        double epsilon = Epsilon, double momentum = Momentum, (string Convolution, string Norm)? names = null)
        : base(nameof(ConvNormActivation))
    {
        layers = (Conv2d(inChannels, outChannels, kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false), BatchNorm2d(outChannels, epsilon, momentum));
        this.activation = activation;
        (string convolution, string norm) = names ?? ("0", "1");
        register_module(convolution, layers.Convolution);
        register_module(norm, layers.Norm);
    }

    /// <summary>A depthwise convolution: one filter a channel, each seeing its own channel only.</summary>
    /// <param name="channels">Channels of input and output.</param>
    /// <param name="kernel">Side of the kernel.</param>
    /// <param name="stride">Stride.</param>
    /// <param name="activation">What follows.</param>
    /// <returns>The layers, under torchvision's names.</returns>
    public static ConvNormActivation Depthwise(long channels, long kernel = 3, long stride = 1, Activation activation = Activation.Relu) =>
        new(channels, channels, kernel, stride, groups: channels, activation);

    /// <summary>A pointwise convolution: 1×1, a matrix product at each pixel.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="activation">What follows.</param>
    /// <returns>The layers, under torchvision's names.</returns>
    public static ConvNormActivation Pointwise(long inChannels, long outChannels, Activation activation = Activation.Relu) =>
        new(inChannels, outChannels, kernel: 1, activation: activation);

    /// <summary>Convolves, normalises, activates.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H / stride, W / stride] float32</c>.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = PointwiseConvolution.Call(layers.Convolution, x);
        return Activated(layers.Norm.call(y), activation).MoveToOuterDisposeScope();
    }

    /// <summary>Applies an activation.</summary>
    internal static Tensor Activated(Tensor x, Activation activation) => activation switch
    {
        Activation.Relu => functional.relu(x),
        Activation.Relu6 => functional.relu6(x),
        Activation.HardSwish => functional.hardswish(x),
        Activation.Silu => functional.silu(x),
        _ => x,
    };
}
