namespace Sightline.Models;

/// <summary>Blocks of equal width (a row of table 2); the first takes the stride.</summary>
/// <param name="Expansion">The factor t.</param>
/// <param name="Channels">Output channels c at width 1.</param>
/// <param name="Blocks">How many, n.</param>
/// <param name="Stride">The first one's stride s.</param>
internal sealed record MobileNetV2Stage(int Expansion, int Channels, int Blocks, int Stride);

/// <summary>The configurations of MobileNet V2. Plain data, so that listing networks loads no libtorch.</summary>
internal sealed record MobileNetV2Design
{
    private const string Paper = "Sandler et al.: MobileNetV2: Inverted Residuals and Linear Bottlenecks, CVPR 2018 (arXiv 1801.04381)";

    /// <summary>What is known of it without building it.</summary>
    public required NetworkCard Card { get; init; }

    /// <summary>Stride of the first convolution.</summary>
    public required int StemStride { get; init; }

    /// <summary>The rows of table 2.</summary>
    public required IReadOnlyList<MobileNetV2Stage> Stages { get; init; }

    /// <summary>Channels of the last 1×1 convolution.</summary>
    public required int LastChannels { get; init; }

    /// <summary>The probability of dropping a feature before the classifier, unless one is asked for.</summary>
    public required double Dropout { get; init; }

    /// <summary>All configurations.</summary>
    public static IReadOnlyList<MobileNetV2Design> All { get; } =
    [
        new()
        {
            Card = new()
            {
                Name = "mobilenet_v2",
                Family = "MobileNet V2",
                Paper = Paper,
                Section = "table 2",
                Parameters = 3_504_872,
                Macs = 300_774_272,
                InputSize = 224,
                SmallestInput = 32,
                Variants = NetworkVariants.Width | NetworkVariants.Dropout,
                Classes = 1000,
                Published = "0.7188 top-1 on ImageNet, one centre crop (torchvision, IMAGENET1K_V1); the paper has 0.720",
                Ours = "As torchvision: dropout of 0.2 before the classifier, which is a linear layer, not a 1×1 convolution.",
            },
            StemStride = 2,
            Stages = [new(1, 16, 1, 1), new(6, 24, 2, 2), new(6, 32, 3, 2), new(6, 64, 4, 2), new(6, 96, 3, 1), new(6, 160, 3, 2), new(6, 320, 1, 1)],
            LastChannels = 1280,
            Dropout = 0.2,
        },
        new()
        {
            Card = new()
            {
                Name = "cifar_mobilenet_v2",
                Family = "MobileNet V2",
                Paper = Paper,
                Section = "table 2, shortened for small images",
                Parameters = 356_170,
                Macs = 17_867_776,
                InputSize = 32,
                SmallestInput = 8,
                Variants = NetworkVariants.Width | NetworkVariants.Dropout,
                Classes = 10,
                Ours = "For 32-pixel images: a stem without stride, total stride 8, 96 channels at most, 512 in the last convolution, no dropout.",
            },
            StemStride = 1,
            Stages = [new(1, 16, 1, 1), new(6, 24, 2, 2), new(6, 32, 2, 2), new(6, 64, 2, 1), new(6, 96, 2, 2)],
            LastChannels = 512,
            Dropout = 0,
        },
    ];
}
