using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>
/// Reads and writes safetensors files (huggingface/safetensors, format as of version 0.4): weights, optimiser states, counters and
/// random states, each with its name, and a map of strings.
/// </summary>
public static class Safetensors
{
    /// <summary>Reads all tensors.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The tensors and the metadata; dispose it to free them.</returns>
    /// <exception cref="BadInputException">The file is missing (<c>weights-missing</c>), or not a whole, consistent safetensors file
    /// (<c>weights-damaged</c>).</exception>
    public static StoredWeights Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using FileStream stream = WeightFile.Open(path);
        return Read(stream, path);
    }

    /// <summary>Reads all tensors from a stream.</summary>
    /// <param name="stream">A stream with a length, at its start.</param>
    /// <param name="path">What to call it in errors.</param>
    /// <returns>The tensors and the metadata; dispose it to free them.</returns>
    /// <exception cref="BadInputException">It is not a whole, consistent safetensors file (<c>weights-damaged</c>).</exception>
    public static StoredWeights Read(Stream stream, string path)
    {
        ArgumentNullException.ThrowIfNull(stream);
        SafetensorsHeader header = SafetensorsHeader.Read(stream, path);
        var tensors = new Dictionary<string, Tensor>();
        using DisposeScope scope = NewDisposeScope();
        // In the order of the file, so that it is read once from front to back.
        foreach (SafetensorsEntry entry in header.Entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.End - entry.Begin > int.MaxValue)
                throw new BadInputException("weights-too-large", $"'{entry.Name}' has {entry.End - entry.Begin} bytes; one tensor may have 2 GB.", path);
            Tensor tensor = empty(entry.Shape, entry.Type);
            if (entry.End > entry.Begin)
                stream.ReadExactly(tensor.bytes);
            tensors[entry.Name] = tensor;
        }
        foreach (Tensor tensor in tensors.Values)
            tensor.DetachFromDisposeScope();
        return new(header.Entries.Select(e => KeyValuePair.Create(e.Name, tensors[e.Name])), header.Metadata);
    }

    /// <summary>Reads only the map of strings; touches no torch.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The metadata; empty when the file has none.</returns>
    /// <exception cref="BadInputException">As for <see cref="Read(string)"/>.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using FileStream stream = WeightFile.Open(path);
        return SafetensorsHeader.Read(stream, path).Metadata;
    }

    /// <summary>Writes a file whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">Names and tensors: of any layout and device; each is written row-major, in its own type.</param>
    /// <param name="metadata">Strings to keep beside them.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or a tensor has a type the format lacks.</exception>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, stream => Write(stream, tensors, metadata));

    /// <summary>Writes to a stream. Equal content gives equal bytes.</summary>
    /// <param name="stream">Where to write.</param>
    /// <param name="tensors">Names and tensors, as for <see cref="Write(string, IEnumerable{KeyValuePair{string, Tensor}}, IReadOnlyDictionary{string, string}?)"/>.</param>
    /// <param name="metadata">Strings to keep beside them.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or a tensor has a type the format lacks.</exception>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        var byName = new Dictionary<string, Tensor>(tensors);
        SafetensorsHeader header = SafetensorsHeader.Layout(
            byName.Select(t => (t.Key, t.Value.dtype, t.Value.shape)), metadata ?? new Dictionary<string, string>());
        header.Write(stream);
        foreach (SafetensorsEntry entry in header.Entries)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            Tensor tensor = byName[entry.Name].detach().cpu().contiguous();
            if (entry.End > entry.Begin)
                stream.Write(tensor.bytes);
        }
    }
}
