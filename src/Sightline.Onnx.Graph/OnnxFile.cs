using Google.Protobuf;
using Onnx;

namespace Sightline.Onnx.Graph;

/// <summary>An ONNX model file, read: what it takes and gives, what it holds, what was written into its metadata.</summary>
/// <remarks>Reads the schema only: no libtorch and no ONNX Runtime is loaded. Weights are not copied.</remarks>
public sealed class OnnxFile
{
    private readonly ModelProto model;

    /// <summary>The schema's message; not to be changed.</summary>
    internal ModelProto Model => model;

    private OnnxFile(ModelProto model)
    {
        this.model = model;
        OperatorSets = model.OpsetImport.GroupBy(set => set.Domain).ToDictionary(group => group.Key, group => group.Max(set => set.Version));
        Metadata = model.MetadataProps.GroupBy(entry => entry.Key).ToDictionary(group => group.Key, group => group.Last().Value);
        var initialized = model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        // Files of IR version 3 list weights among the inputs too.
        Inputs = [.. model.Graph.Input.Where(input => !initialized.Contains(input.Name)).Select(GraphValue.From)];
        Outputs = [.. model.Graph.Output.Select(GraphValue.From)];
        Initializers = [.. model.Graph.Initializer.Select(Initializer.From)];
        Nodes = [.. model.Graph.Node.Select(node => new GraphNode(node.OpType, node.Name, node.Domain, [.. node.Input], [.. node.Output]))];
    }

    /// <summary>The version of the file format.</summary>
    public long IrVersion => model.IrVersion;

    /// <summary>What wrote the file, e.g. <c>Sightline 0.1</c>.</summary>
    public string Producer => $"{model.ProducerName} {model.ProducerVersion}".Trim();

    /// <summary>Operator sets by domain; the domain of ONNX itself is empty.</summary>
    public IReadOnlyDictionary<string, long> OperatorSets { get; }

    /// <summary>The operator set of ONNX itself; 0 if the file names none.</summary>
    public long Opset => OperatorSets.GetValueOrDefault("", OperatorSets.GetValueOrDefault("ai.onnx"));

    /// <summary>The metadata's key-value pairs.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What has to be given, weights not among it.</summary>
    public IReadOnlyList<GraphValue> Inputs { get; }

    /// <summary>What comes out.</summary>
    public IReadOnlyList<GraphValue> Outputs { get; }

    /// <summary>Weights and other constants.</summary>
    public IReadOnlyList<Initializer> Initializers { get; }

    /// <summary>The operators in their order of execution.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>The operators whose outputs depend on what is given, in their order of execution.</summary>
    /// <returns>The operators; those that only reckon with constants are left out.</returns>
    public IReadOnlyList<GraphNode> DataPath()
    {
        var reached = Inputs.Select(input => input.Name).ToHashSet();
        var path = new List<GraphNode>();
        foreach (GraphNode node in Nodes.Where(node => node.Inputs.Any(reached.Contains)))
        {
            reached.UnionWith(node.Outputs);
            path.Add(node);
        }

        return path;
    }

    /// <summary>The part of a network that an operator belongs to, as its weights are named.</summary>
    /// <param name="node">The operator.</param>
    /// <returns>The path of the module, e.g. <c>layer1.0.conv1</c>; null for an operator without weights of a name.</returns>
    public string? ModuleOf(GraphNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        // Quantised weights reach the operator through a DequantizeLinear; what it gives is called after them.
        const string rounded = ".rounded", quantised = ".quantized";
        string? weight = node.Inputs.Select(input => input.EndsWith(rounded, StringComparison.Ordinal) ? input[..^rounded.Length] : input)
            .FirstOrDefault(input => input.Contains('.', StringComparison.Ordinal) && Initializers.Any(i => i.Name == input || i.Name == input + quantised));
        return weight?[..weight.LastIndexOf('.')];
    }

    /// <summary>The same model with some of its inner values among its outputs, for a runtime to show them.</summary>
    /// <param name="values">Names of values; those that are outputs already stay as they are.</param>
    /// <returns>The file's bytes; the new outputs carry no type, which runtimes infer.</returns>
    public byte[] WithOutputs(IEnumerable<string> values)
    {
        ModelProto copy = model.Clone();
        var outputs = copy.Graph.Output.Select(output => output.Name).ToHashSet();
        copy.Graph.Output.AddRange(values.Where(outputs.Add).Select(name => new ValueInfoProto { Name = name }));
        return copy.ToByteArray();
    }

    /// <summary>The same model with an entry of its metadata set.</summary>
    /// <param name="key">The entry's key.</param>
    /// <param name="value">Its value; replaces what stands there.</param>
    /// <returns>The model.</returns>
    public OnnxFile WithMetadata(string key, string value)
    {
        ModelProto copy = model.Clone();
        foreach (StringStringEntryProto entry in copy.MetadataProps.Where(entry => entry.Key == key).ToArray()) copy.MetadataProps.Remove(entry);
        copy.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return new OnnxFile(copy);
    }

    /// <summary>The file's bytes.</summary>
    /// <returns>The bytes.</returns>
    public byte[] ToBytes() => model.ToByteArray();

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its contents.</returns>
    /// <exception cref="BadInputException">It isn't there, or no ONNX model, or cut off.</exception>
    public static OnnxFile Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new BadInputException("onnx-missing", "the ONNX model can't be read: " + error.Message, path, inner: error);
        }

        return Parse(bytes, path);
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="path">Where they come from, for errors.</param>
    /// <returns>The file's contents.</returns>
    /// <exception cref="BadInputException">They are no ONNX model, or cut off.</exception>
    public static OnnxFile Parse(ReadOnlySpan<byte> bytes, string? path = null)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new BadInputException(
                "onnx-unreadable", $"this is not an ONNX model, or it is cut off ({error.Message})", path, fix: "Export it again.", inner: error);
        }

        // Protobuf reads almost anything, an empty file too: a model has a graph with outputs.
        if (model.Graph is null || model.Graph.Output.Count == 0)
            throw new BadInputException("onnx-unreadable", "this is not an ONNX model: it has no graph with outputs.", path, fix: "Export it again.");
        return new OnnxFile(model);
    }
}
