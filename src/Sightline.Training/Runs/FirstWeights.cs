using Sightline.Models;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>Loads the weights that a recipe starts from.</summary>
internal static class FirstWeights
{
    public static void Load(Classifier network, Recipe recipe, Action<string>? say)
    {
        if (recipe.Network.Weights is { } path)
            FromFile(network, recipe.Network.Name, path, say);
        else if (recipe.Network.Pretrained != PretrainedWeights.None)
            throw new BadInputException("pretrained-unavailable", $"There are no {RecipeShape.Kebab(recipe.Network.Pretrained.ToString())} weights for {recipe.Network.Name} in this build.", fix: "Give a weight file by network.weights, or set network.pretrained to none.");
    }

    // The classifier layer may differ (other classes); everything else must fit.
    private static void FromFile(Classifier network, string name, string path, Action<string>? say)
    {
        WeightLoadReport report = WeightFile.Load(network, path, new WeightLoadOptions { AllowMissing = true, AllowUnexpected = true, AllowMisshaped = true });
        bool IsHead(string tensor) => tensor.StartsWith(network.HeadName + ".", StringComparison.Ordinal);
        // What a checkpoint of ours holds beside the weights is no surprise.
        string[] unexpected = [.. report.Unexpected.Where(n => !IsHead(n) && !n.Contains('/', StringComparison.Ordinal))];
        string[] missing = [.. report.Missing.Where(n => !IsHead(n))];
        MisshapedTensor[] misshaped = [.. report.Misshaped.Where(m => !IsHead(m.Name))];
        if (missing.Length > 0 || unexpected.Length > 0 || misshaped.Length > 0)
        {
            string what = misshaped.Length > 0 ? $"'{misshaped[0].Name}' is {misshaped[0].Found}, expected {misshaped[0].Expected}"
                : missing.Length > 0 ? $"'{missing[0]}' is missing" : $"'{unexpected[0]}' belongs nowhere";
            throw new BadInputException("weights-network", $"The weights are not of {name}: {what} ({missing.Length} missing, {unexpected.Length} unexpected, {misshaped.Length} of another shape).", path);
        }
        bool head = report.Loaded.Any(IsHead);
        say?.Invoke($"first weights: {report.Loaded.Count} tensors from {path}{(head ? "" : "; the classifier layer starts fresh")}");
    }
}
