// GoogLeNet. Szegedy et al.: "Going Deeper with Convolutions", CVPR 2015 (arXiv 1409.4842), table 1 and figure 3.
//
// 22 layers and 7 million parameters, where AlexNet had 8 layers and 60 million: nine inception blocks, no large linear layer but the
// classifier, and in training two further classifiers at a third and two thirds of the way, whose losses count 0.3.
//
//   224 → 7×7/2 → 112 → pool → 56 → 1×1, 3×3 → pool → 28 → 3a, 3b → pool → 14 → 4a … 4e → pool → 7 → 5a, 5b → average → linear
//                                                                  4a → aux1, 4d → aux2

using Sightline.Torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>GoogLeNet, in torchvision's form or the paper's.</summary>
public sealed class GoogLeNet : InceptionNetwork
{
    /// <summary>Builds a form.</summary>
    /// <param name="card">Which.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal GoogLeNet(NetworkCard card, int classes, NetworkOptions options)
        : base(card)
    {
        bool paper = ReferenceEquals(card, GoogLeNetCards.AsInThePaper), norm = !paper;

        Add("conv1", new ConvolutionUnit(3, 64, 7, stride: 2, norm: norm));                       // 224 → 112
        Add("maxpool1", MaxPool2d(kernel_size: 3, stride: 2, ceil_mode: true));                   // 112 → 56
        if (paper)
            Add("norm1", LocalResponseNorm(5, alpha: 1e-4, beta: 0.75, k: 1));
        Add("conv2", new ConvolutionUnit(64, 64, 1, norm: norm));
        Add("conv3", new ConvolutionUnit(64, 192, 3, norm: norm));
        if (paper)
            Add("norm2", LocalResponseNorm(5, alpha: 1e-4, beta: 0.75, k: 1));
        Add("maxpool2", MaxPool2d(kernel_size: 3, stride: 2, ceil_mode: true));                   // 56 → 28
        foreach ((string name, int inputs, InceptionWidths widths) in GoogLeNetCards.Blocks)
        {
            if (name == "inception4a")
                Add("maxpool3", MaxPool2d(kernel_size: 3, stride: 2, ceil_mode: true));           // 28 → 14
            if (name == "inception5a")
                Add("maxpool4", MaxPool2d(kernel_size: paper ? 3 : 2, stride: 2, ceil_mode: true)); // 14 → 7
            Add(name, new InceptionBlock(inputs, widths, norm, five: paper ? 5 : 3));
            if (options.Auxiliary != false && name is "inception4a" or "inception4d")
                AddAuxiliary(name == "inception4a" ? "aux1" : "aux2", new GoogLeNetAuxiliary(widths.Outputs, classes, norm: norm, overlapping: paper));
        }
        AddHead("fc", Linear(1024, classes), options.Dropout ?? 0.4);

        // The 24 channels of blocks 4b and 4c are no multiple of 16: see Airbench94, where the same holds.
        ChannelsLast.Apply(this);
    }

    /// <inheritdoc/>
    public override double AuxiliaryWeight => 0.3;
}
