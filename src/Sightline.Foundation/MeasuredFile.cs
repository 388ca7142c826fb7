using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sightline;

/// <summary>Numbers that were measured on this machine, kept in a file so that each is measured once.</summary>
/// <param name="path">The file; its folder is made when something is written.</param>
public sealed class MeasuredFile(string path)
{
    /// <summary>The numbers of a key: read, or measured and written.</summary>
    /// <param name="key">What they hold for: machine, versions, sizes.</param>
    /// <param name="names">The numbers that there have to be; where one is missing or not above 0, all are measured anew.</param>
    /// <param name="measure">Measures them.</param>
    /// <returns>The numbers by name.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public IReadOnlyDictionary<string, double> ReadOrMeasure(string key, IReadOnlyList<string> names, Func<IReadOnlyDictionary<string, double>> measure)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(measure);
        if (Read()[key] is JsonObject found && names.All(n => Number(found, n) is > 0))
            return names.ToDictionary(n => n, n => Number(found, n)!.Value);
        IReadOnlyDictionary<string, double> measured = measure();
        // Read again: others may have written while this was measured.
        JsonObject known = Read();
        var entry = new JsonObject();
        foreach ((string name, double number) in measured)
            entry[name] = number;
        known[key] = entry;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.WriteText(path, known.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
        return measured;
    }

    // A damaged file is measured anew: it holds nothing that cannot be had again.
    private JsonObject Read()
    {
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? [] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static double? Number(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue(out double number) ? number : null;
}
