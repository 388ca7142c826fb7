using Sightline.Metrics;

namespace Sightline.Verification;

/// <summary>A quantised model and what it costs.</summary>
public sealed record QuantisedModel
{
    /// <summary>The ONNX file.</summary>
    public required byte[] File { get; init; }

    /// <summary>Length of the float32 file in bytes.</summary>
    public required long FloatBytes { get; init; }

    /// <summary>Images that judged.</summary>
    public required int Images { get; init; }

    /// <summary>Accuracy of the float32 file.</summary>
    public required double AccuracyFloat { get; init; }

    /// <summary>Accuracy of the quantised file.</summary>
    public required double AccuracyQuantised { get; init; }

    /// <summary>The change of accuracy, paired bootstrap, 95 %.</summary>
    public required Interval ChangeInterval { get; init; }

    /// <summary>Decisions that differ.</summary>
    public required int Flips { get; init; }

    /// <summary>Layers by the damage that they do alone, the worst first; empty where nobody had to know.</summary>
    public required IReadOnlyList<LayerDamage> Damage { get; init; }

    /// <summary>Layers that stay in float32.</summary>
    public required IReadOnlyList<string> InFloat { get; init; }

    /// <summary>Layers that could be rounded.</summary>
    public required int Layers { get; init; }

    /// <summary>Whether the loss of accuracy is within what was asked.</summary>
    public required bool Holds { get; init; }

    /// <summary>Whether the search was stopped: what stands here is the best so far.</summary>
    public bool Stopped { get; init; }
}
