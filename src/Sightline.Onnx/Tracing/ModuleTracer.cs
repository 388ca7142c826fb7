using Sightline.Torch.Tracing;
using static TorchSharp.torch;

namespace Sightline.Onnx.Tracing;

/// <summary>Traces a module through libtorch.</summary>
internal static class ModuleTracer
{
    /// <summary>Traces one pass.</summary>
    /// <param name="module">The module.</param>
    /// <param name="forward">Its pass.</param>
    /// <param name="makeInputs">Makes the inputs; the pass may write into them.</param>
    /// <param name="withLines">Whether to note where each operator was called from.</param>
    /// <returns>The trace.</returns>
    public static ModuleTrace Trace(
        nn.Module module,
        Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> forward,
        Func<Tensor[]> makeInputs,
        bool withLines)
    {
        Tensor[] inputs = makeInputs();
        try
        {
            return Read(OperatorTracer.Record(module, inputs, forward, withLines));
        }
        finally
        {
            foreach (Tensor input in inputs) input.Dispose();
        }
    }

    private static ModuleTrace Read(TraceRecording recording) => new()
    {
        Nodes = OutVariants.Rewrite(TraceParser.Parse(recording.Graph)),
        Inputs = recording.Inputs,
        Outputs = recording.Outputs,
        State = recording.State,
        Constants = recording.Constants,
        Lines = recording.CallSites.ToDictionary(pair => pair.Key, pair => new SourceLine(pair.Value.Method, pair.Value.File, pair.Value.Line)),
        Owner = recording,
    };
}
