using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sightline.Bench;

/// <summary>Results that come cell by cell, in <c>bench/results/NAME.json</c>: a long benchmark can be cut anywhere and gone on with.</summary>
internal static class ResultCells
{
    /// <summary>The cells that have run.</summary>
    /// <param name="name">The benchmark's name.</param>
    /// <returns>Cell by id.</returns>
    public static SortedDictionary<string, JsonObject> Read(string name)
    {
        string path = Path.Combine(Timings.Root, "bench", "results", name + ".json");
        var cells = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        if (File.Exists(path) && JsonNode.Parse(File.ReadAllText(path))?["cells"] is JsonObject known)
        {
            foreach ((string id, JsonNode? cell) in known)
                cells[id] = cell!.DeepClone().AsObject();
        }
        return cells;
    }

    /// <summary>Writes all cells, and what follows from them.</summary>
    /// <param name="name">The benchmark's name.</param>
    /// <param name="command">The command that reproduces it.</param>
    /// <param name="cells">Cell by id.</param>
    /// <param name="summary">Writes what follows from the cells.</param>
    public static void Save(string name, string command, SortedDictionary<string, JsonObject> cells, Action<Utf8JsonWriter> summary) =>
        Timings.Save(name, command, json =>
        {
            summary(json);
            json.WriteStartObject("cells");
            foreach ((string id, JsonObject cell) in cells)
            {
                json.WritePropertyName(id);
                cell.WriteTo(json);
            }
            json.WriteEndObject();
        });
}
