using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>Named tensors read from a file, in the file's order, and what the file says of itself. Owns the tensors.</summary>
public sealed class StoredWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> tensors;

    internal StoredWeights(IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        this.tensors = new(tensors);
        Metadata = metadata;
    }

    /// <summary>The tensors by name, on the CPU, in the type that they were stored in.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => tensors;

    /// <summary>The file's format: <c>safetensors</c> or <c>pth</c>.</summary>
    public string Format { get; internal init; } = "safetensors";

    /// <summary>The file's own keys and values; empty for a <c>.pth</c> file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in tensors.Values)
            tensor.Dispose();
    }
}
