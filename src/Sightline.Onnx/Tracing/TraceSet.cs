namespace Sightline.Onnx.Tracing;

/// <summary>
/// Several traces of one module on inputs of different sizes and values, proved to be the same program: same operators, same wiring.
/// Only numbers and sizes may differ between them.
/// </summary>
internal sealed class TraceSet : IDisposable
{
    private readonly IReadOnlyList<ModuleTrace> traces;

    /// <summary>Compares traces; owns them from here on.</summary>
    /// <param name="traces">At least two; the first one has lines.</param>
    /// <exception cref="OnnxExportException">They are different programs, or a value was read out of a tensor.</exception>
    public TraceSet(IReadOnlyList<ModuleTrace> traces)
    {
        this.traces = traces;
        RefuseReadOuts();
        foreach (ModuleTrace other in traces.Skip(1)) RefuseOtherProgram(other);
    }

    /// <summary>The first trace.</summary>
    public ModuleTrace First => traces[0];

    /// <summary>How many there are.</summary>
    public int Count => traces.Count;

    /// <summary>All of them.</summary>
    public IReadOnlyList<ModuleTrace> All => traces;

    /// <summary>The operator that stands at a place in each trace.</summary>
    /// <param name="index">The place.</param>
    /// <returns>One node a trace.</returns>
    public IEnumerable<TraceNode> At(int index) => traces.Select(trace => trace.Nodes[index]);

    /// <summary>The sizes of one output of a node, one array a trace.</summary>
    /// <param name="index">The node's place.</param>
    /// <param name="output">Which output.</param>
    /// <returns>The sizes.</returns>
    public long[][] Shapes(int index, int output) => [.. At(index).Select(node => node.Outputs[output].Shape!)];

    /// <summary>An error that names a node's operator and line.</summary>
    /// <param name="node">A node of the first trace.</param>
    /// <param name="reason">What is wrong and what to do.</param>
    /// <returns>The error.</returns>
    public OnnxExportException Error(TraceNode node, string reason)
    {
        SourceLine? line = node.Outputs.Select(output => First.Lines.GetValueOrDefault(output.Id)).FirstOrDefault(found => found is not null);
        string what = node.Operator == TraceNode.Constant ? "a constant" : node.Operator;
        return new OnnxExportException(line is null ? $"{what}: {reason}" : $"{what} at {line}: {reason}");
    }

    /// <summary>Frees the traces.</summary>
    public void Dispose()
    {
        foreach (ModuleTrace trace in traces) trace.Dispose();
    }

    private void RefuseReadOuts()
    {
        if (First.Nodes.FirstOrDefault(node => node.Operator is "aten::item" or "aten::_local_scalar_dense" or "aten::is_nonzero") is { } node)
            throw Error(node, "forward reads a number out of a tensor (item). An exported graph can't: keep it a tensor.");
    }

    private void RefuseOtherProgram(ModuleTrace other)
    {
        for (int i = 0; i < Math.Min(First.Nodes.Count, other.Nodes.Count); i++)
        {
            TraceNode node = First.Nodes[i], twin = other.Nodes[i];
            bool same = node.Operator == twin.Operator && node.Inputs.SequenceEqual(twin.Inputs)
                && node.Outputs.Select(output => (output.Id, output.Type)).SequenceEqual(twin.Outputs.Select(output => (output.Id, output.Type)))
                && node.Outputs.Select(output => output.Shape?.Length).SequenceEqual(twin.Outputs.Select(output => output.Shape?.Length));
            if (!same) throw Branches(i, twin.Operator);
        }

        if (First.Nodes.Count != other.Nodes.Count) throw Branches(First.Nodes.Count - 1, "another number of operators");
        if (!First.Outputs.SequenceEqual(other.Outputs)) throw Branches(First.Nodes.Count - 1, "other outputs");
    }

    private OnnxExportException Branches(int index, string instead)
    {
        // Constants in front of a call carry no meaning of their own: name the operator they lead to.
        TraceNode node = First.Nodes.Skip(index).FirstOrDefault(candidate => candidate.Computes) ?? First.Nodes[^1];
        return Error(node, $"forward calls different operators for inputs of other sizes or values (here: {instead}). "
            + "It branches or loops on them; a graph has one way for all.");
    }
}
