namespace Sightline.Models;

/// <summary>The card of <c>cifar_vit</c>; loads no libtorch.</summary>
internal static class VisionTransformerCard
{
    /// <summary>What is known of it without building it.</summary>
    public static NetworkCard Card { get; } = new()
    {
        Name = "cifar_vit",
        Family = "ViT",
        Paper = "Dosovitskiy et al.: An Image is Worth 16x16 Words, ICLR 2021 (arXiv 2010.11929)",
        Section = "section 3.1 and figure 1",
        Parameters = 1_205_642,
        Macs = 75_891_968,
        InputSize = 32,
        SmallestInput = 32,
        OneInputSize = true,
        Variants = NetworkVariants.StochasticDepth | NetworkVariants.Norm,
        Classes = 10,
        Ours = "Smaller than any in the paper: patches of 4×4, 6 layers of 128 channels in 4 heads; the mean of all tokens instead of a class "
            + "token (Beyer et al. 2022). The count of multiply-accumulates leaves out attention's own products, 2 · 64² · 128 a layer.",
    };
}
