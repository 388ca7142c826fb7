namespace Sightline.Onnx.Graph;

/// <summary>The values that an activation takes.</summary>
/// <param name="Low">The lowest that is to be told apart.</param>
/// <param name="High">The highest.</param>
public readonly record struct ActivationRange(float Low, float High)
{
    /// <summary>The step of its 256 levels. The range is widened to hold 0, which then has a level of its own: padding stays exact.</summary>
    public float Scale => Math.Max((Math.Max(High, 0) - Math.Min(Low, 0)) / 255f, 1e-12f);

    /// <summary>The level that stands for 0.</summary>
    public byte ZeroPoint => (byte)Math.Clamp(MathF.Round(-Math.Min(Low, 0) / Scale), 0, 255);
}

/// <summary>How a model is brought to 8-bit integers.</summary>
public sealed record QuantisationPlan
{
    /// <summary>The range of each value, by name; a value without one stays in float32.</summary>
    public required IReadOnlyDictionary<string, ActivationRange> Ranges { get; init; }

    /// <summary>Whether each output channel of a layer's weights has a step of its own.</summary>
    public bool PerChannel { get; init; } = true;

    /// <summary>
    /// Whether weights take 7 of the 8 bits. Processors with AVX2 or AVX-512 but without VNNI add pairs of products in 16 bits, which 8-bit
    /// weights overflow.
    /// </summary>
    public bool SevenBitWeights { get; init; }

    /// <summary>
    /// The mean of each channel of what an operator with weights takes, by the value's name; of values that are in it, what the rounding of the
    /// weights moves on the average is taken from the bias (Nagel et al. 2019, section 4.2). Null corrects no bias.
    /// </summary>
    public IReadOnlyDictionary<string, float[]>? InputMeans { get; init; }

    /// <summary>Names of operators that stay in float32.</summary>
    public IReadOnlySet<string> InFloat { get; init; } = new HashSet<string>();
}
