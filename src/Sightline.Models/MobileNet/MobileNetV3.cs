// MobileNet V3. Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le, Adam: "Searching for MobileNetV3", ICCV 2019
// (arXiv 1905.02244).
//
// The blocks are MobileNet V2's; which of them, how wide and with which kernel was found by search for latency on a phone. Added:
//   squeeze and excitation in some blocks, on the wide middle (section 5.3, figure 4)
//   hard-swish, x · relu6(x + 3) / 6, in the deeper half, where maps are small and it costs little (5.2)
//   a cheaper end: the last widening happens behind the mean, on one pixel instead of 7 × 7, and the stem has 16 channels (5.1)

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>MobileNet V2's block with squeeze and excitation, as tables 1 and 2 give it row by row.</summary>
public sealed class MobileNetV3Block : Module<Tensor, Tensor>
{
    // torchvision's values for this network.
    internal const double Epsilon = 1e-3, Momentum = 0.01;

    private readonly Sequential block;
    private readonly bool residual;

    /// <summary>Creates the block, under torchvision's names.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="middle">Channels of the depthwise convolution; as many as the input leave the widening out.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="kernel">Side of the depthwise kernel.</param>
    /// <param name="stride">Stride of the depthwise convolution.</param>
    /// <param name="squeeze">Whether squeeze and excitation follows the depthwise convolution.</param>
    /// <param name="activation">The activation of the first two convolutions; the last is linear.</param>
    public MobileNetV3Block(long inChannels, int middle, long outChannels, long kernel, long stride, bool squeeze, Activation activation)
        : base(nameof(MobileNetV3Block))
    {
        var layers = new List<Module<Tensor, Tensor>>();
        if (middle != inChannels)
            layers.Add(new ConvNormActivation(inChannels, middle, kernel: 1, activation: activation, epsilon: Epsilon, momentum: Momentum));
        layers.Add(new ConvNormActivation(middle, middle, kernel, stride, groups: middle, activation, Epsilon, Momentum));
        if (squeeze)
            layers.Add(new SqueezeExcite(middle, WidthMultiplier.Channels(middle / 4, 1)));
        layers.Add(new ConvNormActivation(middle, outChannels, kernel: 1, activation: Activation.None, epsilon: Epsilon, momentum: Momentum));
        block = Sequential(layers);
        residual = stride == 1 && inChannels == outChannels;
        RegisterComponents();
    }

    /// <summary>Widens, filters each channel, weighs the channels, narrows; adds what came in where shapes agree.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H / stride, W / stride] float32</c>.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = block.call(x);
        return (residual ? x + y : y).MoveToOuterDisposeScope();
    }
}

/// <summary>MobileNet V3, large or small. Parameter names are torchvision's.</summary>
public sealed class MobileNetV3 : Classifier
{
    private readonly Sequential features;
    private readonly NamedLayers classifier = new("classifier");

    /// <summary>Builds a configuration.</summary>
    /// <param name="design">Which.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal MobileNetV3(MobileNetV3Design design, int classes, NetworkOptions options)
        : base(design.Card)
    {
        double width = options.Width ?? 1;
        int Wide(int channels) => WidthMultiplier.Channels(channels, width);

        int channels = Wide(16);
        var layers = new List<Module<Tensor, Tensor>>
        {
            new ConvNormActivation(3, channels, stride: 2, activation: Activation.HardSwish, epsilon: MobileNetV3Block.Epsilon, momentum: MobileNetV3Block.Momentum),
        };
        foreach (MobileNetV3Row row in design.Rows)
        {
            int to = Wide(row.Out);
            layers.Add(new MobileNetV3Block(channels, Wide(row.Middle), to, row.Kernel, row.Stride, row.Squeeze, row.Activation));
            channels = to;
        }
        layers.Add(new ConvNormActivation(channels, 6 * channels, kernel: 1, activation: Activation.HardSwish, epsilon: MobileNetV3Block.Epsilon, momentum: MobileNetV3Block.Momentum));
        features = Sequential(layers);

        int last = Wide(design.LastChannels);
        classifier["0"] = Linear(6 * channels, last);
        RegisterComponents();
        // Between them hard-swish and dropout, torchvision's 1 and 2.
        AddHead(classifier, "3", Linear(last, classes), options.Dropout ?? MobileNetV3Design.Dropout);
    }

    /// <summary>What the last layer takes: the pooled map, widened once more.</summary>
    /// <inheritdoc/>
    /// <exception cref="BadInputException">The images are smaller than the total stride (<c>network-input</c>).</exception>
    public override Tensor Features(Tensor images)
    {
        RequireInput(images);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = functional.adaptive_avg_pool2d(features.call(images), 1).flatten(1);
        return functional.hardswish(((Linear)classifier["0"]).call(x)).MoveToOuterDisposeScope();
    }
}
