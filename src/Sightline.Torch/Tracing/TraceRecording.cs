using static TorchSharp.torch;

namespace Sightline.Torch.Tracing;

/// <summary>What one forward pass called, as libtorch's tracer wrote it down.</summary>
/// <remarks>Owns <see cref="Constants"/>; everything native behind the trace is freed already.</remarks>
public sealed class TraceRecording : IDisposable
{
    internal TraceRecording()
    {
    }

    /// <summary>The TorchScript graph, one node a line; values are <c>%numbers</c>.</summary>
    public required string Graph { get; init; }

    /// <summary>The numbers of the inputs.</summary>
    public required IReadOnlyList<long> Inputs { get; init; }

    /// <summary>The numbers of the outputs. One that isn't computed in the graph stands there as a constant.</summary>
    public required IReadOnlyList<long> Outputs { get; init; }

    /// <summary>Parameters and buffers: number and name. Tensors registered twice (tied weights) appear once, under the first name.</summary>
    public required IReadOnlyDictionary<long, string> State { get; init; }

    /// <summary>Every constant tensor of the graph that is no input, by number; parameters and buffers among them.</summary>
    public required IReadOnlyDictionary<long, Tensor> Constants { get; init; }

    /// <summary>The user's line for each value, by number; empty unless asked for.</summary>
    public required IReadOnlyDictionary<long, CallSite> CallSites { get; init; }

    /// <summary>Frees the constants.</summary>
    public void Dispose()
    {
        foreach (Tensor constant in Constants.Values) constant.Dispose();
    }
}
