using static TorchSharp.torch;

namespace Sightline.Onnx.Tracing;

/// <summary>
/// One forward pass of a module, operator by operator. This is the seam of the exporter: whatever records the pass, everything
/// behind it sees only this.
/// </summary>
internal sealed class ModuleTrace : IDisposable
{
    /// <summary>The steps in the order of execution.</summary>
    public required IReadOnlyList<TraceNode> Nodes { get; init; }

    /// <summary>Numbers of the inputs' values.</summary>
    public required IReadOnlyList<long> Inputs { get; init; }

    /// <summary>Numbers of the outputs' values.</summary>
    public required IReadOnlyList<long> Outputs { get; init; }

    /// <summary>Names of parameters and buffers, by number.</summary>
    public required IReadOnlyDictionary<long, string> State { get; init; }

    /// <summary>Constant tensors by number: parameters, buffers, and whatever else the pass used that it didn't compute.</summary>
    public required IReadOnlyDictionary<long, Tensor> Constants { get; init; }

    /// <summary>Where each value was made, by number; may be empty.</summary>
    public required IReadOnlyDictionary<long, SourceLine> Lines { get; init; }

    /// <summary>What holds the constants; disposed with the trace.</summary>
    public IDisposable? Owner { get; init; }

    /// <summary>Frees the constants.</summary>
    public void Dispose() => Owner?.Dispose();
}
