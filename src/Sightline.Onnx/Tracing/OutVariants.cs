namespace Sightline.Onnx.Tracing;

/// <summary>
/// Operators that write into a tensor given as <c>out</c> are traced under their plain names, with that tensor behind the arguments.
/// TorchSharp's <c>zero_()</c> is one (<c>zeros</c> with <c>out</c>). They become writes in place: <c>zeros_out_(out, …)</c>.
/// </summary>
internal static class OutVariants
{
    // Those that TorchSharp calls so. Without out, none of them ends in a tensor.
    private static readonly HashSet<string> operators =
    [
        .. new[] { "zeros", "ones", "empty", "full", "arange", "linspace", "logspace", "eye", "rand", "randn", "randint", "randperm", "amax", "amin" }
            .Select(name => $"aten::{name}"),
    ];

    /// <summary>Rewrites them.</summary>
    /// <param name="nodes">A trace's nodes.</param>
    /// <returns>The nodes, with each write into <c>out</c> as a write in place.</returns>
    public static IReadOnlyList<TraceNode> Rewrite(IReadOnlyList<TraceNode> nodes)
    {
        HashSet<long> tensors = [.. nodes.SelectMany(node => node.Outputs).Where(output => output.Shape is not null).Select(output => output.Id)];
        return [.. nodes.Select(node => operators.Contains(node.Operator) && node.Inputs.Count > 1 && tensors.Contains(node.Inputs[^1])
            ? node with { Operator = $"{node.Operator}_out_", Inputs = [node.Inputs[^1], .. node.Inputs.Take(node.Inputs.Count - 1)] }
            : node)];
    }
}
