namespace Sightline.Models;

/// <summary>A small network of inception blocks for 32-pixel images, and what the lab varies of it. Plain data; loads no libtorch.</summary>
/// <remarks>Stem 3×3 and max pool to 16×16, blocks, max pool to 8×8, as many blocks twice as wide.</remarks>
public sealed record CifarInceptionDesign
{
    /// <summary>The registered network.</summary>
    public static CifarInceptionDesign Default { get; } = new();

    /// <summary>Blocks at 16×16, and as many at 8×8.</summary>
    public int Blocks { get; init; } = 3;

    /// <summary>Channels inside a block at 16×16; at 8×8 twice as many.</summary>
    public InceptionWidths Widths { get; init; } = new(16, 16, 32, 8, 8, 8);

    /// <summary>Whether convolutions have a BatchNorm.</summary>
    public bool Norm { get; init; } = true;

    /// <summary>How the large convolutions are made up.</summary>
    public Factorisation Factorisation { get; init; }

    /// <summary>What is known of the registered network without building it.</summary>
    internal static NetworkCard Card { get; } = new()
    {
        Name = "cifar_inception",
        Family = "Inception",
        Paper = "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich: Going Deeper with Convolutions, CVPR 2015",
        Section = "figure 2(b), six blocks, with two auxiliary classifiers",
        Parameters = 275_502,
        AuxiliaryParameters = 140_180,
        Macs = 14_353_664,
        InputSize = 32,
        SmallestInput = 4,
        Variants = NetworkVariants.Dropout | NetworkVariants.Auxiliary,
        Classes = 10,
        Ours = "Not in the paper: its block, with 5×5 and BatchNorm, at the size of CIFAR's images; auxiliary classifiers of 32 channels and 128 units at a third "
            + "and two thirds of the blocks, as in GoogLeNet; no dropout in front of the classifier unless asked for.",
    };
}
