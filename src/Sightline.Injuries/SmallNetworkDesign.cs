namespace Sightline.Injuries;

/// <summary>The kinds of small networks; rules are written on the first four and scored on the others.</summary>
public enum SmallKind
{
    /// <summary>Linear layers.</summary>
    Mlp,

    /// <summary>Convolutions and pools.</summary>
    Conv,

    /// <summary>The same with BatchNorm.</summary>
    ConvNorm,

    /// <summary>Residual blocks with BatchNorm.</summary>
    ResNet,

    /// <summary>Linear layers with BatchNorm.</summary>
    MlpNorm,

    /// <summary>Pairs of convolutions, and two linear layers with dropout.</summary>
    Vgg,

    /// <summary>Depthwise-separable convolutions with BatchNorm.</summary>
    Separable,

    /// <summary>Patches and attention with LayerNorm.</summary>
    Attention,
}

/// <summary>What normalises in a small network.</summary>
public enum SmallNorm
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>BatchNorm.</summary>
    Batch,

    /// <summary>LayerNorm.</summary>
    Layer,
}

/// <summary>A small network: its kind, and what a fault can change in it.</summary>
public sealed record SmallNetworkDesign
{
    /// <summary>The kind.</summary>
    public required SmallKind Kind { get; init; }

    /// <summary>Channels of the first layer, in units of which the others are multiples.</summary>
    public int Width { get; init; } = 16;

    /// <summary>Hidden layers of linear networks, convolutions of the others.</summary>
    public int Depth { get; init; } = 3;

    /// <summary>Dropout before the classifier, and between linear layers.</summary>
    public double Dropout { get; init; }

    /// <summary>Sigmoids instead of ReLUs.</summary>
    public bool Sigmoid { get; init; }

    /// <summary>What first weights are multiplied by.</summary>
    public double Gain { get; init; } = 1;

    /// <summary>What is added to the first biases in front of activations.</summary>
    public double BiasShift { get; init; }

    /// <summary>Momentum of running statistics.</summary>
    public double Momentum { get; init; } = 0.1;

    /// <summary>What normalises.</summary>
    public SmallNorm Norm => Kind switch
    {
        SmallKind.ConvNorm or SmallKind.ResNet or SmallKind.MlpNorm or SmallKind.Separable => SmallNorm.Batch,
        SmallKind.Attention => SmallNorm.Layer,
        _ => SmallNorm.None,
    };
}
