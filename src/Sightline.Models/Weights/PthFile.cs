using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>
/// Reads the weight files of <c>torch.save</c>: the zip archives written since PyTorch 1.6 and the older bare pickles. Nothing in them
/// is executed (<see cref="PickleReader"/>).
/// </summary>
internal static class PthFile
{
    private const string RebuildTensor = "torch._utils._rebuild_tensor_v2";
    private const string RebuildParameter = "torch._utils._rebuild_parameter";

    // What torch.save writes before everything else in the older format.
    private static readonly BigInteger LegacyMagic = BigInteger.Parse("1950a86a20f9469cfc6c", System.Globalization.NumberStyles.HexNumber);
    private const long LegacyProtocol = 1001;
    private const int MostCopies = 4;
    private const int MostCompressed = 20;
    private const long LargestUnsuspected = 1 << 20;

    private static readonly Dictionary<string, ScalarType> Storages = new()
    {
        ["torch.DoubleStorage"] = ScalarType.Float64,
        ["torch.FloatStorage"] = ScalarType.Float32,
        ["torch.HalfStorage"] = ScalarType.Float16,
        ["torch.BFloat16Storage"] = ScalarType.BFloat16,
        ["torch.LongStorage"] = ScalarType.Int64,
        ["torch.IntStorage"] = ScalarType.Int32,
        ["torch.ShortStorage"] = ScalarType.Int16,
        ["torch.CharStorage"] = ScalarType.Int8,
        ["torch.ByteStorage"] = ScalarType.Byte,
        ["torch.BoolStorage"] = ScalarType.Bool,
    };

    private static readonly HashSet<string> Allowed =
        [.. Storages.Keys, RebuildTensor, RebuildParameter, "collections.OrderedDict", "torch.Size", "torch.device"];

    // Where training scripts put the weights among other things.
    private static readonly string[] StateKeys = ["state_dict", "model_state_dict", "model_state", "model", "net", "weights"];

    private sealed record StorageRef(string Key, ScalarType Type, long Count);

    private sealed record TensorRef(StorageRef Storage, long Offset, long[] Shape, long[] Strides);

    /// <summary>Whether the stream begins like either format; leaves it at its start.</summary>
    public static bool Recognises(Stream stream)
    {
        Span<byte> start = stackalloc byte[9];
        int read = stream.ReadAtLeast(start, 9, throwOnEndOfStream: false);
        stream.Position = 0;
        // A safetensors file begins with the length of its header, which can look like a pickle, and the header's brace.
        bool safetensors = read == 9 && start[8] == '{' && start[4..8].IndexOfAnyExcept((byte)0) < 0;
        return !safetensors && (start.StartsWith("PK\x03\x04"u8) || (start[0] == 0x80 && start[1] is >= 2 and <= 5));
    }

