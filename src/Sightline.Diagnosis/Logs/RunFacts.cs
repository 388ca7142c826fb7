using System.Globalization;
using System.Text.Json;

namespace Sightline.Diagnosis;

/// <summary>What a run folder tells of a training beside its curves; what can't be read is not known.</summary>
internal static class RunFacts
{
    private const string Diverged = "diverged.json";

    internal static TrainingFacts Read(string folder, List<string> notes)
    {
        IReadOnlyDictionary<string, string> recipe = RecipeLines.Read(Path.Combine(folder, "recipe.yaml"));
        var facts = new TrainingFacts
        {
            BatchSize = Whole(recipe, "training.batchSize") * (Whole(recipe, "training.accumulation") ?? 1),
            PlannedEpochs = Whole(recipe, "training.epochs"),
            Augments = Augments(recipe),
            AugmentsStrongly = recipe.ContainsKey("augmentation") ? AugmentsStrongly(recipe) : null,
            Dropout = Largest(Number(recipe, "network.options.dropout"), Number(recipe, "network.options.spatialDropout"), Number(recipe, "network.options.stochasticDepth")),
            LearningRate = Number(recipe, "optimiser.learningRate"),
            WeightDecay = Number(recipe, "optimiser.weightDecay"),
            LabelSmoothing = Number(recipe, "loss.labelSmoothing"),
        };
        Document(folder, "environment.json", notes, root =>
        {
            JsonElement data = root.GetProperty("data");
            facts = facts with { Classes = data.GetProperty("classes").GetArrayLength(), TrainImages = data.GetProperty("train").GetInt32() };
            if (data.TryGetProperty("valByClass", out JsonElement validation))
                facts = facts with { ValidationImages = [.. validation.EnumerateArray().Select(c => c.GetInt32())] };
            // The hash is written when all is trained: until then the run goes on, or may.
            facts = facts with { Running = root.TryGetProperty("finalWeightsHash", out JsonElement hash) && hash.ValueKind == JsonValueKind.Null };
        });
        Document(folder, Diverged, notes, root => facts = facts with { Diverged = root.GetProperty("reason").GetString(), Running = false });
        return facts;
    }

    private static bool? Augments(IReadOnlyDictionary<string, string> recipe)
    {
        if (!recipe.ContainsKey("augmentation"))
            return null;
        return Number(recipe, "augmentation.pad") > 0 || Number(recipe, "augmentation.horizontalFlip") > 0 || recipe.GetValueOrDefault("augmentation.alternatingFlip") == "true"
            || AugmentsStrongly(recipe);
    }

    private static bool AugmentsStrongly(IReadOnlyDictionary<string, string> recipe) =>
        Array.Exists((string[])["randomResizedCrop", "colorJitter", "randAugment", "randomErasing", "mixUp", "cutMix"], k => recipe.GetValueOrDefault("augmentation." + k, "null") != "null");

    private static double? Largest(params double?[] values) => values.Max();

    private static double? Number(IReadOnlyDictionary<string, string> recipe, string key) =>
        double.TryParse(recipe.GetValueOrDefault(key), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    private static int? Whole(IReadOnlyDictionary<string, string> recipe, string key) =>
        int.TryParse(recipe.GetValueOrDefault(key), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : null;

    private static void Document(string folder, string name, List<string> notes, Action<JsonElement> read)
    {
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
            return;
        try
        {
            using FileStream file = LogText.Open(path);
            using JsonDocument document = JsonDocument.Parse(file);
            read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            notes.Add($"{name} is not as Sightline writes it; what it tells is not known.");
        }
    }
}
