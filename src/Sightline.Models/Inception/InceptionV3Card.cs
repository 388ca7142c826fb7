namespace Sightline.Models;

/// <summary>The card of <c>inception_v3</c>; loads no libtorch.</summary>
internal static class InceptionV3Card
{
    /// <summary>What is known of it without building it.</summary>
    public static NetworkCard Card { get; } = new()
    {
        Name = "inception_v3",
        Family = "Inception",
        Paper = "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna: Rethinking the Inception Architecture for Computer Vision, CVPR 2016",
        Section = "table 1, with the auxiliary classifier",
        Parameters = 27_161_264,
        AuxiliaryParameters = 3_326_696,
        Macs = 5_713_216_096,
        InputSize = 299,
        SmallestInput = 75,
        Variants = NetworkVariants.Dropout | NetworkVariants.Auxiliary,
        Classes = 1000,
        Published = "0.7729 top-1 on ImageNet, one centre crop of 299 (torchvision, IMAGENET1K_V1)",
        Ours = "As in torchvision, so that its published weights fit; those expect pixels normalised with mean 0.5 and deviation 0.5. Dropout of 0.5 is "
            + "torchvision's, the paper names none. Where the auxiliary classifier's map is smaller than 17×17 (images below 299), it is cut into 5×5 parts.",
    };
}
