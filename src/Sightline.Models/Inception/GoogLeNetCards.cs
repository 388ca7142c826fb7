namespace Sightline.Models;

/// <summary>The cards of GoogLeNet in its two forms, and the widths of its blocks; loads no libtorch.</summary>
internal static class GoogLeNetCards
{
    private const string Paper = "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich: Going Deeper with Convolutions, CVPR 2015";

    private const NetworkVariants Variants = NetworkVariants.Dropout | NetworkVariants.Auxiliary;

    /// <summary>Table 1: each block's name, input channels and widths.</summary>
    public static IReadOnlyList<(string Name, int Inputs, InceptionWidths Widths)> Blocks { get; } =
    [
        ("inception3a", 192, new(64, 96, 128, 16, 32, 32)),
        ("inception3b", 256, new(128, 128, 192, 32, 96, 64)),
        ("inception4a", 480, new(192, 96, 208, 16, 48, 64)),
        ("inception4b", 512, new(160, 112, 224, 24, 64, 64)),
        ("inception4c", 512, new(128, 128, 256, 24, 64, 64)),
        ("inception4d", 512, new(112, 144, 288, 32, 64, 64)),
        ("inception4e", 528, new(256, 160, 320, 32, 128, 128)),
        ("inception5a", 832, new(256, 160, 320, 32, 128, 128)),
        ("inception5b", 832, new(384, 192, 384, 48, 128, 128)),
    ];

    /// <summary>torchvision's form.</summary>
    public static NetworkCard TorchVision { get; } = new()
    {
        Name = "googlenet",
        Family = "Inception",
        Paper = Paper,
        Section = "table 1, with both auxiliary classifiers",
        Parameters = 13_004_888,
        AuxiliaryParameters = 13_004_888 - 6_624_904,
        Macs = 1_498_376_192,
        InputSize = 224,
        SmallestInput = 32,
        Variants = Variants,
        Classes = 1000,
        Published = "0.6978 top-1 on ImageNet, one centre crop (torchvision, IMAGENET1K_V1)",
        Ours = "As in torchvision, so that its published weights fit: BatchNorm behind every convolution in place of biases and local response "
            + "normalisation, and 3×3 where the paper has 5×5; the last max pool is 2×2, and maps are cut into 4×4 parts for the auxiliary classifiers. "
            + "Dropout of 0.4 is the paper's (torchvision 0.2). Those weights expect pixels normalised with mean 0.5 and deviation 0.5. The paper's own is googlenet_paper.",
    };

    /// <summary>The paper's form.</summary>
    public static NetworkCard AsInThePaper { get; } = new()
    {
        Name = "googlenet_paper",
        Family = "Inception",
        Paper = Paper,
        Section = "table 1 and figure 3, with both auxiliary classifiers",
        Parameters = 13_378_280,
        AuxiliaryParameters = 13_378_280 - 6_998_552,
        Macs = 1_582_671_872,
        InputSize = 224,
        SmallestInput = 32,
        Variants = Variants,
        Classes = 1000,
        Published = "0.8993 top-5 on ImageNet, one network, one crop (table 3)",
        Ours = "The paper gives no constants for local response normalisation: five channels, 1e-4, 0.75 and 1, as its authors' contemporaries "
            + "at Caffe took. Maps of another size than 14×14 are cut into 4×4 parts for the auxiliary classifiers.",
    };
}
