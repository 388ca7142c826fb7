using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sightline.Models.Profiling;

/// <summary>The rooflines that were measured here, in a file: a machine is measured at first use.</summary>
public static class RooflineFile
{
    /// <summary>The roofline of this machine: read, or measured and written.</summary>
    /// <param name="folder">The folder of the file, made if it is missing.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <returns>The roofline.</returns>
    public static Roofline ReadOrMeasure(string folder, ProfilePrecision precision)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = Path.Combine(folder, "roofline.json"), key = Roofline.MachineKey(precision);
        JsonObject known = Read(path);
        if (known[key] is JsonObject found && Number(found, "macsPerSecond") is double macs and > 0 && Number(found, "bytesPerSecond") is double bytes and > 0)
            return new Roofline(key, macs, bytes);
        Roofline measured = Roofline.Measure(precision);
        known[key] = new JsonObject { ["macsPerSecond"] = measured.MacsPerSecond, ["bytesPerSecond"] = measured.BytesPerSecond };
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(path, known.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        return measured;
    }

    // A damaged file is measured anew: it holds nothing that cannot be had again.
    private static JsonObject Read(string path)
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
