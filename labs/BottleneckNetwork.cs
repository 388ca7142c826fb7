using Sightline.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs;

/// <summary>What is taken from MobileNet V2's block, to see what it was for.</summary>
internal enum BottleneckForm
{
    /// <summary>Nothing: narrow, wide, narrow, linear at the end, with a shortcut.</summary>
    AsPublished,

    /// <summary>ReLU6 follows the layer that narrows.</summary>
    Activated,

    /// <summary>No shortcut.</summary>
    NoShortcut,

    /// <summary>Cut elsewhere, as ResNet's bottleneck: the shortcut joins the wide ends, and the depthwise convolution is in the narrow middle.</summary>
    WideEnds,
}

/// <summary><c>cifar_mobilenet_v2</c> with its block in one of several forms.</summary>
internal sealed class BottleneckNetwork : Classifier
{
    private const int Expansion = 6, Last = 512;

    private static readonly (int Channels, int Blocks, int Stride)[] Stages = [(24, 2, 2), (32, 2, 2), (64, 2, 1), (96, 2, 2)];

    private readonly Sequential features;

    /// <summary>Builds it.</summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="form">The block's form.</param>
    public BottleneckNetwork(int classes, BottleneckForm form)
        : base(nameof(BottleneckNetwork))
    {
        var layers = new List<Module<Tensor, Tensor>>
        {
            new ConvNormActivation(3, 32, activation: Activation.Relu6),
            new Block(32, 32, 16, 1, form), // the first block widens nothing
        };
        int channels = 16;
        foreach ((int narrow, int blocks, int stride) in Stages)
        {
            for (int i = 0; i < blocks; i++)
            {
                int wide = Expansion * narrow;
                layers.Add(form == BottleneckForm.WideEnds
                    ? new Block(channels, narrow, wide, i == 0 ? stride : 1, form)
                    : new Block(channels, Expansion * channels, narrow, i == 0 ? stride : 1, form));
                channels = form == BottleneckForm.WideEnds ? wide : narrow;
            }
        }
        layers.Add(ConvNormActivation.Pointwise(channels, Last, Activation.Relu6));
        features = Sequential(layers);
        RegisterComponents();
        AddHead("fc", Linear(Last, classes));
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return features.call(images).mean([2, 3]).MoveToOuterDisposeScope();
    }

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Sequential conv;
        private readonly bool shortcut;

        public Block(int channels, int middle, int outChannels, int stride, BottleneckForm form)
            : base(nameof(Block))
        {
            var layers = new List<Module<Tensor, Tensor>>();
            if (middle != channels)
                layers.Add(ConvNormActivation.Pointwise(channels, middle, Activation.Relu6));
            layers.Add(ConvNormActivation.Depthwise(middle, stride: stride, activation: Activation.Relu6));
            layers.Add(ConvNormActivation.Pointwise(middle, outChannels, form == BottleneckForm.Activated ? Activation.Relu6 : Activation.None));
            conv = Sequential(layers);
            shortcut = form != BottleneckForm.NoShortcut && stride == 1 && channels == outChannels;
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor y = conv.call(x);
            return (shortcut ? x + y : y).MoveToOuterDisposeScope();
        }
    }
}
