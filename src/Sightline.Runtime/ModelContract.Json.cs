using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sightline.Imaging;

namespace Sightline.Runtime;

/// <content>As JSON, by hand: no reflection, so that it can be trimmed.</content>
public sealed partial record ModelContract
{
    /// <summary>The text that stands under <see cref="MetadataKey"/>.</summary>
    /// <returns>One JSON object.</returns>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("task", Task);
            json.WriteString("network", Network);
            json.WriteStartArray("classes");
            foreach (string name in Classes)
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WritePropertyName("preprocessing");
            Preprocessing.WriteJson(json);
            json.WriteString("input", Input);
            json.WriteString("output", Output);
            json.WriteString("runFingerprint", RunFingerprint);
            json.WriteString("checkpoint", Checkpoint);
            if (Decision is { } decision)
            {
                json.WriteStartObject("decision");
                Numbers(json, "prior", decision.Prior);
                Numbers(json, "learntPrior", decision.LearntPrior);
                Numbers(json, "weights", decision.Weights);
                Numbers(json, "offsets", decision.Offsets);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="text">The JSON text.</param>
    /// <param name="name">What to call the model in an error.</param>
    /// <returns>The contract.</returns>
    /// <exception cref="BadInputException">The text is no contract (<c>contract-invalid</c>, <c>preprocessing-invalid</c>), or one of a later version (<c>contract-version</c>).</exception>
    public static ModelContract FromJson(string text, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            JsonElement json = document.RootElement;
            int version = json.GetProperty("version").GetInt32();
            if (version != CurrentVersion)
            {
                throw new BadInputException(
                    "contract-version", $"The model's contract has version {version}; version {CurrentVersion} can be read.", name, fix: "Use the version of Sightline that exported it, or export it again.");
            }
            string[] classes = [.. json.GetProperty("classes").EnumerateArray().Select(c => c.GetString() ?? "")];
            string task = Text(json, "task");
            if (task != ClassificationTask)
                throw new BadInputException("contract-invalid", $"The model's task is '{task}'; only '{ClassificationTask}' is known.", name);
            if (classes.Length == 0 || classes.Any(string.IsNullOrEmpty) || classes.Distinct().Count() != classes.Length)
                throw new BadInputException("contract-invalid", "The model's class names are missing, empty or not distinct.", name);
            return new ModelContract(
                version, task, Text(json, "network"), classes, Preprocessing.FromJson(json.GetProperty("preprocessing"), name),
                Text(json, "input"), Text(json, "output"), Text(json, "runFingerprint"), Text(json, "checkpoint"))
            {
                Decision = json.TryGetProperty("decision", out JsonElement decision) && decision.ValueKind != JsonValueKind.Null ? DecisionOf(decision, classes.Length) : null,
            };
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new BadInputException("contract-invalid", $"The model's contract cannot be read: {problem.Message}", name, fix: "Export the model again.", inner: problem);
        }
    }

    private static ContractDecision DecisionOf(JsonElement json, int classes) => new(
        Numbers(json, "prior", classes), Numbers(json, "learntPrior", classes), Numbers(json, "weights", classes), Numbers(json, "offsets", classes) ?? throw new FormatException("'offsets' is null."));

    private static double[]? Numbers(JsonElement json, string member, int classes)
    {
        JsonElement list = json.GetProperty(member);
        if (list.ValueKind == JsonValueKind.Null)
            return null;
        double[] numbers = [.. list.EnumerateArray().Select(n => n.GetDouble())];
        return numbers.Length == classes ? numbers : throw new FormatException($"'{member}' holds {numbers.Length} numbers for {classes} classes.");
    }

    private static void Numbers(Utf8JsonWriter json, string member, IReadOnlyList<double>? numbers)
    {
        if (numbers is null)
        {
            json.WriteNull(member);
            return;
        }
        json.WriteStartArray(member);
        foreach (double number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static string Text(JsonElement json, string member) => json.GetProperty(member).GetString() ?? throw new FormatException($"'{member}' is null.");
}
