using System.Text.Json;

namespace Sightline.Labs;

/// <summary>The results of a lab: one JSON file, written whole after each cell, so that a killed lab loses only the cell in work.</summary>
public sealed class LabResults
{
    private readonly List<LabRecord> records;

    private LabResults(string lab, IEnumerable<LabRecord> records) => (Lab, this.records) = (lab, [.. records]);

    /// <summary>The lab's name.</summary>
    public string Lab { get; }

    /// <summary>The cells that have run, in the order of their names' first appearance.</summary>
    public IReadOnlyList<LabRecord> Records => records;

    /// <summary>Reads the file; a missing file is an empty result.</summary>
    /// <param name="lab">The lab's name.</param>
    /// <param name="path">The file.</param>
    /// <returns>The results.</returns>
    /// <exception cref="BadInputException">The file is damaged or of another lab.</exception>
    public static LabResults Read(string lab, string path)
    {
        if (!File.Exists(path))
            return new LabResults(lab, []);
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            string found = document.RootElement.GetProperty("lab").GetString()!;
            if (found != lab)
                throw new BadInputException("lab-results-of-another", $"The file holds results of the lab '{found}', not '{lab}'.", path, fix: "Name another file with --out.");
            return new LabResults(lab, document.RootElement.GetProperty("cells").EnumerateArray().Select(ReadRecord));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new BadInputException("lab-results-damaged", $"The results cannot be read: {e.Message}", path, fix: "Restore it from git, or remove it and run the lab again.", inner: e);
        }
    }

    /// <summary>Adds or replaces a cell's result.</summary>
    /// <param name="record">The result.</param>
    public void Put(LabRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        int at = records.FindIndex(r => r.Id == record.Id);
        if (at >= 0)
            records[at] = record;
        else
            records.Add(record);
    }

    /// <summary>The result of a cell, or null.</summary>
    /// <param name="id">The cell.</param>
    /// <returns>The result.</returns>
    public LabRecord? Find(string id) => records.Find(r => r.Id == id);

    /// <summary>The values of a metric over the seeds of a group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="metric">The metric.</param>
    /// <returns>Its statistics, or null when no cell of the group has it.</returns>
    public SeedStatistics? Statistics(string group, string metric)
    {
        LabRecord[] of = [.. records.Where(r => r.Group == group && r.Metrics.ContainsKey(metric))];
        return of.Length == 0 ? null : new SeedStatistics(metric, [.. of.Select(r => r.Metrics[metric])], [.. of.Select(r => r.Seed)], of[^1].Machine.Line);
    }

    /// <summary>Writes the file.</summary>
    /// <param name="path">The file.</param>
    public void Write(string path) => AtomicFile.Write(path, stream =>
    {
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("lab", Lab);
            json.WriteStartArray("cells");
            foreach (LabRecord record in records)
                WriteRecord(json, record);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    });

    /// <summary>Writes one result as a JSON object.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="r">The result.</param>
    public static void WriteRecord(Utf8JsonWriter json, LabRecord r)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(r);
        json.WriteStartObject();
        json.WriteString("id", r.Id);
        json.WriteString("group", r.Group);
        json.WriteNumber("seed", r.Seed);
        json.WriteString("command", r.Command);
        WriteTexts(json, "setting", r.Setting);
        json.WriteStartObject("metrics");
        foreach ((string name, double value) in r.Metrics)
            json.WriteNumber(name, Rounded(value));
        json.WriteEndObject();
        json.WriteStartObject("curves");
        foreach ((string name, IReadOnlyList<double> values) in r.Curves)
        {
            // One line a curve: a lab of sixteen cells stays a file that can be read.
            json.WritePropertyName(name);
            json.WriteRawValue("[" + string.Join(", ", values.Select(v => Rounded(v).ToString("R", System.Globalization.CultureInfo.InvariantCulture))) + "]");
        }
        json.WriteEndObject();
        json.WriteString("precision", r.Precision);
        json.WriteNumber("seconds", Math.Round(r.Seconds, 1));
        if (r.PeakMemoryBytes is long peak)
            json.WriteNumber("peakMemoryBytes", peak);
        json.WriteString("finished", r.Finished);
        json.WriteStartObject("machine");
        json.WriteString("processor", r.Machine.Processor);
        json.WriteNumber("cores", r.Machine.Cores);
        json.WriteNumber("threads", r.Machine.Threads);
        json.WriteString("features", r.Machine.Features);
        json.WriteString("system", r.Machine.System);
        json.WriteEndObject();
        WriteTexts(json, "versions", r.Versions);
        json.WriteEndObject();
    }

    // Seven digits are more than any seed repeats.
    private static double Rounded(double value) => double.Parse(value.ToString("G7", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> texts)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in texts)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static LabRecord ReadRecord(JsonElement e) => new()
    {
        Id = e.GetProperty("id").GetString()!,
        Group = e.GetProperty("group").GetString()!,
        Seed = e.GetProperty("seed").GetUInt64(),
        Command = e.GetProperty("command").GetString()!,
        Setting = Texts(e.GetProperty("setting")),
        Metrics = e.GetProperty("metrics").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble()),
        Curves = e.GetProperty("curves").EnumerateObject().ToDictionary(p => p.Name, p => (IReadOnlyList<double>)[.. p.Value.EnumerateArray().Select(v => v.GetDouble())]),
        Precision = e.GetProperty("precision").GetString()!,
        Seconds = e.GetProperty("seconds").GetDouble(),
        PeakMemoryBytes = e.TryGetProperty("peakMemoryBytes", out JsonElement peak) ? peak.GetInt64() : null,
        Finished = e.GetProperty("finished").GetString()!,
        Machine = ReadMachine(e.GetProperty("machine")),
        Versions = Texts(e.GetProperty("versions")),
    };

    private static MachineFacts ReadMachine(JsonElement e) => new(
        e.GetProperty("processor").GetString()!, e.GetProperty("cores").GetInt32(), e.GetProperty("threads").GetInt32(),
        e.GetProperty("features").GetString()!, e.GetProperty("system").GetString()!);

    private static Dictionary<string, string> Texts(JsonElement e) => e.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
}
