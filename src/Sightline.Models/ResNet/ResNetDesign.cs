namespace Sightline.Models;

/// <summary>The two kinds of block.</summary>
internal enum ResNetBlock
{
    /// <summary>Two 3×3 convolutions.</summary>
    Basic,

    /// <summary>1×1 down, 3×3, 1×1 up to four times the width.</summary>
    Bottleneck,
}

/// <summary>Where an image enters.</summary>
internal enum ResNetStem
{
    /// <summary>7×7 convolution with stride 2, then a 3×3 max pool with stride 2: 224 → 56.</summary>
    ImageNet,

    /// <summary>3×3 convolution: 32 → 32.</summary>
    Cifar,
}

/// <summary>
/// The configurations of the family, as tables 1 and section 4.2 of the paper give them. Plain data, so that listing networks loads no
/// libtorch; <see cref="ResNet"/> builds what stands here.
/// </summary>
internal sealed record ResNetDesign
{
    private const string Paper = "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, CVPR 2016";

    private const string PreActivationPaper = "He, Zhang, Ren, Sun: Identity Mappings in Deep Residual Networks, ECCV 2016 (arXiv 1603.05027)";

    private const NetworkVariants Variants = NetworkVariants.Dropout | NetworkVariants.Shortcut | NetworkVariants.ZeroInitResidual | NetworkVariants.StochasticDepth | NetworkVariants.SpatialDropout;

    /// <summary>What is known of it without building it.</summary>
    public required NetworkCard Card { get; init; }

    /// <summary>The kind of block.</summary>
    public required ResNetBlock Block { get; init; }

    /// <summary>How many blocks each stage has.</summary>
    public required IReadOnlyList<int> Stages { get; init; }

    /// <summary>Channels of the first stage's 3×3 convolutions; each further stage doubles them.</summary>
    public required int Width { get; init; }

    /// <summary>The stem.</summary>
    public required ResNetStem Stem { get; init; }

    /// <summary>Whether the blocks have shortcuts; a plain twin has none.</summary>
    public bool Residual { get; init; } = true;

    /// <summary>Whether BatchNorm and ReLU stand in front of the convolutions (He et al. 2016b).</summary>
    public bool PreActivation { get; init; }

    /// <summary>The paper's shortcuts for it.</summary>
    public required Shortcut Shortcut { get; init; }

    /// <summary>Sides of an image have to be multiples of this.</summary>
    public int SideMultiple { get; init; } = 1;

    /// <summary>All configurations, by size of image and depth.</summary>
    public static IReadOnlyList<ResNetDesign> All { get; } =
    [
        // Table 1. Accuracies: torchvision's IMAGENET1K_V1 weights, 224-pixel centre crop.
        ImageNet("resnet18", ResNetBlock.Basic, [2, 2, 2, 2], 11_689_512, 1_814_073_344, 0.69758),
        ImageNet("resnet34", ResNetBlock.Basic, [3, 4, 6, 3], 21_797_672, 3_663_761_408, 0.73314),
        ImageNet("resnet50", ResNetBlock.Bottleneck, [3, 4, 6, 3], 25_557_032, 4_089_184_256, 0.76130),
        ImageNet("resnet101", ResNetBlock.Bottleneck, [3, 4, 23, 3], 44_549_160, 7_801_405_440, 0.77374),
        ImageNet("resnet152", ResNetBlock.Bottleneck, [3, 8, 36, 3], 60_192_808, 11_513_626_624, 0.78312),

        // Section 4.2: 6n + 2 layers, n blocks in each of three stages of 16, 32, 64 channels. Accuracies: table 6.
        Cifar("cifar_resnet8", 1, residual: true, 75_290, 12_239_488, null),
        Cifar("cifar_resnet20", 3, residual: true, 269_722, 40_551_040, 0.9125),
        Cifar("cifar_resnet32", 5, residual: true, 464_154, 68_862_592, 0.9249),
        Cifar("cifar_resnet44", 7, residual: true, 658_586, 97_174_144, 0.9283),
        Cifar("cifar_resnet56", 9, residual: true, 853_018, 125_485_696, 0.9303),
        Cifar("cifar_resnet110", 18, residual: true, 1_727_962, 252_887_680, 0.9339),  // the mean of five runs, as the paper gives it
        Cifar("cifar_plain20", 3, residual: false, 269_722, 40_551_040, null),
        Cifar("cifar_plain32", 5, residual: false, 464_154, 68_862_592, null),
        Cifar("cifar_plain44", 7, residual: false, 658_586, 97_174_144, null),
        Cifar("cifar_plain56", 9, residual: false, 853_018, 125_485_696, null),
        Cifar("cifar_plain110", 18, residual: false, 1_727_962, 252_887_680, null),

        // Identity mappings: the same with BatchNorm and ReLU first. Accuracies: table 2, medians of five runs.
        CifarPreActivation("cifar_preact_resnet20", ResNetBlock.Basic, 3, 269_722, 40_551_040, null),
        CifarPreActivation("cifar_preact_resnet56", ResNetBlock.Basic, 9, 853_018, 125_485_696, null),
        CifarPreActivation("cifar_preact_resnet110", ResNetBlock.Basic, 18, 1_727_962, 252_887_680, 0.9363),
        CifarPreActivation("cifar_preact_resnet164", ResNetBlock.Bottleneck, 18, 1_703_258, 247_646_720, 0.9454),
        ImageNetPreActivation("preact_resnet18", ResNetBlock.Basic, [2, 2, 2, 2], 11_687_720, 1_814_073_344),
        ImageNetPreActivation("preact_resnet50", ResNetBlock.Bottleneck, [3, 4, 6, 3], 25_549_352, 4_089_184_256),

        new()
        {
            Card = new()
            {
                Name = "cifar_resnet18",
                Family = "ResNet",
                Paper = Paper,
                Section = "table 1, 18 layers, with the stem of section 4.2",
                Parameters = 11_173_962,
                Macs = 555_422_720,
                InputSize = 32,
                SmallestInput = 8,
                Variants = Variants,
                Classes = 10,
                Ours = "The stem for 32-pixel images is customary, not the paper's: a 3×3 convolution with stride 1 and no max pool.",
            },
            Block = ResNetBlock.Basic,
            Stages = [2, 2, 2, 2],
            Width = 64,
            Stem = ResNetStem.Cifar,
            Shortcut = Shortcut.B,
        },

        new()
        {
            Card = new()
            {
                Name = "resnet18_imagenet",
                Family = "ResNet",
                Paper = Paper,
                Section = "table 1, 18 layers and one block more",
                Parameters = 16_410_152,
                Macs = 2_045_284_352,
                InputSize = 224,
                SmallestInput = 32,
                Variants = Variants,
                Classes = 1000,
                Ours = "Blocks (2, 2, 2, 3) for the ImageNet weights of Microsoft.ML.DnnImageFeaturizer.ResNet18 (features only); these pad "
                    + "at the beginning, which equals symmetric padding only where both sides are multiples of 32.",
            },
            Block = ResNetBlock.Basic,
            Stages = [2, 2, 2, 3],
            Width = 64,
            Stem = ResNetStem.ImageNet,
            Shortcut = Shortcut.B,
            SideMultiple = 32,
        },
    ];

