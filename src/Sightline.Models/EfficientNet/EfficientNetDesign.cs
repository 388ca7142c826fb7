namespace Sightline.Models;

/// <summary>Blocks of equal width (a row of table 1); the first takes the stride.</summary>
/// <param name="Expansion">By how much the middle of a block is wider than its input.</param>
/// <param name="Kernel">Side of the depthwise kernel.</param>
/// <param name="Stride">The first block's stride.</param>
/// <param name="Channels">Output channels.</param>
/// <param name="Blocks">How many.</param>
internal sealed record EfficientNetStage(int Expansion, int Kernel, int Stride, int Channels, int Blocks);

/// <summary>The configurations of EfficientNet. Plain data, so that listing networks loads no libtorch.</summary>
internal sealed record EfficientNetDesign
{
    /// <summary>What is known of it without building it.</summary>
    public required NetworkCard Card { get; init; }

    /// <summary>Channels of the first convolution.</summary>
    public required int StemChannels { get; init; }

    /// <summary>The rows of table 1 between the first convolution and the last.</summary>
    public required IReadOnlyList<EfficientNetStage> Stages { get; init; }

    /// <summary>The probability of dropping a feature before the classifier, unless one is asked for.</summary>
    public required double Dropout { get; init; }

    /// <summary>What the probability of dropping a block grows towards, unless one is asked for.</summary>
    public required double StochasticDepth { get; init; }

    /// <summary>All configurations.</summary>
    public static IReadOnlyList<EfficientNetDesign> All { get; } =
    [
        new()
        {
            Card = new()
            {
                Name = "efficientnet_b0",
                Family = "EfficientNet",
                Paper = "Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, ICML 2019 (arXiv 1905.11946)",
                Section = "table 1",
                Parameters = 5_288_548,
                Macs = 385_814_752,
                InputSize = 224,
                SmallestInput = 32,
                Variants = NetworkVariants.Dropout | NetworkVariants.StochasticDepth,
                Classes = 1000,
                Published = "0.7769 top-1 on ImageNet, one centre crop (torchvision, IMAGENET1K_V1); the paper has 0.771 (table 2)",
                Ours = "As torchvision; only B0, the network that the others are grown from.",
            },
            StemChannels = 32,
            Stages = [new(1, 3, 1, 16, 1), new(6, 3, 2, 24, 2), new(6, 5, 2, 40, 2), new(6, 3, 2, 80, 3), new(6, 5, 1, 112, 3), new(6, 5, 2, 192, 4), new(6, 3, 1, 320, 1)],
            Dropout = 0.2,
            StochasticDepth = 0.2,
        },
    ];
}
