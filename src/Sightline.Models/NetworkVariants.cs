namespace Sightline.Models;

/// <summary>Which of the <see cref="NetworkOptions"/> a network has.</summary>
[Flags]
public enum NetworkVariants
{
    /// <summary>Built as published only.</summary>
    None = 0,

    /// <summary><see cref="NetworkOptions.Dropout"/>.</summary>
    Dropout = 1,

    /// <summary><see cref="NetworkOptions.DropoutScaling"/>.</summary>
    DropoutScaling = 2,

    /// <summary><see cref="NetworkOptions.Shortcut"/>.</summary>
    Shortcut = 4,

    /// <summary><see cref="NetworkOptions.ZeroInitResidual"/>.</summary>
    ZeroInitResidual = 8,

    /// <summary><see cref="NetworkOptions.StochasticDepth"/>.</summary>
    StochasticDepth = 16,

    /// <summary><see cref="NetworkOptions.Width"/>.</summary>
    Width = 32,

    /// <summary><see cref="NetworkOptions.Auxiliary"/>.</summary>
    Auxiliary = 64,

    /// <summary><see cref="NetworkOptions.Norm"/>.</summary>
    Norm = 128,

    /// <summary><see cref="NetworkOptions.SpatialDropout"/>.</summary>
    SpatialDropout = 256,
}