    private static ResNetDesign ImageNet(string name, ResNetBlock block, int[] stages, long parameters, long macs, double top1) => new()
    {
        Card = new()
        {
            Name = name,
            Family = "ResNet",
            Paper = Paper,
            Section = "table 1",
            Parameters = parameters,
            Macs = macs,
            InputSize = 224,
            SmallestInput = 32,
            Variants = Variants,
            Classes = 1000,
            Published = FormattableString.Invariant($"{top1:0.0000} top-1 on ImageNet, one centre crop (torchvision, IMAGENET1K_V1)"),
            Ours = block == ResNetBlock.Bottleneck
                ? "The stride stands at the 3×3 convolution, as in torchvision, not at the first 1×1: its published weights need it."
                : null,
        },
        Block = block,
        Stages = stages,
        Width = 64,
        Stem = ResNetStem.ImageNet,
        Shortcut = Shortcut.B,
    };

    private static ResNetDesign Cifar(string name, int n, bool residual, long parameters, long macs, double? top1) => new()
    {
        Card = new()
        {
            Name = name,
            Family = residual ? "ResNet" : "Plain",
            Paper = Paper,
            Section = FormattableString.Invariant($"section 4.2, n = {n}") + (residual ? "" : ", without shortcuts"),
            Parameters = parameters,
            Macs = macs,
            InputSize = 32,
            SmallestInput = 4,
            Variants = residual ? Variants : NetworkVariants.Dropout | NetworkVariants.SpatialDropout,
            Classes = 10,
            Published = top1 is null ? null : FormattableString.Invariant($"{top1:0.0000} top-1 on CIFAR-10 (table 6)"),
            Ours = n == 1 ? "Smaller than any in the paper: the same rule with n = 1, for demonstrations and tests." : null,
        },
        Block = ResNetBlock.Basic,
        Stages = [n, n, n],
        Width = 16,
        Stem = ResNetStem.Cifar,
        Residual = residual,
        Shortcut = Shortcut.A,
    };

    private static ResNetDesign CifarPreActivation(string name, ResNetBlock block, int n, long parameters, long macs, double? top1)
    {
        bool bottleneck = block == ResNetBlock.Bottleneck;
        ResNetDesign twin = Cifar(name, n, residual: true, parameters, macs, top1: null);
        return twin with
        {
            Card = twin.Card with
            {
                Family = "Pre-activation ResNet",
                Paper = PreActivationPaper,
                Section = FormattableString.Invariant($"figure 4(e); {(bottleneck ? 9 : 6)}n + 2 layers, n = {n}"),
                Variants = NetworkVariants.Dropout | NetworkVariants.Shortcut | NetworkVariants.StochasticDepth | NetworkVariants.SpatialDropout,
                Published = top1 is null ? null : FormattableString.Invariant($"{top1:0.0000} top-1 on CIFAR-10 (table 2)"),
                Ours = bottleneck
                    ? "The stride stands at the 3×3 convolution, not at the first 1×1 as in the authors' code."
                    : "Shortcut A, as in the first paper's networks for CIFAR.",
            },
            Block = block,
            Shortcut = bottleneck ? Shortcut.B : Shortcut.A,
            PreActivation = true,
        };
    }

    private static ResNetDesign ImageNetPreActivation(string name, ResNetBlock block, int[] stages, long parameters, long macs)
    {
        ResNetDesign twin = ImageNet(name, block, stages, parameters, macs, top1: 0);
        return twin with
        {
            Card = twin.Card with
            {
                Family = "Pre-activation ResNet",
                Paper = PreActivationPaper,
                Section = "figure 4(e), with the stages of table 1 of the first paper",
                Variants = NetworkVariants.Dropout | NetworkVariants.Shortcut | NetworkVariants.StochasticDepth | NetworkVariants.SpatialDropout,
                Published = null,
                Ours = "The paper's ImageNet networks have 152 and 200 layers. As timm's resnetv2: no BatchNorm between the 7×7 convolution and the max pool, the stride at the 3×3 convolution.",
            },
            PreActivation = true,
        };
    }
}
