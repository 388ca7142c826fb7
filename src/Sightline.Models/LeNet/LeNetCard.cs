namespace Sightline.Models;

/// <summary>The card of <c>lenet5</c>; loads no libtorch.</summary>
internal static class LeNetCard
{
    /// <summary>What is known of it without building it.</summary>
    public static NetworkCard Card { get; } = new()
    {
        Name = "lenet5",
        Family = "LeNet",
        Paper = "LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition, Proceedings of the IEEE 86, 1998",
        Section = "section II.B and figure 2",
        Parameters = 61_706,
        Macs = 416_520,
        Channels = 1,
        InputSize = 32,
        SmallestInput = 32,
        OneInputSize = true,
        Variants = NetworkVariants.None,
        Classes = 10,
        Published = "0.9905 top-1 on MNIST, 0.992 with distorted images (figure 9)",
        Ours = "ReLU for the scaled tanh; means without a weight and a bias for each map; every map of C3 joined to all six of S2, where table I "
            + "leaves connections out (60,000 parameters in all); a linear layer and softmax for the radial basis functions.",
    };
}
