using Sightline.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Labs;

/// <summary>The ResNet of He et al. 2016, section 4.2, with n = 2 (14 layers) and projections for shortcuts, whose normalisation can be
/// another layer than BatchNorm.</summary>
internal sealed class NormalisedResNet : Classifier
{
    private readonly Sequential body;

    /// <summary>Builds it.</summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="norm">Makes a normalisation for so many channels.</param>
    public NormalisedResNet(int classes, Func<long, Module<Tensor, Tensor>> norm)
        : base(nameof(NormalisedResNet))
    {
        var layers = new List<Module<Tensor, Tensor>> { Conv2d(3, 16, kernel_size: 3, padding: 1, bias: false), norm(16), ReLU() };
        long channels = 16;
        foreach (long width in (long[])[16, 16, 32, 32, 64, 64])
        {
            layers.Add(new Block(channels, width, norm));
            channels = width;
        }
        layers.AddRange([AdaptiveAvgPool2d(1), Flatten()]);
        body = Sequential(layers);
        RegisterComponents();
        AddHead("fc", Linear(channels, classes));
    }

    /// <inheritdoc/>
    public override Tensor Features(Tensor images) => body.call(images);

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Sequential branch;
        private readonly Sequential? shortcut;

        public Block(long inChannels, long width, Func<long, Module<Tensor, Tensor>> norm)
            : base(nameof(Block))
        {
            long stride = inChannels == width ? 1 : 2;
            branch = Sequential(
                Conv2d(inChannels, width, kernel_size: 3, stride: stride, padding: 1, bias: false), norm(width), ReLU(),
                Conv2d(width, width, kernel_size: 3, padding: 1, bias: false), norm(width));
            shortcut = inChannels == width ? null : Sequential(AvgPool2d(kernel_size: 2), Conv2d(inChannels, width, kernel_size: 1, bias: false), norm(width));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            return functional.relu(branch.call(x) + (shortcut is null ? x : shortcut.call(x))).MoveToOuterDisposeScope();
        }
    }
}
