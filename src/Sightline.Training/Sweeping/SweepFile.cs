using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Training.Sweeping;

/// <summary>
/// <c>sweep.json</c>: the plan, and how each trial stands. Written whole after every change, so that a sweep killed at any moment goes
/// on. What a trial reached stands in it for people; a sweep that goes on reads it from the run folders.
/// </summary>
public static class SweepFile
{
    /// <summary>The version of the layout.</summary>
    public const int Version = 1;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="folder">The sweep's folder.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="results">Each trial with its epochs.</param>
    public static void Write(SweepFolder folder, SweepPlan plan, IReadOnlyList<TrialResult> results)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(plan);
        var root = new JsonObject
        {
            ["version"] = Version,
            ["method"] = RecipeShape.Kebab(plan.Method.ToString()),
            ["over"] = new JsonArray([.. plan.Over.Select(o => (JsonNode)o.ToString())]),
            ["trialsAsked"] = plan.Trials,
            ["seed"] = plan.Seed,
            ["eta"] = plan.Eta,
            ["minEpochs"] = plan.MinEpochs,
            ["precision"] = plan.Precision is { } decided ? RecipeShape.Kebab(decided.ToString()) : null,
            ["recipePath"] = plan.RecipePath is { } path ? Path.GetFullPath(path) : null,
            ["recipe"] = RecipeFile.Text(plan.Recipe),
            ["trials"] = new JsonArray([.. results.Select(r => (JsonNode)Of(r))]),
        };
        AtomicFile.WriteText(folder.State, root.ToJsonString(Indented) + "\n");
    }

    /// <summary>Reads the file.</summary>
    /// <param name="folder">The sweep's folder.</param>
    /// <returns>The plan, and how each trial stood.</returns>
    /// <exception cref="BadInputException">There is none (<c>sweep-missing</c>), or it was changed or is of another version (<c>sweep-file</c>).</exception>
    public static (SweepPlan Plan, IReadOnlyList<TrialRecord> Trials) Read(SweepFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        folder.RequireSweep();
        try
        {
            JsonNode root = JsonNode.Parse(File.ReadAllText(folder.State))!;
            if ((int)root["version"]! != Version)
                throw new BadInputException("sweep-file", $"The file is of version {root["version"]}, and this program reads version {Version}.", folder.State, fix: "Go on with the version that began the sweep.");
            string? recipePath = (string?)root["recipePath"];
            var plan = new SweepPlan
            {
                Recipe = RecipeFile.Parse((string)root["recipe"]!, folder.State),
                RecipePath = recipePath,
                Over = ValueList.Create<SweptValues>([.. root["over"]!.AsArray().Select(o => SweptValues.Parse((string)o!))]),
                Method = Choice<SweepMethod>((string)root["method"]!),
                Trials = (int?)root["trialsAsked"],
                Seed = (ulong)root["seed"]!,
                Eta = (int)root["eta"]!,
                MinEpochs = (int?)root["minEpochs"],
                Precision = (string?)root["precision"] is { } precision ? Choice<PrecisionChoice>(precision) : null,
            };
            IReadOnlyList<Trial> trials = plan.Choose();
            JsonArray stood = root["trials"]!.AsArray();
            if (stood.Count != trials.Count || stood.Zip(trials).Any(p => (string?)p.First!["name"] != p.Second.Name || Values(p.First) != p.Second.Description))
                throw new BadInputException("sweep-file", "Its trials are not those that its plan gives; it was changed.", folder.State, fix: "Undo the change, or sweep anew in another folder.");
            return (plan, [.. stood.Zip(trials, (s, t) => new TrialRecord(t, Choice<TrialState>((string)s!["state"]!), (int)s["epochs"]!, (string?)s["message"]))]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or NullReferenceException or ArgumentException)
        {
            throw new BadInputException("sweep-file", $"The file cannot be read as a sweep's: {exception.Message}", folder.State, fix: "Undo the change, or sweep anew in another folder.", inner: exception);
        }
    }

    private static JsonObject Of(TrialResult result) => new()
    {
        ["name"] = result.Trial.Name,
        ["values"] = new JsonObject(result.Trial.Values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value))),
        ["state"] = RecipeShape.Kebab(result.State.ToString()),
        ["epochs"] = result.Record.Epochs,
        ["bestTop1"] = result.Best?.ValTop1,
        ["bestEpoch"] = result.Best?.Epoch,
        ["valLoss"] = result.Best?.ValLoss is double loss && double.IsFinite(loss) ? loss : null,
        ["seconds"] = Math.Round(result.Seconds, 3),
        ["message"] = result.Record.Message,
    };

    private static string Values(JsonNode trial) => string.Join(' ', trial["values"]!.AsObject().Select(v => $"{v.Key}={(string?)v.Value}"));

    private static T Choice<T>(string text)
        where T : struct, Enum => Enum.GetValues<T>().First(v => RecipeShape.Kebab(v.ToString()) == text);
}
