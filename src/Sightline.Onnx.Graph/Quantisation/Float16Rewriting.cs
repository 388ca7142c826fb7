using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Sightline.Onnx.Graph;

/// <summary>Writes a float32 model with weights and values of 16 bits; what goes in and comes out stays float32.</summary>
/// <remarks>Half the bytes, and half the time where the hardware reckons in it. A processor without such arithmetic casts back and forth, and is slower.</remarks>
public static class Float16Rewriting
{
    private const float Largest = 65504;

    // Inputs that the operator wants in float32 whatever its values are.
    private static readonly Dictionary<string, int[]> alwaysFloat = new() { ["Resize"] = [1, 2], ["Upsample"] = [1] };

    /// <summary>Rewrites a model.</summary>
    /// <param name="file">The model, in float32.</param>
    /// <returns>The model in float16.</returns>
    /// <exception cref="BadInputException">It is quantised (<c>quantise-twice</c>), or a weight is too large for 16 bits (<c>float16-range</c>).</exception>
    public static OnnxFile Rewrite(OnnxFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.Nodes.Any(n => n.Operator is "QuantizeLinear" or "DequantizeLinear"))
            throw new BadInputException("quantise-twice", "The model is quantised already.", fix: "Give the float32 model that it came from.");
        ModelProto model = file.Model.Clone();
        GraphProto graph = model.Graph;
        Convert(graph);
        foreach (AttributeProto attribute in graph.Node.SelectMany(n => n.Attribute))
            Convert(attribute);
        foreach (NodeProto cast in graph.Node.Where(n => n.OpType == "Cast"))
        {
            if (cast.Attribute.FirstOrDefault(a => a.Name == "to") is { } to && (DataType)to.I == DataType.Float)
                to.I = (long)DataType.Float16;
        }
        Border(graph);
        return OnnxFile.Parse(model.ToByteArray());
    }

    private static void Convert(GraphProto graph)
    {
        HashSet<string> kept = [.. graph.Node.SelectMany(n => (alwaysFloat.GetValueOrDefault(n.OpType) ?? []).Where(i => i < n.Input.Count).Select(i => n.Input[i]))];
        foreach (TensorProto tensor in graph.Initializer.Where(t => (DataType)t.DataType == DataType.Float && !kept.Contains(t.Name)))
            Convert(tensor);
    }

    private static void Convert(AttributeProto attribute)
    {
        if (attribute.T is { } tensor && (DataType)tensor.DataType == DataType.Float)
            Convert(tensor);
    }

    private static void Convert(TensorProto tensor)
    {
        float[] values = Tensors.Floats(tensor);
        if (values.FirstOrDefault(v => float.IsFinite(v) && Math.Abs(v) > Largest) is var large and not 0)
            throw new BadInputException("float16-range", $"'{tensor.Name}' holds {large}, and 16 bits reach to {Largest}.", fix: "Keep the model in float32, or quantise it to int8.");
        Half[] halves = [.. values.Select(v => (Half)v)];
        tensor.FloatData.Clear();
        tensor.DataType = (int)DataType.Float16;
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(halves.AsSpan()));
    }

    private static void Border(GraphProto graph)
    {
        var weights = graph.Initializer.Select(t => t.Name).ToHashSet();
        foreach (string input in graph.Input.Where(i => !weights.Contains(i.Name) && IsFloat(i)).Select(i => i.Name).ToArray())
        {
            foreach (NodeProto node in graph.Node)
                Rename(node.Input, input, $"{input}.half");
            graph.Node.Insert(0, Cast(input, $"{input}.half", DataType.Float16));
        }
        foreach (string output in graph.Output.Where(IsFloat).Select(o => o.Name).ToArray())
        {
            foreach (NodeProto node in graph.Node)
            {
                Rename(node.Output, output, $"{output}.half");
                Rename(node.Input, output, $"{output}.half");
            }
            graph.Node.Add(Cast($"{output}.half", output, DataType.Float));
        }
    }

    private static bool IsFloat(ValueInfoProto value) => (DataType)(value.Type?.TensorType?.ElemType ?? 0) == DataType.Float;

    private static NodeProto Cast(string from, string to, DataType type)
    {
        NodeProto node = Tensors.Node("Cast", $"{to}.Cast", [from], to);
        node.Attribute.Add(new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = (long)type });
        return node;
    }

    private static void Rename(Google.Protobuf.Collections.RepeatedField<string> names, string from, string to)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == from)
                names[i] = to;
        }
    }
}
