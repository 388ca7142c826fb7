using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>Which differences between a file and a network are accepted. Each is an error unless allowed.</summary>
public sealed record WeightLoadOptions
{
    /// <summary>Everything has to fit.</summary>
    public static WeightLoadOptions Strict { get; } = new();

    /// <summary>Whether the network may have tensors that the file lacks; they keep their values.</summary>
    public bool AllowMissing { get; init; }

    /// <summary>Whether the file may have tensors that the network lacks; they are left out.</summary>
    public bool AllowUnexpected { get; init; }

    /// <summary>Whether tensors of one name may differ in shape (the classifier of another number of classes); they keep their values.</summary>
    public bool AllowMisshaped { get; init; }

    /// <summary>Tensors of the network that may differ in any of the three ways, unreported (a classifier layer for other classes); null for none.</summary>
    public Func<string, bool>? MayDiffer { get; init; }

    /// <summary>The network's name for a tensor of the file, or null for one that is none of the network's; without it, names are taken as they are.</summary>
    public Func<string, string?>? Rename { get; init; }
}

/// <summary>A tensor whose shape or kind of number differs between file and network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Expected">What the network has, e.g. <c>[10, 64] float</c>.</param>
/// <param name="Found">What the file has.</param>
public sealed record MisshapedTensor(string Name, string Expected, string Found);

/// <summary>What came out of a weight file.</summary>
public sealed record WeightLoadReport
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary><c>safetensors</c> or <c>pth</c>.</summary>
    public required string Format { get; init; }

    /// <summary>Names of the tensors that were set.</summary>
    public required IReadOnlyList<string> Loaded { get; init; }

    /// <summary>Names that the network has and the file lacks. Counters of BatchNorm (<c>num_batches_tracked</c>) are not counted: files
    /// from before 2018 have none; they are set to 0.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Names that the file has and the network lacks.</summary>
    public required IReadOnlyList<string> Unexpected { get; init; }

    /// <summary>Tensors that differ in shape.</summary>
    public required IReadOnlyList<MisshapedTensor> Misshaped { get; init; }

    /// <summary>What did not fit and was allowed, in words: one item for each kind, with up to five tensors and their shapes.</summary>
    public required IReadOnlyList<string> Differences { get; init; }

    /// <summary>The file's metadata.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
}

/// <summary>Weight files of a module: safetensors, and PyTorch's <c>.pth</c> read without executing anything in them.</summary>
public static class WeightFile
{
    private const string BatchNormCounter = "num_batches_tracked";

    /// <summary>Sets a module's parameters and buffers from a file. All or nothing: on an error the module is as it was.</summary>
    /// <param name="module">The module; half-precision weights are widened to its type.</param>
    /// <param name="path">A safetensors or <c>.pth</c> file; told apart by content, not by name.</param>
    /// <param name="options">What may differ; null allows nothing.</param>
    /// <returns>What was loaded, and what did not fit.</returns>
    /// <exception cref="BadInputException">The file is missing (<c>weights-missing</c>) or damaged (<c>weights-damaged</c>), wants to
    /// run code (<c>weights-unsafe</c>), or belongs to another network (<c>weights-mismatch</c>: the message names the tensors).</exception>
    public static WeightLoadReport Load(nn.Module module, string path, WeightLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        using StoredWeights stored = Read(path);
        return Load(module, stored, path, options);
    }

