namespace Sightline.Models;

/// <summary>Blocks of equal width and resolution.</summary>
/// <param name="Channels">Their channels.</param>
/// <param name="Blocks">How many.</param>
internal sealed record ConvNeXtStage(int Channels, int Blocks);

/// <summary>The configurations of ConvNeXt. Plain data, so that listing networks loads no libtorch.</summary>
internal sealed record ConvNeXtDesign
{
    /// <summary>What is known of it without building it.</summary>
    public required NetworkCard Card { get; init; }

    /// <summary>The stages; each but the first begins at half the resolution.</summary>
    public required IReadOnlyList<ConvNeXtStage> Stages { get; init; }

    /// <summary>The last block's probability of being dropped, unless one is asked for.</summary>
    public required double StochasticDepth { get; init; }

    /// <summary>All configurations.</summary>
    public static IReadOnlyList<ConvNeXtDesign> All { get; } =
    [
        new()
        {
            Card = new()
            {
                Name = "convnext_tiny",
                Family = "ConvNeXt",
                Paper = "Liu, Mao, Wu, Feichtenhofer, Darrell, Xie: A ConvNet for the 2020s, CVPR 2022 (arXiv 2201.03545)",
                Section = "section 3, ConvNeXt-T",
                Parameters = 28_589_128,
                Macs = 4_455_531_264,
                InputSize = 224,
                SmallestInput = 32,
                Variants = NetworkVariants.StochasticDepth,
                Classes = 1000,
                Published = "0.8252 top-1 on ImageNet, one centre crop (torchvision, IMAGENET1K_V1); the paper has 0.821 (table 1)",
                Ours = "As torchvision; first weights normal, not cut off at two deviations.",
            },
            Stages = [new(96, 3), new(192, 3), new(384, 9), new(768, 3)],
            StochasticDepth = 0.1,
        },
    ];
}
