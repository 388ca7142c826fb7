namespace Sightline.Models;

/// <summary>The card of <c>airbench94</c>; loads no libtorch.</summary>
internal static class Airbench94Card
{
    /// <summary>What is known of it without building it.</summary>
    public static NetworkCard Card { get; } = new()
    {
        Name = "airbench94",
        Family = "Airbench",
        Paper = "Jordan: 94% on CIFAR-10 in 3.29 Seconds on a Single GPU, 2024 (arXiv 2404.00498)",
        Section = "section 3 and listing 4",
        Parameters = 1_971_352,
        Macs = 118_147_360,
        InputSize = 32,
        SmallestInput = 9,
        Variants = NetworkVariants.Dropout,
        Classes = 10,
        Published = "0.9401 top-1 on CIFAR-10, mean of 1000 runs, 9.9 epochs, with flip and shift test-time augmentation",
        Ours = "The last pooling takes the maximum over the whole map, which at 32 pixels is the paper's 3×3 max pool, so that other "
            + "sizes can be used; float32 instead of float16. The count leaves out what is never trained: the whitening weights and the "
            + "scales of the BatchNorms.",
    };
}