    /// <summary>Reads all tensors of a safetensors or <c>.pth</c> file.</summary>
    /// <param name="path">The file; told apart by content, not by name.</param>
    /// <returns>The tensors; dispose it to free them.</returns>
    /// <exception cref="BadInputException">As for <see cref="Load(nn.Module, string, WeightLoadOptions?)"/>.</exception>
    public static StoredWeights Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using FileStream stream = Open(path);
        return PthFile.Recognises(stream) ? PthFile.Read(stream, path) : Safetensors.Read(stream, path);
    }

    /// <summary>Which format a file has, by its first bytes; nothing is read beyond them.</summary>
    /// <param name="path">The file.</param>
    /// <returns><c>safetensors</c>, <c>pth</c>, or null when it begins as neither.</returns>
    /// <exception cref="BadInputException">The file is missing (<c>weights-missing</c>).</exception>
    public static string? FormatOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using FileStream stream = Open(path);
        return PthFile.Recognises(stream) ? "pth" : SafetensorsHeader.Recognises(stream) ? "safetensors" : null;
    }

    /// <summary>Writes a module's parameters and buffers as safetensors, whole or not at all.</summary>
    /// <param name="module">The module.</param>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="metadata">Strings to keep beside the weights.</param>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public static void Save(nn.Module module, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        Safetensors.Write(path, module.state_dict(), metadata);
    }

    /// <summary>Sets a module's parameters and buffers from tensors that were read. All or nothing: on an error the module is as it was.</summary>
    /// <param name="module">The module.</param>
    /// <param name="stored">The tensors.</param>
    /// <param name="path">The file that they are from, for errors and the report.</param>
    /// <param name="options">What may differ; null allows nothing.</param>
    /// <returns>What was loaded, and what did not fit.</returns>
    /// <exception cref="BadInputException">The tensors are of another network (<c>weights-mismatch</c>: the message names them).</exception>
    public static WeightLoadReport Load(nn.Module module, StoredWeights stored, string path, WeightLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(stored);
        options ??= WeightLoadOptions.Strict;
        Dictionary<string, Tensor> wanted = module.state_dict();
        Dictionary<string, Tensor> given = Named(stored, path, options);
        bool Compared(string name) => options.MayDiffer?.Invoke(name) != true;
        var missing = wanted.Keys.Where(n => !given.ContainsKey(n) && !n.EndsWith(BatchNormCounter, StringComparison.Ordinal) && Compared(n)).ToList();
        var unexpected = given.Keys.Where(n => !wanted.ContainsKey(n) && Compared(n)).ToList();
        var misshaped = new List<MisshapedTensor>();
        var fitting = new List<string>();
        foreach ((string name, Tensor target) in wanted)
        {
            if (!given.TryGetValue(name, out Tensor? source))
                continue;
            if (target.shape.SequenceEqual(source.shape) && target.is_floating_point() == source.is_floating_point())
                fitting.Add(name);
            else if (Compared(name))
                misshaped.Add(new(name, Describe(target), Describe(source)));
        }

        var problems = new List<string>();
        var allowed = new List<string>();
        void Tell(int count, bool allow, string what)
        {
            if (count > 0)
                (allow ? allowed : problems).Add(what);
        }
        Tell(missing.Count, options.AllowMissing, $"{missing.Count} missing ({Some([.. missing.Select(n => $"{n} {Describe(wanted[n])}")])})");
        Tell(unexpected.Count, options.AllowUnexpected, $"{unexpected.Count} unexpected ({Some([.. unexpected.Select(n => $"{n} {Describe(given[n])}")])})");
        Tell(misshaped.Count, options.AllowMisshaped, $"{misshaped.Count} of another shape ({Some([.. misshaped.Select(m => $"{m.Name}: {m.Found} in the file, {m.Expected} in the network")])})");
        if (problems.Count > 0)
        {
            throw new BadInputException("weights-mismatch", $"The file does not fit {module.GetName()}: {string.Join("; ", problems)}.", path,
                fix: "Take the network that the file was made with, or allow these differences.");
        }

        using IDisposable noGrad = no_grad();
        foreach (string name in fitting)
            wanted[name].copy_(given[name]);
        foreach ((string name, Tensor target) in wanted)
        {
            if (name.EndsWith(BatchNormCounter, StringComparison.Ordinal) && !given.ContainsKey(name))
                target.zero_();
        }
        return new()
        {
            Path = path,
            Format = stored.Format,
            Loaded = fitting,
            Missing = missing,
            Unexpected = unexpected,
            Misshaped = misshaped,
            Differences = allowed,
            Metadata = stored.Metadata,
        };
    }

    /// <summary>The file's tensors by the network's names.</summary>
    private static Dictionary<string, Tensor> Named(StoredWeights stored, string path, WeightLoadOptions options)
    {
        var named = new Dictionary<string, Tensor>();
        foreach ((string name, Tensor tensor) in stored.Tensors)
        {
            if ((options.Rename is null ? name : options.Rename(name)) is { } own && !named.TryAdd(own, tensor))
                throw new BadInputException("weights-mismatch", $"Two tensors of the file are '{own}' of the network.", path);
        }
        return named;
    }

    internal static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new BadInputException("weights-missing", Directory.Exists(path) ? "This is a folder, not a weight file." : exception.Message, path, inner: exception);
        }
    }

    private static string Describe(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}] {(tensor.is_floating_point() ? "float" : "integer")}";

    private static string Some(IReadOnlyList<string> names) => names.Count <= 5
        ? string.Join(", ", names)
        : string.Join(", ", names.Take(5)) + $" and {names.Count - 5} more";
}
