namespace Sightline.Models;

/// <summary>What follows a convolution and its BatchNorm.</summary>
public enum Activation
{
    /// <summary>Nothing: the layer is linear.</summary>
    None,

    /// <summary><c>max(x, 0)</c>.</summary>
    Relu,

    /// <summary><c>min(max(x, 0), 6)</c>: bounded, so that few bits suffice (Howard et al. 2017's code; Sandler et al. 2018).</summary>
    Relu6,

    /// <summary><c>x · min(max(x + 3, 0), 6) / 6</c>: swish without an exponential (Howard et al. 2019, section 5.2).</summary>
    HardSwish,

    /// <summary><c>x · sigmoid(x)</c>, also called swish (Ramachandran et al. 2017; EfficientNet).</summary>
    Silu,
}
