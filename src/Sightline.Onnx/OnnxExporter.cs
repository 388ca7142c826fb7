using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Onnx;

/// <summary>What to export, and how.</summary>
public sealed record ExportOptions
{
    /// <summary>Shape of one sample without the batch dimension, e.g. <c>[3, 32, 32]</c>.</summary>
    public required IReadOnlyList<long> SampleShape { get; init; }

    /// <summary>Name of the graph's input.</summary>
    public string InputName { get; init; } = "images";

    /// <summary>Name of the graph's output.</summary>
    public string OutputName { get; init; } = "logits";

    /// <summary>The ONNX operator set, at least 17.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>Key-value pairs for the model's metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>What was exported.</summary>
/// <param name="Bytes">The model file.</param>
/// <param name="Nodes">How many ONNX nodes it has.</param>
/// <param name="AtenNodes">How many ATen nodes the trace had.</param>
/// <param name="MaxAbsDifference">Largest difference to torch on shapes that were not traced, batch 1 among them.</param>
public sealed record ExportedModel(byte[] Bytes, int Nodes, int AtenNodes, double MaxAbsDifference);

/// <summary>Exports any TorchSharp module to ONNX by tracing it.</summary>
public static class OnnxExporter
{
    /// <summary>Exports <paramref name="module"/> with a free batch dimension and checks the file in ONNX Runtime.</summary>
    /// <param name="module">The module in evaluation mode.</param>
    /// <param name="options">Shapes, names, metadata.</param>
    /// <returns>The checked model.</returns>
    /// <exception cref="OnnxExportException">The module does something that cannot be expressed; names the operator and the line.</exception>
    public static ExportedModel Export(nn.Module<Tensor, Tensor> module, ExportOptions options) => throw new NotImplementedException();
}

/// <summary>A module cannot be exported; the message names the operator and the user's line that called it.</summary>
public sealed class OnnxExportException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What cannot be exported, where, and what to do.</param>
    /// <param name="inner">The exception this one explains.</param>
    public OnnxExportException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
