namespace Sightline.Models;

/// <summary>The configurations of StarNet, as table 5 of the paper gives them. Plain data: listing them loads no libtorch.</summary>
internal sealed record StarNetDesign
{
    /// <summary>What is known of it without building it.</summary>
    public required NetworkCard Card { get; init; }

    /// <summary>Channels of the first stage; each further stage doubles them.</summary>
    public required int Width { get; init; }

    /// <summary>Blocks of each stage.</summary>
    public required IReadOnlyList<int> Stages { get; init; }

    /// <summary>How many times wider a block's branches are.</summary>
    public int Ratio { get; init; } = 4;

    /// <summary>The last block's probability of being dropped (stochastic depth).</summary>
    public double DropPath { get; init; }

    /// <summary>All configurations, by size.</summary>
    public static IReadOnlyList<StarNetDesign> All { get; } =
    [
        Of("starnet_s1", 24, [2, 2, 8, 3], 2_869_168, 421_877_376, 0.735),
        Of("starnet_s2", 32, [1, 2, 6, 2], 3_682_024, 544_113_664, 0.748),
        Of("starnet_s3", 32, [2, 2, 8, 4], 5_750_792, 753_999_872, 0.773),
        Of("starnet_s4", 32, [3, 3, 12, 5], 7_482_728, 1_049_561_600, 0.784, dropPath: 0.1),
    ];

    private static StarNetDesign Of(string name, int width, int[] stages, long parameters, long macs, double top1, double dropPath = 0) => new()
    {
        Card = new()
        {
            Name = name,
            Family = "StarNet",
            Paper = "Ma, Dai, Bai, Wang, Fu: Rewrite the Stars, CVPR 2024 (arXiv 2403.19967)",
            Section = "section 4, table 5",
            Parameters = parameters,
            Macs = macs,
            InputSize = 224,
            SmallestInput = 32,
            Variants = NetworkVariants.StochasticDepth,
            Classes = 1000,
            Published = FormattableString.Invariant($"{top1:0.000} top-1 on ImageNet, 300 epochs (table 6)"),
            Ours = (dropPath > 0
                ? "The paper's 1,075 million (table 6) count norms and products beside convolutions and linear layers; recounted so they are 1,055, and a misprint seems likely. "
                : "The paper's 425, 547 and 757 million for S1, S2 and S3 (table 6) count norms and products beside convolutions and linear layers. ")
                + "Counts and layer shapes are held against the paper, outputs against no other implementation. Convolutions start normal with deviation 0.02 like the linear layers, "
                + "which the authors' code seems to mean: its test for the layer's kind meets linear layers only.",
        },
        Width = width,
        Stages = stages,
        DropPath = dropPath,
    };
}
