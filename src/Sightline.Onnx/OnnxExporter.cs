using Sightline.Onnx.Lowering;
using Sightline.Onnx.Tracing;
using Sightline.Onnx.Writing;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Onnx;

/// <summary>What to export, and how.</summary>
public sealed record ExportOptions
{
    /// <summary>Shape of one sample without the batch dimension, e.g. <c>[3, 32, 32]</c>.</summary>
    public required IReadOnlyList<long> SampleShape { get; init; }

    /// <summary>Name of the graph's input.</summary>
    public string InputName { get; init; } = "images";

    /// <summary>Name of the graph's output.</summary>
    public string OutputName { get; init; } = "logits";

    /// <summary>The ONNX operator set, at least 17.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>Key-value pairs for the model's metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>What was exported.</summary>
/// <param name="Bytes">The model file.</param>
/// <param name="Nodes">How many ONNX nodes it has.</param>
/// <param name="AtenNodes">How many ATen nodes the trace had.</param>
/// <param name="MaxAbsDifference">Largest difference to torch on shapes that were not traced, batch 1 among them.</param>
public sealed record ExportedModel(byte[] Bytes, int Nodes, int AtenNodes, double MaxAbsDifference);

/// <summary>Exports any TorchSharp module to ONNX by tracing it.</summary>
/// <remarks>
/// The way: the forward pass runs twice, at batch 2 and 3 on different random values, while libtorch's tracer writes down every
/// operator (<c>Tracing/</c>); numbers that differ between the traces are expressed by sizes (<c>Dimensions/</c>); each operator
/// becomes ONNX nodes, writes in place become values (<c>Lowering/</c>); the graph is cleaned and written (<c>Writing/</c>); the file
/// is run in ONNX Runtime beside the module at batch 1 and 5 (<see cref="ExportCheck"/>). The same module gives the same bytes.
/// </remarks>
public static class OnnxExporter
{
    /// <summary>The lowest operator set: layer normalisation came with it.</summary>
    public const int LowestOpset = 17;

    /// <summary>The highest operator set that lowerings are written for.</summary>
    public const int HighestOpset = 21;

    private static readonly long[] tracedBatches = [2, 3];
    private static readonly long[] checkedBatches = [1, 5];

    /// <summary>Exports <paramref name="module"/> with a free batch dimension and checks the file in ONNX Runtime.</summary>
    /// <param name="module">The module in evaluation mode, float32 on the CPU; <c>[N, …] float32</c> in, one tensor out.</param>
    /// <param name="options">Shapes, names, metadata.</param>
    /// <returns>The checked model.</returns>
    /// <exception cref="OnnxExportException">The module does something that cannot be expressed; names the operator and the line.</exception>
    /// <exception cref="Sightline.Torch.UnsupportedLibtorchException">The loaded libtorch's tracer isn't as known.</exception>
    public static ExportedModel Export(nn.Module<Tensor, Tensor> module, ExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(module);
        return Export(module, module.call, options);
    }

    /// <summary>Exports what a function computes with a module, e.g. the map of one of its layers, and checks the file in ONNX
    /// Runtime.</summary>
    /// <param name="module">The module that holds the weights, in evaluation mode, float32 on the CPU.</param>
    /// <param name="forward"><c>[N, …] float32</c> in, one tensor out; always the same operators.</param>
    /// <param name="options">Shapes, names, metadata.</param>
    /// <returns>The checked model.</returns>
    /// <exception cref="OnnxExportException">The function does something that cannot be expressed; names the operator and the line.</exception>
    /// <exception cref="Sightline.Torch.UnsupportedLibtorchException">The loaded libtorch's tracer isn't as known.</exception>
    public static ExportedModel Export(nn.Module module, Func<Tensor, Tensor> forward, ExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Opset is < LowestOpset or > HighestOpset)
            throw new OnnxExportException($"operator set {options.Opset}: {LowestOpset} to {HighestOpset} can be written.");
        RefuseTrainingMode(module);
        Tensor[] Inputs(long batch) => [RandomInput(options.SampleShape, batch)];
        IReadOnlyList<Tensor> Forward(IReadOnlyList<Tensor> inputs) => [forward(inputs[0])];

        var traces = new List<ModuleTrace>();
        GraphBuilder graph;
        int operators;
        try
        {
            // Lines are noted once: the other traces are the same program or refused.
            foreach (long batch in tracedBatches) traces.Add(ModuleTracer.Trace(module, Forward, () => Inputs(batch), withLines: traces.Count == 0));
            var set = new TraceSet(traces);
            graph = new GraphBuilder(options.Opset);
            var pass = new LoweringPass(set, graph, OperatorTable.Default, [options.InputName]);
            TensorOperand output = pass.Run()[0];
            graph.Output(options.OutputName, pass.NameOf(output), output.Type, pass.DimensionNames.Describe(options.OutputName, output.Shapes));
            operators = pass.OperatorCount;
        }
        finally
        {
            foreach (ModuleTrace trace in traces) trace.Dispose();
        }

        GraphCleanup.Run(graph.Graph);
        Reachability.Check(graph.Graph);
        byte[] bytes = ModelWriter.Write(graph.Graph, options.Opset, options.Metadata);
        double difference = ExportCheck.Run(bytes, forward, batch => Inputs(batch)[0], checkedBatches);
        return new ExportedModel(bytes, graph.Graph.Node.Count, operators, difference);
    }

    private static void RefuseTrainingMode(nn.Module module)
    {
        // Tracing a batch normalisation in training mode would move its running statistics.
        (string Name, nn.Module Module)[] training = [.. module.named_modules().Where(entry => entry.module.training)];
        if (training.Length == 0 && !module.training) return;
        (string Name, nn.Module Module) worst = training.OrderByDescending(entry => ActsOtherwise(entry.Module)).FirstOrDefault(("", module));
        string name = worst.Name.Length == 0 ? worst.Module.GetName() : $"{worst.Name} ({worst.Module.GetName()})";
        throw new OnnxExportException($"the module is in training mode at {name}: call eval() first.");
    }

    private static bool ActsOtherwise(nn.Module module) =>
        module.GetName().Contains("Norm", StringComparison.Ordinal) || module.GetName().Contains("Dropout", StringComparison.Ordinal);

    /// <summary>The same normal values for the same batch, from a generator of its own.</summary>
    private static Tensor RandomInput(IReadOnlyList<long> sample, long batch)
    {
        using var generator = new Generator((ulong)batch);
        return torch.randn([batch, .. sample], generator: generator);
    }
}
