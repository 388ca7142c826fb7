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
/// <param name="RunFingerprint">SHA-256 of recipe, data and weights of the run it came from, hex.</param>
/// <param name="Checkpoint">The checkpoint whose weights it holds, e.g. <c>best (EMA), epoch 12</c>.</param>
public sealed record ModelContract(
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
    /// <summary>The key of the ONNX metadata entry.</summary>
    public const string MetadataKey = "sightline.contract";
}
