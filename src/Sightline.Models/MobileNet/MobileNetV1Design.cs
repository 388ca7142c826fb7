namespace Sightline.Models;

/// <summary>Layers of equal width; the first takes the stride.</summary>
/// <param name="Channels">Channels at width 1.</param>
/// <param name="Layers">How many.</param>
/// <param name="Stride">The first one's stride.</param>
internal sealed record MobileNetV1Stage(int Channels, int Layers, int Stride);

/// <summary>The configurations of MobileNet V1. Plain data, so that listing networks loads no libtorch.</summary>
internal sealed record MobileNetV1Design
{
    private const string Paper = "Howard et al.: MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications, 2017 (arXiv 1704.04861)";

    private const string Ours = "ReLU6 as in the authors' code and timm, where the paper writes ReLU; the second stride of 2 at 1024 channels in table 1 is a "
        + "misprint (its output sizes show 1). The resolution multiplier is the size of the input. Counts and layer shapes are held against the paper, outputs against no other implementation.";

    /// <summary>What is known of it without building it.</summary>
    public required NetworkCard Card { get; init; }

    /// <summary>Stride of the first convolution.</summary>
    public required int StemStride { get; init; }

    /// <summary>What follows the first convolution.</summary>
    public required IReadOnlyList<MobileNetV1Stage> Stages { get; init; }

    /// <summary>Whether every separable convolution is a full one.</summary>
    public bool Full { get; init; }

    /// <summary>All configurations.</summary>
    public static IReadOnlyList<MobileNetV1Design> All { get; } =
    [
        ImageNet("mobilenet_v1", full: false, "table 1", 4_231_976, 568_740_352, "0.706 top-1 on ImageNet (table 8)", Ours),
        ImageNet("mobilenet_v1_full", full: true, "table 4, Conv MobileNet", 29_294_088, 4_867_293_184, "0.717 top-1 on ImageNet (table 4)",
            "The twin with full 3×3 convolutions, to compare with. " + Ours),
        Cifar("cifar_mobilenet_v1", full: false, 543_050, 22_930_432),
        Cifar("cifar_mobilenet_v1_full", full: true, 4_673_066, 189_633_536),
    ];

    private static MobileNetV1Design ImageNet(string name, bool full, string section, long parameters, long macs, string published, string ours) => new()
    {
        Card = Describe(name, full, section) with { Parameters = parameters, Macs = macs, InputSize = 224, SmallestInput = 32, Classes = 1000, Published = published, Ours = ours },
        StemStride = 2,
        Stages = [new(64, 1, 1), new(128, 2, 2), new(256, 2, 2), new(512, 6, 2), new(1024, 2, 2)],
        Full = full,
    };

    private static MobileNetV1Design Cifar(string name, bool full, long parameters, long macs) => new()
    {
        Card = Describe(name, full, "table 1, shortened for small images") with
        {
            Parameters = parameters,
            Macs = macs,
            InputSize = 32,
            SmallestInput = 8,
            Classes = 10,
            Ours = "For 32-pixel images: a stem without stride, total stride 8, 512 channels at most and fewer layers of them"
                + (full ? "; every separable convolution is a full one, to compare with." : "."),
        },
        StemStride = 1,
        Stages = [new(64, 1, 1), new(128, 2, 2), new(256, 2, 2), new(512, 2, 2)],
        Full = full,
    };

    private static NetworkCard Describe(string name, bool full, string section) => new()
    {
        Name = name,
        Family = full ? "MobileNet V1, full convolutions" : "MobileNet V1",
        Paper = Paper,
        Section = section,
        Parameters = 0,
        Macs = 0,
        InputSize = 0,
        SmallestInput = 0,
        Variants = NetworkVariants.Width | NetworkVariants.Dropout,
        Classes = 0,
    };
}
