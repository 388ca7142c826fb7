// Ma, Dai, Bai, Wang, Fu: "Rewrite the Stars", CVPR 2024 (arXiv 2403.19967), section 4: a network kept as plain as it can be, to show
// what the star operation does by itself.
//
//   224 → 3×3, stride 2, 32 channels → four stages, each: 3×3, stride 2, then star blocks → BatchNorm → mean over the map → classifier

using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>StarNet. Parameter names are those of the paper's code.</summary>
public sealed class StarNet : Classifier, INormallyInitialised
{
    private const int StemChannels = 32;

    private readonly Sequential stem;
    private readonly ModuleList<Sequential> stages = [];
    private readonly BatchNorm2d norm;

    /// <summary>Builds a configuration.</summary>
    /// <param name="design">Which.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal StarNet(StarNetDesign design, int classes, NetworkOptions options)
        : base(design.Card)
    {
        stem = Sequential(new StarConvolution(3, StemChannels, kernelSize: 3, stride: 2), ReLU6());
        int blocks = design.Stages.Sum(), block = 0;
        long channels = StemChannels;
        for (int stage = 0; stage < design.Stages.Count; stage++)
        {
            long width = (long)design.Width << stage;
            var layers = new List<Module<Tensor, Tensor>> { new StarConvolution(channels, width, kernelSize: 3, stride: 2) };
            for (int i = 0; i < design.Stages[stage]; i++)
                layers.Add(new StarBlock(width, design.Ratio, StochasticDepth.Linear(block++, blocks, options.StochasticDepth ?? design.DropPath)));
            stages.Add(Sequential(layers));
            channels = width;
        }
        norm = BatchNorm2d(channels);
        RegisterComponents();
        AddHead("head", Linear(channels, classes));
        // Widths that are no multiple of 16 (S1 has 24) need weights laid channels-last; see Airbench94.
        ChannelsLast.Apply(this);
    }

    /// <inheritdoc/>
    double INormallyInitialised.Deviation => 0.02;

    /// <inheritdoc/>
    public override Tensor Features(Tensor images)
    {
        RequireInput(images);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = stem.call(images);
        foreach (Sequential stage in stages)
            x = stage.call(x);
        return functional.adaptive_avg_pool2d(norm.call(x), 1).flatten(1).MoveToOuterDisposeScope();
    }
}
