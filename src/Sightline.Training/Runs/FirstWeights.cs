using Sightline.Models;
using Sightline.Training.Checkpoints;
using Sightline.Training.Recipes;

namespace Sightline.Training.Runs;

/// <summary>Loads the weights that a recipe starts from.</summary>
internal static class FirstWeights
{
    public static void Load(Classifier network, Recipe recipe, RunOptions options)
    {
        if (recipe.Network.Weights is { } path)
        {
            FromFile(network, recipe.Network, path, options.Say);
        }
        else if (recipe.Network.Pretrained == PretrainedWeights.Imagenet)
        {
            int tensors = RecipeResolution.Source(Networks.Find(recipe.Network.Name), options.Imagenet).Load(network);
            options.Say?.Invoke($"first weights: {tensors} tensors trained on ImageNet; the classifier layer starts fresh");
        }
    }

    // The classifier layer may differ (other classes), and what the recipe allows; everything else must fit.
    private static void FromFile(Classifier network, NetworkRecipe recipe, string path, Action<string>? say)
    {
        using StoredWeights stored = WeightFile.Read(path);
        bool ours = stored.Metadata.ContainsKey(Checkpoint.StateKey);
        // What evaluation and export take of a checkpoint is what a training goes out from.
        string? average = ours ? Checkpoint.AverageKindOf(stored.Tensors.Keys) : null, prefix = average is null ? null : Checkpoint.PrefixOf(average);
        string? Own(string name) => !ours ? name : prefix is null ? (name.Contains('/', StringComparison.Ordinal) ? null : name)
            : name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;
        string? Wanted(string name) => Own(name) is { } own && !(recipe.FreshHead && network.IsHead(own)) ? own : null;
        WeightLoadReport report;
        try
        {
            report = WeightFile.Load(network, stored, path, new WeightLoadOptions
            {
                AllowMissing = recipe.Allow.Contains(WeightDifference.Missing),
                AllowUnexpected = recipe.Allow.Contains(WeightDifference.Unexpected),
                AllowMisshaped = recipe.Allow.Contains(WeightDifference.Shape),
                MayDiffer = network.IsHead,
                Rename = ours || recipe.FreshHead ? Wanted : null,
            });
        }
        catch (BadInputException exception) when (exception.Code == "weights-mismatch")
        {
            throw new BadInputException("weights-network", $"The weights are not of {recipe.Name}. {exception.Problem}", path,
                fix: "Take the network that the file was made with, or name the differences to accept in the recipe, of network.allow: [missing, unexpected, shape].", inner: exception);
        }
        bool head = report.Loaded.Any(network.IsHead);
        say?.Invoke($"first weights: {report.Loaded.Count} tensors from {path}{(average is null ? "" : $", the averaged ones ({average})")}{(head ? "" : "; the classifier layer starts fresh")}");
        foreach (string difference in report.Differences)
            say?.Invoke($"first weights: allowed: {difference}");
    }
}
