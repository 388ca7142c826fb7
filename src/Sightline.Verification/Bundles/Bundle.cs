using Sightline.Metrics;
using Sightline.Runtime;

namespace Sightline.Verification;

/// <summary>A model that travels with the proof of how it has to behave: the file, golden frames with every stage of their way, and the accuracy to expect.</summary>
public sealed record Bundle
{
    /// <summary>The version of the layout that is written and read.</summary>
    public const int CurrentVersion = 1;

    /// <summary>What to call it in messages: where it was read from.</summary>
    public required string Name { get; init; }

    /// <summary>The ONNX file.</summary>
    public required byte[] Model { get; init; }

    /// <summary>The contract inside the file.</summary>
    public required ModelContract Contract { get; init; }

    /// <summary>The golden frames, at least one.</summary>
    public required IReadOnlyList<GoldenFrame> Frames { get; init; }

    /// <summary>The accuracy seen on the images it was verified on; null where none were scored.</summary>
    public ExpectedAccuracy? Expected { get; init; }

    /// <summary>Where the golden frames were reckoned: processor, runtime.</summary>
    public required BundleOrigin Origin { get; init; }

    /// <summary>The licence under which it may be used; null where nobody named one.</summary>
    public string? Licence { get; init; }
}

/// <summary>The accuracy to expect of a model.</summary>
/// <param name="Top1">The share of images that were decided right.</param>
/// <param name="Interval">Its Wilson interval at 95 %.</param>
/// <param name="Images">How many images there were.</param>
/// <param name="Part">What they were called, e.g. <c>val</c>.</param>
public sealed record ExpectedAccuracy(double Top1, Interval Interval, int Images, string Part);

/// <summary>Where something was reckoned.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Architecture">Its architecture, e.g. <c>X64</c>.</param>
/// <param name="OnnxRuntime">The version of ONNX Runtime.</param>
public sealed record BundleOrigin(string Processor, string Architecture, string OnnxRuntime);
