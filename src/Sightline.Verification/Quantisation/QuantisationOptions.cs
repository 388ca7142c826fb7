namespace Sightline.Verification;

/// <summary>How a model is quantised.</summary>
public sealed record QuantisationOptions
{
    /// <summary>How ranges of activations are chosen.</summary>
    public RangeMethod Method { get; init; } = RangeMethod.MeanSquaredError;

    /// <summary>Whether each output channel of a layer's weights has a step of its own.</summary>
    public bool PerChannel { get; init; } = true;

    /// <summary>Whether weights take 7 of the 8 bits, for processors with AVX2 or AVX-512 but without VNNI.</summary>
    public bool SevenBitWeights { get; init; }

    /// <summary>Whether what rounding moves on the average is moved back in the biases.</summary>
    public bool BiasCorrection { get; init; } = true;

    /// <summary>The largest loss of accuracy, 0–1; layers go back to float32 until it holds. Null takes what comes.</summary>
    public double? MaxDrop { get; init; }
}

/// <summary>The images that a quantisation is calibrated on, and those that judge it.</summary>
public sealed record QuantisationImages
{
    /// <summary>The calibration inputs, each <c>[3, H, W] float32</c>; of training images.</summary>
    public required IReadOnlyList<float[]> Calibration { get; init; }

    /// <summary>The labels of the images that judge, in the model's order of classes.</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>Writes the input of an image that judges. Called from several threads at once.</summary>
    public required Action<int, Memory<float>> WriteInput { get; init; }
}

/// <summary>How much a layer does alone.</summary>
/// <param name="Name">The operator's name.</param>
/// <param name="Layer">As a person reads it, e.g. <c>Conv layer1.0.conv1</c>.</param>
/// <param name="Damage">Mean squared change of the logits when it alone is rounded, by their variance.</param>
public sealed record LayerDamage(string Name, string Layer, double Damage);
