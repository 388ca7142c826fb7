using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Sightline.Onnx.Writing;

/// <summary>
/// Builds an ONNX graph node by node. Every operator we emit is a pure function, so a node that stands there already is used again.
/// Names are counted, so that the same calls give the same bytes.
/// </summary>
/// <param name="opset">The ONNX operator set.</param>
internal sealed class GraphBuilder(int opset)
{
    private readonly GraphProto graph = new() { Name = "main" };
    private readonly Dictionary<string, string[]> emitted = [];
    private readonly Dictionary<string, string> constants = [];
    private readonly HashSet<string> names = [];
    private readonly Dictionary<string, int> counters = [];

    /// <summary>The operator set: some operators changed their form.</summary>
    public int Opset => opset;

    /// <summary>The graph so far.</summary>
    public GraphProto Graph => graph;

    /// <summary>Adds a node with one output.</summary>
    /// <param name="type">The ONNX operator.</param>
    /// <param name="inputs">Names; empty for an optional input left out.</param>
    /// <param name="attributes">Attributes.</param>
    /// <returns>The output's name.</returns>
    public string Emit(string type, IReadOnlyList<string> inputs, params (string Name, AttributeValue Value)[] attributes) =>
        Emit(type, 1, inputs, attributes)[0];

    /// <summary>Adds a node.</summary>
    /// <param name="type">The ONNX operator.</param>
    /// <param name="outputs">How many outputs.</param>
    /// <param name="inputs">Names; empty for an optional input left out.</param>
    /// <param name="attributes">Attributes.</param>
    /// <returns>The outputs' names.</returns>
    public string[] Emit(string type, int outputs, IReadOnlyList<string> inputs, params (string Name, AttributeValue Value)[] attributes)
    {
        var node = new NodeProto { OpType = type };
        node.Input.AddRange(inputs);
        node.Attribute.AddRange(attributes.Select(attribute => attribute.Value.Named(attribute.Name)));
        while (node.Input.Count > 0 && node.Input[^1].Length == 0) node.Input.RemoveAt(node.Input.Count - 1);
        string key = $"{outputs} {node}";
        if (emitted.TryGetValue(key, out string[]? known)) return known;
        node.Name = Fresh(type);
        string[] made = [.. Enumerable.Range(0, outputs).Select(i => outputs == 1 ? $"{node.Name}_out" : $"{node.Name}_out{i}")];
        node.Output.AddRange(made);
        graph.Node.Add(node);
        return emitted[key] = made;
    }

    /// <summary>A constant int64 vector.</summary>
    /// <param name="values">Its elements.</param>
    /// <returns>Its name.</returns>
    public string Int64s(params long[] values) =>
        Constant($"ints {string.Join(',', values)}", "ints", DataType.Int64, [values.Length], () => MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>A constant int64 without dimensions.</summary>
    /// <param name="value">Its value.</param>
    /// <returns>Its name.</returns>
    public string Int64(long value) =>
        Constant($"scalar {DataType.Int64} {value}", "scalar", DataType.Int64, [], () => BitConverter.GetBytes(value));

    /// <summary>A constant without dimensions.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="type">Its type.</param>
    /// <returns>Its name.</returns>
    public string Scalar(double value, DataType type) =>
        Constant(string.Create(CultureInfo.InvariantCulture, $"scalar {type} {value:R}"), "scalar", type, [], () => Bytes(value, type));

    /// <summary>A constant vector of equal elements.</summary>
    /// <param name="count">How many.</param>
    /// <param name="value">Their value.</param>
    /// <param name="type">Their type.</param>
    /// <returns>Its name.</returns>
    public string Filled(long count, double value, DataType type) =>
        Constant(
            string.Create(CultureInfo.InvariantCulture, $"filled {type} {count} {value:R}"), "filled", type, [count],
            () => [.. Enumerable.Repeat(Bytes(value, type), checked((int)count)).SelectMany(bytes => bytes)]);

    /// <summary>A constant matrix.</summary>
    /// <param name="values">Its elements.</param>
    /// <param name="type">Their type.</param>
    /// <returns>Its name.</returns>
    public string Matrix(double[,] values, DataType type) => Constant(
        string.Create(CultureInfo.InvariantCulture, $"matrix {type} {values.GetLength(0)} {string.Join(',', values.Cast<double>())}"), "matrix", type,
        [values.GetLength(0), values.GetLength(1)], () => [.. values.Cast<double>().SelectMany(value => Bytes(value, type))]);

    /// <summary>Adds an initializer.</summary>
    /// <param name="name">The name wished for; made unique.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="data">Little-endian, row-major.</param>
    /// <returns>The name it has.</returns>
    public string Initializer(string name, DataType type, IReadOnlyList<long> shape, ReadOnlySpan<byte> data) =>
        Add(names.Add(name) ? name : Fresh(name), type, shape, data);

    /// <summary>Adds a graph input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Element type.</param>
    /// <param name="dimensions">Sizes (long) or names of free dimensions (string).</param>
    public void Input(string name, DataType type, IReadOnlyList<object> dimensions)
    {
        if (!names.Add(name)) throw new ArgumentException($"The name {name} is taken.", nameof(name));
        graph.Input.Add(Describe(name, type, dimensions));
    }

    /// <summary>Adds a graph output.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">The value that becomes it.</param>
    /// <param name="type">Element type.</param>
    /// <param name="dimensions">Sizes (long) or names of free dimensions (string).</param>
    public void Output(string name, string value, DataType type, IReadOnlyList<object> dimensions)
    {
        if (!names.Add(name)) throw new ArgumentException($"The name {name} is taken.", nameof(name));
        var node = new NodeProto { OpType = "Identity", Name = Fresh("Output") };
        node.Input.Add(value);
        node.Output.Add(name);
        graph.Node.Add(node);
        graph.Output.Add(Describe(name, type, dimensions));
    }

    private string Add(string name, DataType type, IReadOnlyList<long> shape, ReadOnlySpan<byte> data)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        tensor.Dims.AddRange(shape);
        graph.Initializer.Add(tensor);
        return name;
    }

    private string Constant(string key, string name, DataType type, IReadOnlyList<long> shape, Func<byte[]> data)
    {
        if (constants.TryGetValue(key, out string? known)) return known;
        return constants[key] = Add(Fresh(name), type, shape, data());
    }

    private string Fresh(string prefix)
    {
        while (true)
        {
            int number = counters[prefix] = counters.GetValueOrDefault(prefix, -1) + 1;
            string name = $"{prefix}_{number}";
            if (names.Add(name)) return name;
        }
    }

    private static ValueInfoProto Describe(string name, DataType type, IReadOnlyList<object> dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (object dimension in dimensions)
        {
            shape.Dim.Add(dimension is string free
                ? new TensorShapeProto.Types.Dimension { DimParam = free }
                : new TensorShapeProto.Types.Dimension { DimValue = (long)dimension });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }

    private static byte[] Bytes(double value, DataType type) => type switch
    {
        DataType.Float => BitConverter.GetBytes((float)value),
        DataType.Double => BitConverter.GetBytes(value),
        DataType.Float16 => BitConverter.GetBytes((Half)value),
        DataType.Int64 => BitConverter.GetBytes((long)value),
        DataType.Int32 => BitConverter.GetBytes((int)value),
        DataType.Int16 => BitConverter.GetBytes((short)value),
        DataType.Int8 => [(byte)(sbyte)value],
        DataType.Uint8 => [(byte)value],
        DataType.Bool => [(byte)(value != 0 ? 1 : 0)],
        _ => throw new NotSupportedException($"constants of type {type}"),
    };
}
