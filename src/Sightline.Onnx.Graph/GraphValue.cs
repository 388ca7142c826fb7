using Onnx;
using static Onnx.TensorProto.Types;

namespace Sightline.Onnx.Graph;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">Element type as ONNX calls it, e.g. <c>Float</c>.</param>
/// <param name="Dimensions">Its dimensions, from the outermost.</param>
public sealed record GraphValue(string Name, string ElementType, IReadOnlyList<GraphDimension> Dimensions)
{
    /// <summary>As text, e.g. <c>images: Float [batch, 3, 32, 32]</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Name}: {ElementType} [{string.Join(", ", Dimensions)}]";

    internal static GraphValue From(ValueInfoProto info) => new(
        info.Name,
        ((DataType)(info.Type?.TensorType?.ElemType ?? 0)).ToString(),
        [.. (info.Type?.TensorType?.Shape?.Dim ?? []).Select(dimension => new GraphDimension(
            dimension.HasDimValue ? dimension.DimValue : null,
            dimension.HasDimParam ? dimension.DimParam : null))]);
}

/// <summary>One dimension: fixed, or free.</summary>
/// <param name="Size">The fixed size; null if free.</param>
/// <param name="Label">A free dimension's name, if it has one.</param>
public sealed record GraphDimension(long? Size, string? Label)
{
    /// <summary>Whether any size may be given.</summary>
    public bool IsFree => Size is null;

    /// <summary>The size, the name, or a question mark.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Size is { } size ? $"{size}" : Label ?? "?";
}

/// <summary>A weight or constant of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">Element type as ONNX calls it.</param>
/// <param name="Shape">Its sizes.</param>
public sealed record Initializer(string Name, string ElementType, IReadOnlyList<long> Shape)
{
    /// <summary>How many numbers it holds.</summary>
    public long Elements => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Its bytes, little-endian, row-major; empty if the file keeps them neither as bytes nor as a list of floats.</summary>
    public ReadOnlyMemory<byte> RawData { get; init; }

    internal static Initializer From(TensorProto tensor) =>
        new(tensor.Name, ((DataType)tensor.DataType).ToString(), [.. tensor.Dims])
        {
            RawData = tensor.RawData.Length == 0 && tensor.FloatData.Count > 0
                ? System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(tensor.FloatData.ToArray()).ToArray()
                : tensor.RawData.Memory,
        };
}

/// <summary>One operator of a graph.</summary>
/// <param name="Operator">Its type, e.g. <c>Conv</c>.</param>
/// <param name="Name">Its own name.</param>
/// <param name="Domain">Its domain; empty for ONNX itself.</param>
/// <param name="Inputs">Names of the values it takes; empty for one left out.</param>
/// <param name="Outputs">Names of the values it gives.</param>
public sealed record GraphNode(string Operator, string Name, string Domain, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);
