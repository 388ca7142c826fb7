using Google.Protobuf;
using Onnx;

namespace Sightline.Onnx.Writing;

/// <summary>Wraps a graph into a model file.</summary>
internal static class ModelWriter
{
    /// <summary>A protobuf message ends at 2 GiB; larger weights would need files of their own.</summary>
    private const long LargestFile = int.MaxValue;

    /// <summary>Serialises a model.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="opset">The operator set it is written for.</param>
    /// <param name="metadata">Key-value pairs; written in the order of their keys.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] Write(GraphProto graph, int opset, IReadOnlyDictionary<string, string> metadata)
    {
        if (graph.Initializer.Sum(tensor => (long)tensor.RawData.Length) > LargestFile)
            throw new OnnxExportException("the weights take more than 2 GiB, which one ONNX file can't hold.");
        var model = new ModelProto { IrVersion = IrVersion(opset), ProducerName = "Sightline", ProducerVersion = "0.1", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        model.MetadataProps.AddRange(metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new StringStringEntryProto { Key = pair.Key, Value = pair.Value }));
        return model.ToByteArray();
    }

    /// <summary>The format version that came with an operator set.</summary>
    private static long IrVersion(int opset) => opset switch
    {
        <= 18 => 8,
        <= 20 => 9,
        _ => 10,
    };
}
