namespace Sightline.Models;

/// <summary>One block: a row of table 1 or 2.</summary>
/// <param name="Kernel">Side of the depthwise kernel.</param>
/// <param name="Middle">Channels of the depthwise convolution.</param>
/// <param name="Out">Output channels.</param>
/// <param name="Squeeze">Squeeze and excitation.</param>
/// <param name="Activation">ReLU or hard-swish.</param>
/// <param name="Stride">Stride.</param>
internal sealed record MobileNetV3Row(int Kernel, int Middle, int Out, bool Squeeze, Activation Activation, int Stride);

/// <summary>The two configurations of MobileNet V3. Plain data, so that listing networks loads no libtorch.</summary>
internal sealed record MobileNetV3Design
{
    private const Activation RE = Activation.Relu, HS = Activation.HardSwish;

    /// <summary>torchvision's; the paper's recipe drops as much (section 6.1.1, "dropout of 0.8" is the probability of keeping).</summary>
    public const double Dropout = 0.2;

    /// <summary>What is known of it without building it.</summary>
    public required NetworkCard Card { get; init; }

    /// <summary>The blocks.</summary>
    public required IReadOnlyList<MobileNetV3Row> Rows { get; init; }

    /// <summary>Channels before the last layer.</summary>
    public required int LastChannels { get; init; }

    /// <summary>Both, the large one first.</summary>
    public static IReadOnlyList<MobileNetV3Design> All { get; } =
    [
        new()
        {
            Card = Describe("mobilenet_v3_large", "table 1", 5_483_032, 216_589_760, "0.7404 top-1 on ImageNet, one centre crop (torchvision, IMAGENET1K_V1); the paper has 0.752"),
            Rows =
            [
                new(3, 16, 16, false, RE, 1),
                new(3, 64, 24, false, RE, 2),
                new(3, 72, 24, false, RE, 1),
                new(5, 72, 40, true, RE, 2),
                new(5, 120, 40, true, RE, 1),
                new(5, 120, 40, true, RE, 1),
                new(3, 240, 80, false, HS, 2),
                new(3, 200, 80, false, HS, 1),
                new(3, 184, 80, false, HS, 1),
                new(3, 184, 80, false, HS, 1),
                new(3, 480, 112, true, HS, 1),
                new(3, 672, 112, true, HS, 1),
                new(5, 672, 160, true, HS, 2),
                new(5, 960, 160, true, HS, 1),
                new(5, 960, 160, true, HS, 1),
            ],
            LastChannels = 1280,
        },
        new()
        {
            Card = Describe("mobilenet_v3_small", "table 2", 2_542_856, 56_510_400, "0.6767 top-1 on ImageNet, one centre crop (torchvision, IMAGENET1K_V1); the paper has 0.674"),
            Rows =
            [
                new(3, 16, 16, true, RE, 2),
                new(3, 72, 24, false, RE, 2),
                new(3, 88, 24, false, RE, 1),
                new(5, 96, 40, true, HS, 2),
                new(5, 240, 40, true, HS, 1),
                new(5, 240, 40, true, HS, 1),
                new(5, 120, 48, true, HS, 1),
                new(5, 144, 48, true, HS, 1),
                new(5, 288, 96, true, HS, 2),
                new(5, 576, 96, true, HS, 1),
                new(5, 576, 96, true, HS, 1),
            ],
            LastChannels = 1024,
        },
    ];

    private static NetworkCard Describe(string name, string section, long parameters, long macs, string published) => new()
    {
        Name = name,
        Family = "MobileNet V3",
        Paper = "Howard et al.: Searching for MobileNetV3, ICCV 2019 (arXiv 1905.02244)",
        Section = section,
        Parameters = parameters,
        Macs = macs,
        InputSize = 224,
        SmallestInput = 32,
        Variants = NetworkVariants.Width | NetworkVariants.Dropout,
        Classes = 1000,
        Published = published,
        Ours = "As torchvision: dropout of 0.2 before the classifier, BatchNorm with epsilon 0.001 and momentum 0.01.",
    };
}
