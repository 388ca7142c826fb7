// VGG. Simonyan, Zisserman: "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015 (arXiv 1409.1556).
//
// The plain ancestor of all that follows: 3×3 convolutions, ReLU and max pools, and of these more than anyone had before. Two layers of
// 3×3 see 5×5 pixels and three see 7×7, with 18·C² and 27·C² weights in the place of 25·C² and 49·C², and a ReLU more each (section 2.3).
//
//   11:  64    | 128     | 256 256     | 512 512     | 512 512      a max pool /2 at every bar and at the end: 224 → 7    (table 1, A)
//   16:  64 64 | 128 128 | 256 256 256 | 512 512 512 | 512 512 512                                                       (table 1, D)
//   then 7·7·512 → 4096 → 4096 → classes: 124 of the 133 to 138 million parameters are in these three layers
//
// Deeper ones could not be trained from the start: the paper starts its deep networks from the weights of shallow ones. BatchNorm
// (2015) made that unnecessary, shortcuts (ResNet, 2015) made real depth possible.

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>VGG with or without BatchNorm. Parameter names are torchvision's.</summary>
public sealed class Vgg : Classifier
{
    // What the linear layers take: smaller and larger maps are averaged or repeated to it, as in torchvision.
    private const int MapSide = 7;

    private readonly Sequential features;
    private readonly NamedLayers? classifier;
    private readonly double drop;

    /// <summary>Builds a configuration.</summary>
    /// <param name="design">Which.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal Vgg(VggDesign design, int classes, NetworkOptions options)
        : base(design.Card)
    {
        drop = options.Dropout ?? design.Dropout;

        long channels = 3;
        var layers = new List<Module<Tensor, Tensor>>();
        foreach (VggStage stage in design.Stages)
        {
            for (int i = 0; i < stage.Layers; i++)
            {
                layers.Add(Conv2d(channels, stage.Channels, kernel_size: 3, padding: 1)); // with a bias, BatchNorm or not: torchvision's
                if (design.Norm)
                    layers.Add(BatchNorm2d(stage.Channels));
                layers.Add(ReLU());
                channels = stage.Channels;
            }
            layers.Add(MaxPool2d(kernel_size: 2, stride: 2));
        }
        features = Sequential(layers);

        int hidden = design.Hidden;
        if (hidden > 0)
        {
            // Between them ReLU and dropout, torchvision's 1, 2, 4 and 5.
            classifier = new NamedLayers("classifier") { ["0"] = Linear(MapSide * MapSide * channels, hidden), ["3"] = Linear(hidden, hidden) };
        }
        RegisterComponents();
        if (classifier is not null)
            AddHead(classifier, "6", Linear(hidden, classes), drop);
        else
            AddHead("classifier", Linear(channels, classes), drop);
    }

    /// <summary>What the last layer takes: the map through two hidden layers, or its mean where there are none.</summary>
    /// <inheritdoc/>
    /// <exception cref="BadInputException">The images are smaller than the total stride (<c>network-input</c>).</exception>
    public override Tensor Features(Tensor images)
    {
        RequireInput(images);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = features.call(images);
        if (classifier is null)
            return functional.adaptive_avg_pool2d(x, 1).flatten(1).MoveToOuterDisposeScope();
        x = functional.adaptive_avg_pool2d(x, MapSide).flatten(1);
        x = functional.dropout(functional.relu(((Linear)classifier["0"]).call(x)), drop, training);
        return functional.relu(((Linear)classifier["3"]).call(x)).MoveToOuterDisposeScope();
    }
}
