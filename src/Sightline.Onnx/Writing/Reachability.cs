using Onnx;

namespace Sightline.Onnx.Writing;

/// <summary>Whether a graph computes its outputs from its inputs at all.</summary>
internal static class Reachability
{
    /// <summary>Checks.</summary>
    /// <param name="graph">The graph, nodes in an order of execution.</param>
    /// <exception cref="OnnxExportException">An output doesn't depend on any input.</exception>
    public static void Check(GraphProto graph)
    {
        var reached = graph.Input.Select(input => input.Name).ToHashSet();
        foreach (NodeProto node in graph.Node)
        {
            if (node.Input.Any(reached.Contains)) reached.UnionWith(node.Output);
        }

        if (graph.Output.FirstOrDefault(output => !reached.Contains(output.Name)) is { } lost)
        {
            throw new OnnxExportException($"the output {lost.Name} doesn't depend on the input as far as can be seen: "
                + "forward computes it on another thread, or outside libtorch.");
        }
    }
}
