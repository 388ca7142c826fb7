namespace Sightline.Onnx.Tracing;

/// <summary>One step of a forward pass: an operator, a constant, or the packing of a list.</summary>
/// <param name="Operator">Its name, e.g. <c>aten::add_</c>, <c>prim::Constant</c>.</param>
/// <param name="Inputs">Numbers of the values it takes.</param>
/// <param name="Outputs">The values it makes.</param>
/// <param name="Literal">A constant's text; null for tensors and for everything that is no constant.</param>
internal sealed record TraceNode(string Operator, IReadOnlyList<long> Inputs, IReadOnlyList<TraceValue> Outputs, string? Literal)
{
    /// <summary>The operator of a constant.</summary>
    public const string Constant = "prim::Constant";

    /// <summary>Whether it is an operator that computes, rather than a constant or a list.</summary>
    public bool Computes => !Operator.StartsWith("prim::", StringComparison.Ordinal);
}

/// <summary>A value of a trace.</summary>
/// <param name="Id">Its number, unique in the trace.</param>
/// <param name="Type">Its type: a tensor's element type as libtorch prints it (<c>Float</c>, <c>Long</c>), or <c>int</c>, <c>int[]</c>, ….</param>
/// <param name="Shape">A tensor's sizes; null for everything else.</param>
/// <param name="Strides">A tensor's strides in elements.</param>
internal sealed record TraceValue(long Id, string Type, long[]? Shape, long[]? Strides);

/// <summary>The line of the user's code that an operator was called from.</summary>
/// <param name="Method">Type and method.</param>
/// <param name="File">The source file, if known.</param>
/// <param name="Line">The 1-based line, or 0.</param>
internal sealed record SourceLine(string Method, string? File, int Line)
{
    /// <summary>As errors say it.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => File is null ? Method : $"{Method}, {Path.GetFileName(File)}:{Line}";
}
