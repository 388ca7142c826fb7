namespace Sightline.Models;

/// <summary>The kinds of block.</summary>
internal enum MobileNetV4Block
{
    /// <summary>A full convolution.</summary>
    Convolution,

    /// <summary>A full convolution up, 1×1 down.</summary>
    Fused,

    /// <summary>The universal inverted bottleneck.</summary>
    Universal,
}

/// <summary>One block.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Channels">Output channels.</param>
/// <param name="Start">Side of the first depthwise kernel; 0 for none.</param>
/// <param name="Middle">Side of the second depthwise kernel, 0 for none; of the full one in other kinds.</param>
/// <param name="Stride">Stride.</param>
/// <param name="Expansion">How much wider the middle is.</param>
internal sealed record MobileNetV4Row(MobileNetV4Block Kind, int Channels, int Start, int Middle, int Stride, double Expansion);

/// <summary>The two smaller convolutional configurations of MobileNet V4. Plain data, so that listing networks loads no libtorch.</summary>
internal sealed record MobileNetV4Design
{
    /// <summary>What is known of it without building it.</summary>
    public required NetworkCard Card { get; init; }

    /// <summary>The blocks of each stage.</summary>
    public required IReadOnlyList<IReadOnlyList<MobileNetV4Row>> Stages { get; init; }

    /// <summary>All configurations.</summary>
    public static IReadOnlyList<MobileNetV4Design> All { get; } =
    [
        new()
        {
            Card = Describe("mobilenet_v4_conv_small", "appendix, MNv4-Conv-S", 3_774_024, 186_005_568, "0.738 top-1 on ImageNet at 224 pixels (table 5)"),
            Stages =
            [
                [Convolution(32, 3, 2), Convolution(32, 1)],
                [Convolution(96, 3, 2), Convolution(64, 1)],
                [Universal(96, 5, 5, 3, stride: 2), .. Repeat(4, Universal(96, 0, 3, 2)), Universal(96, 3, 0, 4)],
                [
                    Universal(128, 3, 3, 6, stride: 2), Universal(128, 5, 5, 4), Universal(128, 0, 5, 4), Universal(128, 0, 5, 3),
                    .. Repeat(2, Universal(128, 0, 3, 4)),
                ],
                [Convolution(960, 1)],
            ],
        },
        new()
        {
            Card = Describe("mobilenet_v4_conv_medium", "appendix, MNv4-Conv-M", 9_715_512, 827_649_984, "0.799 top-1 on ImageNet at 256 pixels (table 5)"),
            Stages =
            [
                [new(MobileNetV4Block.Fused, 48, 0, 3, 2, 4)],
                [Universal(80, 3, 5, 4, stride: 2), Universal(80, 3, 3, 2)],
                [
                    Universal(160, 3, 5, 6, stride: 2), .. Repeat(2, Universal(160, 3, 3, 4)), Universal(160, 3, 5, 4), Universal(160, 3, 3, 4),
                    Universal(160, 3, 0, 4), Universal(160, 0, 0, 2), Universal(160, 3, 0, 4),
                ],
                [
                    Universal(256, 5, 5, 6, stride: 2), Universal(256, 5, 5, 4), .. Repeat(2, Universal(256, 3, 5, 4)), Universal(256, 0, 0, 4),
                    Universal(256, 3, 0, 4), Universal(256, 3, 5, 2), Universal(256, 5, 5, 4), .. Repeat(2, Universal(256, 0, 0, 4)), Universal(256, 5, 0, 2),
                ],
                [Convolution(960, 1)],
            ],
        },
    ];

    private static MobileNetV4Row Convolution(int channels, int kernel, int stride = 1) => new(MobileNetV4Block.Convolution, channels, 0, kernel, stride, 1);

    private static MobileNetV4Row Universal(int channels, int start, int middle, double expansion, int stride = 1) =>
        new(MobileNetV4Block.Universal, channels, start, middle, stride, expansion);

    private static IEnumerable<MobileNetV4Row> Repeat(int times, MobileNetV4Row row) => Enumerable.Repeat(row, times);

    private static NetworkCard Describe(string name, string section, long parameters, long macs, string published) => new()
    {
        Name = name,
        Family = "MobileNet V4",
        Paper = "Qin et al.: MobileNetV4: Universal Models for the Mobile Ecosystem, ECCV 2024 (arXiv 2404.10518)",
        Section = section,
        Parameters = parameters,
        Macs = macs,
        InputSize = 224,
        SmallestInput = 32,
        Variants = NetworkVariants.Dropout,
        Classes = 1000,
        Published = published,
        Ours = "Blocks and names as timm's mobilenetv4_conv, held by counts and shapes only: there was no other implementation to compare outputs with. "
            + "timm's count for conv_medium, 0.84 G, has two more for each value that a BatchNorm gives; here only convolutions and linear layers count. "
            + "No dropout unless asked for; the paper's belongs to its recipe.",
    };
}
