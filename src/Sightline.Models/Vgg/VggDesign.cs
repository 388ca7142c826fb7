namespace Sightline.Models;

/// <summary>Layers between two max pools.</summary>
/// <param name="Channels">Output channels of each.</param>
/// <param name="Layers">How many.</param>
internal sealed record VggStage(int Channels, int Layers);

/// <summary>The configurations of VGG. Plain data, so that listing networks loads no libtorch.</summary>
internal sealed record VggDesign
{
    private const string Paper = "Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition, ICLR 2015 (arXiv 1409.1556)";

    // Columns A and D of table 1.
    private static readonly VggStage[] eleven = [new(64, 1), new(128, 1), new(256, 2), new(512, 2), new(512, 2)];
    private static readonly VggStage[] sixteen = [new(64, 2), new(128, 2), new(256, 3), new(512, 3), new(512, 3)];

    /// <summary>What is known of it without building it.</summary>
    public required NetworkCard Card { get; init; }

    /// <summary>The convolutions; a max pool with stride 2 follows each stage.</summary>
    public required IReadOnlyList<VggStage> Stages { get; init; }

    /// <summary>Whether a BatchNorm follows each convolution.</summary>
    public required bool Norm { get; init; }

    /// <summary>Units of each of the two hidden linear layers; 0 for none, and the mean over the map instead.</summary>
    public required int Hidden { get; init; }

    /// <summary>The probability of dropping a value before the later linear layers, unless one is asked for.</summary>
    public required double Dropout { get; init; }

    /// <summary>All configurations.</summary>
    public static IReadOnlyList<VggDesign> All { get; } =
    [
        ImageNet("vgg11", eleven, norm: false, "table 1, A", 132_863_336, 7_609_090_048, "0.6902 top-1 on ImageNet, one centre crop (torchvision, IMAGENET1K_V1); the paper has 0.704 over the whole image (table 3)"),
        ImageNet("vgg11_bn", eleven, norm: true, "table 1, A, with BatchNorm", 132_868_840, 7_609_090_048, "0.7037 top-1 on ImageNet, one centre crop (torchvision, IMAGENET1K_V1)"),
        ImageNet("vgg16", sixteen, norm: false, "table 1, D", 138_357_544, 15_470_264_320, "0.7159 top-1 on ImageNet, one centre crop (torchvision, IMAGENET1K_V1); the paper has 0.730 over the whole image, trained at one scale (table 3)"),
        ImageNet("vgg16_bn", sixteen, norm: true, "table 1, D, with BatchNorm", 138_365_992, 15_470_264_320, "0.7336 top-1 on ImageNet, one centre crop (torchvision, IMAGENET1K_V1)"),
        new()
        {
            Card = new()
            {
                Name = "cifar_vgg11_bn",
                Family = "VGG",
                Paper = Paper,
                Section = "table 1, A, for small images",
                Parameters = 9_231_114,
                Macs = 152_769_536,
                InputSize = 32,
                SmallestInput = 32,
                Variants = NetworkVariants.Dropout,
                Classes = 10,
                Ours = "The form that is customary for 32-pixel images, not the paper's: BatchNorm, and one linear layer behind the last pool, where the map is one pixel.",
            },
            Stages = eleven,
            Norm = true,
            Hidden = 0,
            Dropout = 0,
        },
    ];

    private static VggDesign ImageNet(string name, VggStage[] stages, bool norm, string section, long parameters, long macs, string published) => new()
    {
        Card = new()
        {
            Name = name,
            Family = "VGG",
            Paper = Paper,
            Section = section,
            Parameters = parameters,
            Macs = macs,
            InputSize = 224,
            SmallestInput = 32,
            Variants = NetworkVariants.Dropout,
            Classes = 1000,
            Published = published,
            Ours = "As torchvision: the last map is averaged to 7×7, so that other sizes than 224 can be used"
                + (norm ? "; BatchNorm, which the paper is too early for, with the convolutions' biases kept." : "."),
        },
        Stages = stages,
        Norm = norm,
        Hidden = 4096,
        Dropout = 0.5,
    };
}
