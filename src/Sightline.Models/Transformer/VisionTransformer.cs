// Dosovitskiy et al.: "An Image is Worth 16x16 Words", ICLR 2021 (arXiv 2010.11929), small enough for 32-pixel images, with the mean of
// all tokens in the place of a class token, as in Beyer, Zhai, Kolesnikov: "Better plain ViT baselines for ImageNet-1k", 2022.
//
//   32×32 → patches of 4×4, each a token of 128 → + position → 6 × [attention, feed-forward] → norm → mean over tokens → classifier

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>A small vision transformer. Parameter names are timm's.</summary>
public sealed class VisionTransformer : Classifier, INormallyInitialised, IInitialised
{
    private const int Side = 32, Patch = 4, Tokens = Side / Patch * (Side / Patch);
    private const int Channels = 128, Heads = 4, Depth = 6;

    private readonly PatchEmbedding patch_embed = new();
    private readonly Parameter pos_embed = Parameter(zeros(1, Tokens, Channels));
    private readonly ModuleList<TransformerBlock> blocks = [];
    private readonly Module<Tensor, Tensor> norm;

    /// <summary>Builds the network.</summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="options">Variants.</param>
    internal VisionTransformer(int classes, NetworkOptions options)
        : base(VisionTransformerCard.Card)
    {
        Func<long, Module<Tensor, Tensor>> normalisation = options.Norm switch
        {
            NormKind.DynamicTanh => channels => new DynamicTanh(channels),
            NormKind.None => _ => Identity(),
            _ => channels => LayerNorm(channels, eps: 1e-6),
        };
        for (int i = 0; i < Depth; i++)
            blocks.Add(new TransformerBlock(Channels, Heads, normalisation, StochasticDepth.Linear(i, Depth, options.StochasticDepth ?? 0)));
        norm = normalisation(Channels);
        RegisterComponents();
        AddHead("head", Linear(Channels, classes));
    }

    /// <inheritdoc/>
    double INormallyInitialised.Deviation => 0.02;

    /// <inheritdoc/>
    /// <exception cref="BadInputException">The images are not 32×32 (<c>network-input</c>).</exception>
    public override Tensor Features(Tensor images)
    {
        RequireInput(images);
        InputSize.RequireExactly(GetName(), images, Side, "a position for each patch of", " pixels");
        using DisposeScope scope = NewDisposeScope();
        Tensor x = patch_embed.call(images) + pos_embed;
        foreach (TransformerBlock block in blocks)
            x = block.call(x);
        return norm.call(x).mean([1]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    void IInitialised.Initialise(FirstWeights draw) => draw.Normal(pos_embed, 0.02, "pos_embed");

    private sealed class PatchEmbedding : Module<Tensor, Tensor>
    {
        private readonly Conv2d proj = Conv2d(3, Channels, kernel_size: Patch, stride: Patch);

        public PatchEmbedding()
            : base(nameof(PatchEmbedding)) => RegisterComponents();

        public override Tensor forward(Tensor images)
        {
            using DisposeScope scope = NewDisposeScope();
            return proj.call(images).flatten(2).transpose(1, 2).MoveToOuterDisposeScope(); // [N, tokens, channels]
        }
    }
}
