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

/// <summary>What normalises inside a network.</summary>
public enum NormKind
{
    /// <summary>What the network's paper has: BatchNorm or LayerNorm.</summary>
    AsPublished,

    /// <summary>Dynamic Tanh in its place (Zhu et al. 2025).</summary>
    DynamicTanh,

    /// <summary>Nothing: for experiments that show what a norm is for.</summary>
    None,
}

/// <summary>Variants of a registered network. The defaults build the network as published; asking a network for a variant that it does
/// not have is an error, never ignored. <see cref="NetworkCard.Variants"/> says which it has.</summary>
public sealed record NetworkOptions
{
    /// <summary>The network as published.</summary>
    public static NetworkOptions Default { get; } = new();

    /// <summary>The shortcuts of a residual network; null takes the paper's (A on CIFAR-10, B on ImageNet).</summary>
    public Shortcut? Shortcut { get; init; }

    /// <summary>Whether the last BatchNorm of each residual block starts at zero, so that every block starts as the identity
    /// (Goyal et al. 2017, section 5.1). Not with shortcut A, whose new channels then stay zero for good: take B.</summary>
    public bool ZeroInitResidual { get; init; }

    /// <summary>The probability of dropping a feature before the classifier in training, in [0, 1); null takes the paper's.</summary>
    public double? Dropout { get; init; }

    /// <summary>Which side of dropout is scaled; only networks that can show the difference take another than the usual.</summary>
    public DropoutScaling DropoutScaling { get; init; }

    /// <summary>The probability of dropping a channel inside each residual block in training, in [0, 1) (Tompson et al. 2015, section 3.2);
    /// null takes the paper's.</summary>
    public double? SpatialDropout { get; init; }

    /// <summary>The probability of dropping the last block of an image in training, in [0, 1), rising linearly with depth as the network's
    /// authors have it (Huang et al. 2016, section 3); null takes the paper's.</summary>
    public double? StochasticDepth { get; init; }

    /// <summary>What the channels of every layer are multiplied by (MobileNet's width multiplier), above 0; null takes 1.</summary>
    public double? Width { get; init; }

    /// <summary>Whether the auxiliary classifiers at inner layers are there and train along; null takes the paper's. They never take
    /// part in inference.</summary>
    public bool? Auxiliary { get; init; }

    /// <summary>What normalises inside.</summary>
    public NormKind Norm { get; init; }

    /// <summary>Makes sure that a network has what is asked for, and that the values make sense.</summary>
    /// <param name="card">The network.</param>
    /// <param name="all">All networks, to name those that have it.</param>
    /// <exception cref="BadInputException">It doesn't (<c>network-option</c>).</exception>
    internal void Check(NetworkCard card, IEnumerable<NetworkCard> all)
    {
        foreach ((NetworkVariants variant, string key) in Asked())
        {
            if (card.Variants.HasFlag(variant))
                continue;
            string[] having = [.. all.Where(c => c.Variants.HasFlag(variant)).Select(c => c.Family).Distinct()];
            throw new BadInputException("network-option", $"{card.Name} has no variant '{key}'.",
                fix: having.Length == 0 ? "Leave the option out." : $"Leave the option out, or take a network that has it: {string.Join(", ", having)}.");
        }
        foreach ((string key, double? value) in (ReadOnlySpan<(string, double?)>)[("dropout", Dropout), ("spatialDropout", SpatialDropout), ("stochasticDepth", StochasticDepth)])
        {
            if (value is double drop && !(drop is >= 0 and < 1))
            {
                throw new BadInputException("network-option", FormattableString.Invariant($"network.options.{key} is {drop:R}; expected a probability of dropping, 0 to less than 1."),
                    fix: "Mind that some papers give the probability of keeping.");
            }
        }
        if (Width is double width && !(width is > 0 and <= 16))
        {
            throw new BadInputException("network-option", FormattableString.Invariant($"network.options.width is {width:R}; expected more than 0, at most 16."),
                fix: "1 is the network as published; papers go from 0.25 to 1.4.");
        }
    }

    private IEnumerable<(NetworkVariants Variant, string Key)> Asked()
    {
        if (Shortcut is not null)
            yield return (NetworkVariants.Shortcut, "shortcut");
        if (ZeroInitResidual)
            yield return (NetworkVariants.ZeroInitResidual, "zeroInitResidual");
        if (DropoutScaling != DropoutScaling.Inverted)
            yield return (NetworkVariants.DropoutScaling, "dropoutScaling");
        if (Dropout is not null)
            yield return (NetworkVariants.Dropout, "dropout");
        if (SpatialDropout is not null)
            yield return (NetworkVariants.SpatialDropout, "spatialDropout");
        if (StochasticDepth is not null)
            yield return (NetworkVariants.StochasticDepth, "stochasticDepth");
        if (Width is not null)
            yield return (NetworkVariants.Width, "width");
        if (Norm != NormKind.AsPublished)
            yield return (NetworkVariants.Norm, "norm");
        if (Auxiliary is not null)
            yield return (NetworkVariants.Auxiliary, "auxiliary");
    }
}
