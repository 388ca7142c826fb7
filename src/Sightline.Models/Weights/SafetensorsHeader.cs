using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>One tensor of a safetensors file: where it stands and what it is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its shape; empty for a single value.</param>
/// <param name="Begin">Its first byte, counted from the end of the header.</param>
/// <param name="End">The byte after its last.</param>
internal sealed record SafetensorsEntry(string Name, ScalarType Type, long[] Shape, long Begin, long End);

/// <summary>
/// The header of a safetensors file: eight bytes of length (little-endian), then JSON that gives each tensor's type, shape and place.
/// </summary>
/// <remarks>
/// The file is hostile until parsed: lengths are bounded before anything is allocated, shapes are multiplied with overflow checks, and
/// the tensors have to fill the data from the first byte to the last without gaps or overlaps, as the format demands.
/// </remarks>
internal sealed record SafetensorsHeader(IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata, long DataStart)
{
    // The format's own limit on a header.
    private const long LongestHeader = 100_000_000;
    private const int MostDimensions = 16;
    private const string MetadataKey = "__metadata__";

    private static readonly (string Name, ScalarType Type, int Size)[] Types =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    /// <summary>The format's name for a type, or null when it has none.</summary>
    public static string? NameOf(ScalarType type) => Array.Find(Types, t => t.Type == type).Name;

    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(ScalarType type) => Array.Find(Types, t => t.Type == type).Size;

    /// <summary>Whether a file begins as a safetensors file does: a length that a header can have, and the header's brace. Leaves the stream at its start.</summary>
    public static bool Recognises(Stream stream)
    {
        Span<byte> start = stackalloc byte[9];
        int read = stream.ReadAtLeast(start, 9, throwOnEndOfStream: false);
        stream.Position = 0;
        return read == 9 && start[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(start) <= LongestHeader;
    }

    /// <summary>Reads and checks the header; leaves the stream at the first byte of data.</summary>
    /// <exception cref="BadInputException">The file is not a whole, consistent safetensors file.</exception>
    public static SafetensorsHeader Read(Stream stream, string path)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.Length < 8)
            throw Damaged(path, $"the file has {stream.Length} bytes, a safetensors file at least 8.");
        stream.ReadExactly(prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > LongestHeader || (long)length > stream.Length - 8)
            throw Damaged(path, $"its header claims {length} bytes, but {Math.Min(LongestHeader, stream.Length - 8)} are the most there can be.");
        byte[] json = new byte[(int)length];
        stream.ReadExactly(json);

        var entries = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>();
        var names = new HashSet<string>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw Damaged(path, "its header is not a JSON object.");
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                    throw Damaged(path, $"'{property.Name}' stands in its header twice.");
                if (property.Name == MetadataKey)
                {
                    foreach (JsonProperty item in property.Value.EnumerateObject())
                        metadata[item.Name] = item.Value.GetString() ?? "";
                }
                else
                {
                    entries.Add(Entry(property.Name, property.Value, path));
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Damaged(path, "its header cannot be read: " + exception.Message, exception);
        }

        long dataStart = 8 + (long)length, at = 0;
        foreach (SafetensorsEntry entry in entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin != at)
                throw Damaged(path, $"'{entry.Name}' begins at byte {entry.Begin} of the data where byte {at} was expected: tensors overlap or leave a gap.");
            at = entry.End;
        }
        if (at != stream.Length - dataStart)
            throw Damaged(path, $"its tensors take {at} bytes, but {stream.Length - dataStart} follow the header.");
        return new(entries, metadata, dataStart);
    }

    /// <summary>Lays out tensors: widest types first, so that every tensor is aligned; otherwise in the order given.</summary>
    public static SafetensorsHeader Layout(IEnumerable<(string Name, ScalarType Type, long[] Shape)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var entries = new List<SafetensorsEntry>();
        long at = 0;
        foreach ((string name, ScalarType type, long[] shape) in tensors.OrderByDescending(t => SizeOf(t.Type)))
        {
            if (NameOf(type) is null)
                throw new ArgumentException($"'{name}' is {type}, which safetensors has no type for.");
            long end = at + shape.Aggregate(1L, (product, side) => product * side) * SizeOf(type);
            entries.Add(new(name, type, shape, at, end));
            at = end;
        }
        return new(entries, metadata, 0);
    }

    /// <summary>Writes length and JSON, padded with spaces to a multiple of 8 bytes.</summary>
    public void Write(Stream stream)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (Metadata.Count > 0)
            {
                json.WriteStartObject(MetadataKey);
                foreach ((string key, string value) in Metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            foreach (SafetensorsEntry entry in Entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", NameOf(entry.Type));
                json.WriteStartArray("shape");
                foreach (long side in entry.Shape)
                    json.WriteNumberValue(side);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(entry.Begin);
                json.WriteNumberValue(entry.End);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, buffer.Length);
        stream.Write(length);
        buffer.WriteTo(stream);
    }

    /// <summary>The error for a file that is not what it claims.</summary>
    public static BadInputException Damaged(string path, string what, Exception? inner = null) => new(
        "weights-damaged", "Not a usable safetensors file: " + what, path, fix: "Copy or download it again.", inner: inner);

    private static SafetensorsEntry Entry(string name, JsonElement value, string path)
    {
        string type = value.GetProperty("dtype").GetString() ?? "";
        (string? known, ScalarType scalarType, int size) = Array.Find(Types, t => t.Name == type);
        if (known is null)
            throw Damaged(path, $"'{name}' has the type '{type}'; known are {string.Join(", ", Types.Select(t => t.Name))}.");
        JsonElement sides = value.GetProperty("shape"), offsets = value.GetProperty("data_offsets");
        if (sides.GetArrayLength() > MostDimensions || offsets.GetArrayLength() != 2)
            throw Damaged(path, $"'{name}' has {sides.GetArrayLength()} dimensions and {offsets.GetArrayLength()} offsets; expected at most {MostDimensions}, and 2.");
        long[] shape = [.. sides.EnumerateArray().Select(s => s.GetInt64())];
        long begin = offsets[0].GetInt64(), end = offsets[1].GetInt64(), bytes = size;
        try
        {
            foreach (long side in shape)
                bytes = checked(bytes * (side >= 0 ? side : throw Damaged(path, $"'{name}' has a negative side in its shape.")));
        }
        catch (OverflowException exception)
        {
            throw Damaged(path, $"'{name}' has a shape whose size overflows: [{string.Join(", ", shape)}].", exception);
        }
        if (begin < 0 || end < begin || end - begin != bytes)
            throw Damaged(path, $"'{name}' of shape [{string.Join(", ", shape)}] takes {bytes} bytes, but its offsets are {begin} and {end}.");
        return new(name, scalarType, shape, begin, end);
    }
}
