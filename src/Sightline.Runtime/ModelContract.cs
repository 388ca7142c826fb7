using Sightline.Imaging;

namespace Sightline.Runtime;

/// <summary>
/// What travels inside an exported classifier, as JSON under the ONNX metadata key <see cref="MetadataKey"/>: all that is needed to
/// use it as it was trained.
/// </summary>
/// <param name="Version">The version of this contract; 1.</param>
/// <param name="Task">What the model does; <c>classification</c>.</param>
/// <param name="Network">The registered network name.</param>
/// <param name="Classes">Class names by index of the logits.</param>
/// <param name="Preprocessing">What turns an image into the input.</param>
/// <param name="Input">The graph's input name; <c>[N, 3, H, W] float32</c>, N free.</param>
/// <param name="Output">The graph's output name; logits <c>[N, classes] float32</c>.</param>
/// <param name="RunFingerprint">SHA-256 of recipe, data and weights of the run it came from, hex; the weights as trained, before <see cref="Decision"/>.</param>
/// <param name="Checkpoint">The checkpoint whose weights it holds, e.g. <c>best (EMA), epoch 12</c>.</param>
public sealed partial record ModelContract(
    int Version,
    string Task,
    string Network,
    IReadOnlyList<string> Classes,
    Preprocessing Preprocessing,
    string Input,
    string Output,
    string RunFingerprint,
    string Checkpoint)
{
    /// <summary>What was added to the logits for the place of service; null when they are as trained.</summary>
    public ContractDecision? Decision { get; init; }

    /// <summary>The key of the ONNX metadata entry.</summary>
    public const string MetadataKey = "sightline.contract";

    /// <summary>The version that this library writes, and the only one it reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The only task of version 1.</summary>
    public const string ClassificationTask = "classification";

    /// <summary>Whether both say the same, lists by value.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True when every member is equal.</returns>
    public bool Equals(ModelContract? other) =>
        other is not null && Version == other.Version && Task == other.Task && Network == other.Network && Classes.SequenceEqual(other.Classes)
        && Preprocessing.Equals(other.Preprocessing) && Input == other.Input && Output == other.Output
        && RunFingerprint == other.RunFingerprint && Checkpoint == other.Checkpoint && Equals(Decision, other.Decision);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Network, Classes.Count, Preprocessing, RunFingerprint, Checkpoint);
}
