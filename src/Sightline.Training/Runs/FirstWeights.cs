using Sightline.Models;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>Loads the weights that a recipe starts from.</summary>
internal static class FirstWeights
{
    public static void Load(Classifier network, Recipe recipe, RunOptions options)
    {
        if (recipe.Network.Weights is { } path)
        {
            FromFile(network, recipe.Network.Name, path, options.Say);
        }
        else if (recipe.Network.Pretrained == PretrainedWeights.Imagenet)
        {
            int tensors = RecipeResolution.Source(Networks.Find(recipe.Network.Name), options.Imagenet).Load(network);
            options.Say?.Invoke($"first weights: {tensors} tensors trained on ImageNet; the classifier layer starts fresh");
        }
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