    /// <summary>Reads all tensors of the state dictionary.</summary>
    /// <exception cref="BadInputException">As for <see cref="WeightFile.Read(string)"/>.</exception>
    public static StoredWeights Read(Stream stream, string path)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        try
        {
            tensors = stream.ReadByte() == 'P' ? ReadZip(stream, path) : ReadLegacy(stream, path);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or InvalidCastException or OverflowException
            or IndexOutOfRangeException)
        {
            throw PickleReader.Damaged(path, "it ends early or does not make sense.", exception);
        }
        foreach (Tensor tensor in tensors.Values)
            tensor.DetachFromDisposeScope();
        return new(tensors, new Dictionary<string, string>()) { Format = "pth" };
    }

    private static Dictionary<string, Tensor> ReadZip(Stream stream, string path)
    {
        stream.Position = 0;
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        ZipArchiveEntry pickle = archive.Entries.FirstOrDefault(e => e.Name == "data.pkl" && e.FullName.Count(c => c == '/') == 1)
            ?? throw PickleReader.Damaged(path, "the archive has no data.pkl.");
        string root = pickle.FullName[..^"data.pkl".Length];
        if (archive.GetEntry(root + "byteorder") is ZipArchiveEntry order)
        {
            using var reader = new StreamReader(order.Open());
            if (reader.ReadLine() != "little")
                throw PickleReader.Damaged(path, "its numbers are big-endian.");
        }
        object? content;
        using (var pickleStream = new BufferedStream(pickle.Open(), 1 << 16))
            content = PickleReader.Read(pickleStream, path, Allowed);

        var storages = new Dictionary<string, Tensor>();
        return Build(StateOf(content, path), path, stream.Length, storage =>
        {
            if (storages.TryGetValue(storage.Key, out Tensor? known))
                return known;
            ZipArchiveEntry entry = archive.GetEntry(root + "data/" + storage.Key)
                ?? throw PickleReader.Damaged(path, $"the archive has no storage '{storage.Key}'.");
            // torch.save never compresses, others do, by little: weights are noise. What shrinks more is a bomb.
            if (entry.Length > LargestUnsuspected && entry.Length > MostCompressed * entry.CompressedLength)
                throw PickleReader.Damaged(path, $"storage '{storage.Key}' unpacks from {entry.CompressedLength} to {entry.Length} bytes.");
            if (entry.Length != checked(storage.Count * SafetensorsHeader.SizeOf(storage.Type)))
                throw PickleReader.Damaged(path, $"storage '{storage.Key}' has {entry.Length} bytes for {storage.Count} values.");
            using Stream data = entry.Open();
            return storages[storage.Key] = ReadStorage(data, storage, path);
        });
    }

    private static Dictionary<string, Tensor> ReadLegacy(Stream stream, string path)
    {
        stream.Position = 0;
        if (PickleReader.Read(stream, path, Allowed) is not BigInteger magic || magic != LegacyMagic
            || PickleReader.Read(stream, path, Allowed) is not LegacyProtocol)
        {
            throw PickleReader.Damaged(path, "it is a pickle, but not one that torch.save wrote.");
        }
        PickleReader.Read(stream, path, Allowed);  // what machine wrote it
        List<(string Name, TensorRef Tensor)> state = StateOf(PickleReader.Read(stream, path, Allowed), path);
        if (PickleReader.Read(stream, path, Allowed) is not List<object?> keys)
            throw PickleReader.Damaged(path, "it does not list its storages.");

        // The storages follow, each with its count; the pickle says of what type they are.
        var types = state.Select(s => s.Tensor.Storage).DistinctBy(s => s.Key).ToDictionary(s => s.Key);
        var storages = new Dictionary<string, Tensor>();
        Span<byte> count = stackalloc byte[8];
        foreach (object? key in keys)
        {
            if (!types.TryGetValue(key as string ?? "", out StorageRef? storage))
                throw PickleReader.Damaged(path, $"it has a storage '{key}' of unknown type.");
            stream.ReadExactly(count);
            if (BinaryPrimitives.ReadInt64LittleEndian(count) != storage.Count
                || checked(storage.Count * SafetensorsHeader.SizeOf(storage.Type)) > stream.Length - stream.Position)
            {
                throw PickleReader.Damaged(path, $"storage '{key}' is shorter than the {storage.Count} values it should have.");
            }
            storages[storage.Key] = ReadStorage(stream, storage, path);
        }
        return Build(state, path, stream.Length, storage => storages.TryGetValue(storage.Key, out Tensor? known)
            ? known
            : throw PickleReader.Damaged(path, $"it has no storage '{storage.Key}'."));
    }

    private static Tensor ReadStorage(Stream data, StorageRef storage, string path)
    {
        if (checked(storage.Count * SafetensorsHeader.SizeOf(storage.Type)) > int.MaxValue)
            throw new BadInputException("weights-too-large", $"storage '{storage.Key}' has more than 2 GB.", path);
        Tensor values = empty([storage.Count], storage.Type);
        if (storage.Count > 0)
            data.ReadExactly(values.bytes);
        return values;
    }

    private static Dictionary<string, Tensor> Build(List<(string Name, TensorRef Tensor)> state, string path, long fileLength, Func<StorageRef, Tensor> storageOf)
    {
        // Weights trained on several devices carry the wrapper's name; published files come so.
        const string wrapper = "module.";
        bool wrapped = state.Count > 0 && state.All(s => s.Name.StartsWith(wrapper, StringComparison.Ordinal));
        var tensors = new Dictionary<string, Tensor>();
        long total = 0;
        foreach ((string name, TensorRef tensor) in state)
        {
            long elements = 1, last = tensor.Offset;
            for (int i = 0; i < tensor.Shape.Length; i++)
            {
                if (tensor.Shape[i] < 0 || tensor.Strides[i] < 0)
                    throw PickleReader.Damaged(path, $"'{name}' has a negative side or stride.");
                elements = checked(elements * tensor.Shape[i]);
                last = checked(last + Math.Max(0, tensor.Shape[i] - 1) * tensor.Strides[i]);
            }
            if (tensor.Offset < 0 || elements > tensor.Storage.Count || (elements > 0 && last >= tensor.Storage.Count))
                throw PickleReader.Damaged(path, $"'{name}' reaches beyond its storage.");
            // Tensors may share a storage, as tied weights do; a thousand copies of one are not weights.
            total = checked(total + elements * SafetensorsHeader.SizeOf(tensor.Storage.Type));
            if (total > MostCopies * fileLength + LargestUnsuspected)
                throw PickleReader.Damaged(path, "its tensors are many times larger than the file.");
            Tensor values = storageOf(tensor.Storage).as_strided(tensor.Shape, tensor.Strides, tensor.Offset).clone().contiguous();
            if (!tensors.TryAdd(wrapped ? name[wrapper.Length..] : name, values))
                throw PickleReader.Damaged(path, $"'{name}' occurs twice.");
        }
        return tensors;
    }

    private static List<(string Name, TensorRef Tensor)> StateOf(object? content, string path)
    {
        if (content is not PickleDictionary root)
            throw NoState(path, "it does not hold a dictionary.");
        List<(string, TensorRef)> found = TensorsOf(root, path);
        if (found.Count > 0)
            return found;
        foreach (string key in StateKeys)
        {
            if (root.Items.FirstOrDefault(i => i.Key as string == key).Value is PickleDictionary inner && TensorsOf(inner, path) is { Count: > 0 } tensors)
                return tensors;
        }
        throw NoState(path, $"no weights stand under its keys {string.Join(", ", root.Items.Take(10).Select(i => i.Key))}.");
    }

    private static List<(string Name, TensorRef Tensor)> TensorsOf(PickleDictionary dictionary, string path)
    {
        var tensors = new List<(string, TensorRef)>();
        foreach ((object? key, object? value) in dictionary.Items)
        {
            if (key is string name && value is PickleCall call && TensorOf(call, path) is TensorRef tensor)
                tensors.Add((name, tensor));
        }
        return tensors;
    }

    private static TensorRef? TensorOf(PickleCall call, string path)
    {
        // A parameter wraps its tensor; only one deep, so that a hostile file cannot make this recurse.
        if (call.Function.ToString() == RebuildParameter)
            call = call.Arguments is [PickleCall data, ..] ? data : call;
        if (call.Function.ToString() != RebuildTensor)
            return null;
        // (storage, offset, size, strides, requires_grad, hooks); a storage is ("storage", type, key, location, count), in the older
        // format with a view beside it, which no file since 2017 uses.
        if (call.Arguments is not [PicklePersistent { Id: ["storage", PickleName type, string key, _, long count, ..] }, long offset, var size, var steps, ..]
            || ((PicklePersistent)call.Arguments[0]!).Id is [_, _, _, _, _, not null, ..]
            || count < 0
            || Longs(size) is not long[] shape
            || Longs(steps) is not long[] strides
            || shape.Length != strides.Length)
        {
            throw PickleReader.Damaged(path, "a tensor in it is not described as torch.save does.");
        }
        if (!Storages.TryGetValue(type.ToString(), out ScalarType scalarType))
            throw PickleReader.Damaged(path, $"it has a storage of type {type}.");
        return new(new(key, scalarType, count), offset, shape, strides);
    }

    private static long[]? Longs(object? tuple)
    {
        if (tuple is PickleCall { Function.Name: "Size", Arguments: [object?[] inner] })
            tuple = inner;
        return tuple is object?[] items && items.All(i => i is long) ? [.. items.Select(i => (long)i!)] : null;
    }

    private static BadInputException NoState(string path, string what) => new("weights-damaged", "No weights found: " + what, path,
        fix: "In PyTorch: torch.save(model.state_dict(), path).");
}
