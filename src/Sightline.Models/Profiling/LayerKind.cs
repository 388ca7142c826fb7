namespace Sightline.Models.Profiling;

/// <summary>What a layer does, as far as its cost is concerned.</summary>
public enum LayerKind
{
    /// <summary>A full convolution with a kernel of more than one pixel.</summary>
    Convolution,

    /// <summary>A full 1×1 convolution: a matrix product over the pixels.</summary>
    Pointwise,

    /// <summary>A convolution of each channel by itself.</summary>
    Depthwise,

    /// <summary>A convolution in groups of several channels.</summary>
    Grouped,

    /// <summary>A fully connected layer.</summary>
    Linear,

    /// <summary>BatchNorm and its kin.</summary>
    Normalisation,

    /// <summary>Pooling and other layers without weights that are modules.</summary>
    Other,

    /// <summary>What runs between the layers: activations, additions, concatenations, means.</summary>
    Between,
}
