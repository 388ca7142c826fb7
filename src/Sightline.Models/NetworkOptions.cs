namespace Sightline.Models;

/// <summary>What a residual block's shortcut does where width and resolution change (He et al. 2016, section 4.1).</summary>
public enum Shortcut
{
    /// <summary>Identity everywhere: subsampled, the new channels filled with zeros. No parameters; the paper's choice on CIFAR-10.</summary>
    A,

    /// <summary>A strided 1×1 convolution with BatchNorm where the shape changes, identity elsewhere; the paper's choice on ImageNet.</summary>
    B,

    /// <summary>A 1×1 convolution with BatchNorm in every block.</summary>
    C,
}

/// <summary>Variants of a registered network. The defaults build the network as published; asking a network for a variant that it does
/// not have is an error, never ignored.</summary>
public sealed record NetworkOptions
{
    /// <summary>The network as published.</summary>
    public static NetworkOptions Default { get; } = new();

    /// <summary>The shortcuts of a residual network; null takes the paper's (A on CIFAR-10, B on ImageNet).</summary>
    public Shortcut? Shortcut { get; init; }

    /// <summary>Whether the last BatchNorm of each residual block starts at zero, so that every block starts as the identity
    /// (Goyal et al. 2017, section 5.1). Not with shortcut A, whose new channels then stay zero for good: take B.</summary>
    public bool ZeroInitResidual { get; init; }

    /// <summary>The probability of dropping a feature before the classifier in training, in [0, 1).</summary>
    public double Dropout { get; init; }

    /// <summary>Refuses the variants of shortcuts, for a network without any.</summary>
    /// <param name="name">The network.</param>
    /// <exception cref="BadInputException">One was asked for (<c>network-option</c>).</exception>
    internal void RefuseShortcuts(string name)
    {
        if (Shortcut is not null || ZeroInitResidual)
            throw new BadInputException("network-option", $"{name} has no shortcuts, so neither 'shortcut' nor 'zeroInitResidual' applies to it.", fix: "Leave the option out.");
    }

    /// <summary>Which side of dropout is scaled; only networks that can show the difference take another than the usual.</summary>
    public DropoutScaling DropoutScaling { get; init; }
}
