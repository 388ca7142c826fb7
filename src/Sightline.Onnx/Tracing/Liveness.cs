namespace Sightline.Onnx.Tracing;

/// <summary>
/// Which steps of a trace matter to its outputs. TorchSharp computes some results only to drop them (its <c>var</c> over dimensions
/// first takes the variance of everything), and users print norms: neither belongs in a graph.
/// </summary>
internal static class Liveness
{
    /// <summary>Walks back from the outputs.</summary>
    /// <param name="trace">The trace.</param>
    /// <returns>For each node whether it is needed. Every write in place counts as needed: what it reaches through aliases isn't known here.</returns>
    public static bool[] Of(ModuleTrace trace)
    {
        var needed = trace.Outputs.ToHashSet();
        var live = new bool[trace.Nodes.Count];
        for (int i = live.Length - 1; i >= 0; i--)
        {
            TraceNode node = trace.Nodes[i];
            live[i] = WritesInPlace(node) || node.Outputs.Any(output => needed.Contains(output.Id) || trace.Inputs.Contains(output.Id));
            if (live[i]) needed.UnionWith(node.Inputs);
        }

        return live;
    }

    private static bool WritesInPlace(TraceNode node) =>
        node.Outputs.Count == 0 || (node.Computes && node.Operator.EndsWith('_') && !node.Operator.EndsWith("__", StringComparison.Ordinal));
}
