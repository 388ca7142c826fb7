namespace Sightline.Models;

/// <summary>
/// What is known of a registered network without building it: the verbs that list and show networks read this and never load libtorch.
/// A test holds every card against the built network.
/// </summary>
public sealed record NetworkCard
{
    /// <summary>The registered name, e.g. <c>resnet18</c>, <c>cifar_resnet20</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The family, e.g. <c>ResNet</c>.</summary>
    public required string Family { get; init; }

    /// <summary>The paper: authors, title, venue and year.</summary>
    public required string Paper { get; init; }

    /// <summary>The section or table of the paper that defines this network.</summary>
    public required string Section { get; init; }

    /// <summary>Trainable parameters with the classifier for <see cref="Classes"/> classes.</summary>
    public required long Parameters { get; init; }

    /// <summary>How many of them belong to auxiliary classifiers, which inference doesn't use.</summary>
    public long AuxiliaryParameters { get; init; }

    /// <summary>Multiply-accumulates of one forward pass at <see cref="InputSize"/> (convolutions and linear layers).</summary>
    public required long Macs { get; init; }

    /// <summary>Channels of the images that it takes: 3, RGB, or 1, grey.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>Side of the square input in pixels that the published numbers hold for.</summary>
    public required int InputSize { get; init; }

    /// <summary>Smallest side in pixels that the network accepts.</summary>
    public required int SmallestInput { get; init; }

    /// <summary>Whether it takes images of <see cref="InputSize"/> only, since it has weights for single pixels.</summary>
    public bool OneInputSize { get; init; }

    /// <summary>Which variants it can be built in.</summary>
    public required NetworkVariants Variants { get; init; }

    /// <summary>How many classes the published network tells apart.</summary>
    public required int Classes { get; init; }

    /// <summary>Published top-1 accuracy as a fraction, and on what.</summary>
    public string? Published { get; init; }

    /// <summary>What differs from the paper, and why.</summary>
    public string? Ours { get; init; }
}
