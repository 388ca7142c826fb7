using Onnx;

namespace Sightline.Onnx.Writing;

/// <summary>Takes out what lowering left behind: nodes that only pass a value on, and everything that no output needs.</summary>
internal static class GraphCleanup
{
    /// <summary>Cleans a graph in place.</summary>
    /// <param name="graph">The graph, nodes in an order of execution.</param>
    public static void Run(GraphProto graph)
    {
        BypassIdentities(graph);
        CancelTransposes(graph);
        FoldTransposes(graph);
        DropUnused(graph);
    }

    private static void BypassIdentities(GraphProto graph)
    {
        var outputs = graph.Output.Select(output => output.Name).ToHashSet();
        var inputs = graph.Input.Select(input => input.Name).Concat(graph.Initializer.Select(tensor => tensor.Name)).ToHashSet();
        var source = new Dictionary<string, string>();
        foreach (NodeProto node in graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++) node.Input[i] = source.GetValueOrDefault(node.Input[i], node.Input[i]);
            if (node.OpType == "Identity" && !outputs.Contains(node.Output[0])) source[node.Output[0]] = node.Input[0];
        }

        RemoveWhere(graph, node => node.OpType == "Identity" && source.ContainsKey(node.Output[0]));
        NameProducersAfterOutputs(graph, outputs, inputs);
    }

    /// <summary>An output that is handed on from a node becomes that node's own output, unless the value is an input or another output.</summary>
    private static void NameProducersAfterOutputs(GraphProto graph, HashSet<string> outputs, HashSet<string> inputs)
    {
        var renamed = new Dictionary<string, string>();
        foreach (NodeProto node in graph.Node.Where(node => node.OpType == "Identity" && outputs.Contains(node.Output[0])))
        {
            string value = node.Input[0];
            if (!inputs.Contains(value) && !outputs.Contains(value)) renamed.TryAdd(value, node.Output[0]);
        }

        RemoveWhere(graph, node => node.OpType == "Identity" && renamed.GetValueOrDefault(node.Input[0]) == node.Output[0]);
        foreach (NodeProto node in graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++) node.Input[i] = renamed.GetValueOrDefault(node.Input[i], node.Input[i]);
            for (int i = 0; i < node.Output.Count; i++) node.Output[i] = renamed.GetValueOrDefault(node.Output[i], node.Output[i]);
        }
    }

    /// <summary>A transpose that undoes the one before it passes the value on: what a change of memory layout in the module leaves.</summary>
    private static void CancelTransposes(GraphProto graph)
    {
        var outputs = graph.Output.Select(output => output.Name).ToHashSet();
        var transposes = new Dictionary<string, NodeProto>();
        var source = new Dictionary<string, string>();
        foreach (NodeProto node in graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++) node.Input[i] = source.GetValueOrDefault(node.Input[i], node.Input[i]);
            if (node.OpType != "Transpose" || node.Attribute is not [{ Name: "perm" } order]) continue;
            transposes[node.Output[0]] = node;
            if (outputs.Contains(node.Output[0]) || !transposes.TryGetValue(node.Input[0], out NodeProto? before)) continue;
            if (order.Ints.Select(axis => before.Attribute[0].Ints[(int)axis]).SequenceEqual(Enumerable.Range(0, order.Ints.Count).Select(axis => (long)axis)))
                source[node.Output[0]] = before.Input[0];
        }
    }

    /// <summary>TorchSharp's linear layer is a product with the transposed weight: Gemm transposes by itself.</summary>
    private static void FoldTransposes(GraphProto graph)
    {
        Dictionary<string, NodeProto> swaps = graph.Node
            .Where(node => node.OpType == "Transpose" && node.Attribute is [{ Name: "perm" } order] && order.Ints.SequenceEqual([1L, 0L]))
            .ToDictionary(node => node.Output[0]);
        foreach (NodeProto node in graph.Node.Where(node => node.OpType == "Gemm"))
        {
            if (!swaps.TryGetValue(node.Input[1], out NodeProto? swap)) continue;
            AttributeProto? flag = node.Attribute.FirstOrDefault(attribute => attribute.Name == "transB");
            if (flag is null) node.Attribute.Add(flag = ((AttributeValue)0).Named("transB"));
            flag.I = 1 - flag.I;
            node.Input[1] = swap.Input[0];
        }
    }

    private static void DropUnused(GraphProto graph)
    {
        var needed = graph.Output.Select(output => output.Name).ToHashSet();
        foreach (NodeProto node in graph.Node.Reverse())
        {
            if (node.Output.Any(needed.Contains)) needed.UnionWith(node.Input);
        }

        RemoveWhere(graph, node => !node.Output.Any(needed.Contains));
        TensorProto[] kept = [.. graph.Initializer.Where(tensor => needed.Contains(tensor.Name))];
        graph.Initializer.Clear();
        graph.Initializer.AddRange(kept);
    }

    private static void RemoveWhere(GraphProto graph, Func<NodeProto, bool> unwanted)
    {
        NodeProto[] kept = [.. graph.Node.Where(node => !unwanted(node))];
        graph.Node.Clear();
        graph.Node.AddRange(kept);
    }
}
