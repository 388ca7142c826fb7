namespace Sightline.Models.Profiling;

/// <summary>One layer of a profile.</summary>
/// <param name="Name">Its path, e.g. <c>layer1.0.conv1</c>.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Input">The shape it took.</param>
/// <param name="Output">The shape it gave.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Macs">Its multiply-accumulates.</param>
/// <param name="Bytes">What it has to move at least: input, parameters and output, each once.</param>
/// <param name="Milliseconds">How long it took, the median over the passes.</param>
public sealed record LayerProfile(
    string Name, LayerKind Kind, IReadOnlyList<long> Input, IReadOnlyList<long> Output, long Parameters, long Macs, long Bytes, double Milliseconds)
{
    /// <summary>Arithmetic intensity: multiply-accumulates for each byte moved.</summary>
    public double Intensity => Bytes == 0 ? 0 : Macs / (double)Bytes;
}
