using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Sightline.Onnx.Graph;

/// <summary>Initializers as numbers, and numbers as initializers.</summary>
internal static class Tensors
{
    /// <summary>The numbers of a float32 initializer.</summary>
    /// <param name="tensor">The initializer.</param>
    /// <returns>Its elements, row-major.</returns>
    /// <exception cref="BadInputException">It holds no float32, or not as many as its sizes say, or keeps them in another file.</exception>
    public static float[] Floats(TensorProto tensor)
    {
        long count = tensor.Dims.Aggregate(1L, (product, size) => checked(product * size));
        float[] values = tensor.RawData.Length > 0 ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];
        return (DataType)tensor.DataType == DataType.Float && values.LongLength == count
            ? values
            : throw new BadInputException("onnx-weights", $"The weights '{tensor.Name}' are {(DataType)tensor.DataType} with {values.Length} numbers where {count} of float32 are expected.", fix: "Export the model again, in float32 and in one file.");
    }

    /// <summary>An initializer.</summary>
    /// <typeparam name="T">The element's type, as wide as <paramref name="type"/>.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="sizes">Its sizes.</param>
    /// <param name="values">Its elements, row-major.</param>
    /// <returns>The schema's message.</returns>
    public static TensorProto Of<T>(string name, DataType type, IEnumerable<long> sizes, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)) };
        tensor.Dims.AddRange(sizes);
        return tensor;
    }

    /// <summary>An operator.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="name">Its name.</param>
    /// <param name="inputs">What it takes.</param>
    /// <param name="output">What it gives.</param>
    /// <param name="axis">Its attribute <c>axis</c>; null without.</param>
    /// <returns>The schema's message.</returns>
    public static NodeProto Node(string type, string name, IEnumerable<string> inputs, string output, int? axis = null)
    {
        var node = new NodeProto { OpType = type, Name = name };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        if (axis is int along)
            node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = along });
        return node;
    }

    /// <summary>An integer attribute.</summary>
    /// <param name="node">The operator.</param>
    /// <param name="name">The attribute's name.</param>
    /// <param name="otherwise">Its value where it isn't there.</param>
    /// <returns>The value.</returns>
    public static long Int(NodeProto node, string name, long otherwise) => node.Attribute.FirstOrDefault(a => a.Name == name)?.I ?? otherwise;
}
