using Sightline.Datasets;
using Sightline.Imaging;
using Sightline.Models;
using Sightline.Training.Augmentation;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Runs;

/// <summary>Builds what a recipe names: the data, the loader of training images and the network with its first weights.</summary>
internal static class TrainingParts
{
    /// <summary>Opens the recipe's data, runs the gate, and resolves the recipe: what a training and its dry run begin with.</summary>
    public static (TrainingData Data, Recipe Resolved) Open(Recipe recipe, RunOptions options, CancellationToken cancellationToken)
    {
        RecipeChecks.Check(recipe);
        Networks.Check(recipe.Network.Name, recipe.Network.Options);
        TrainingData data = Data(recipe, options, cancellationToken);
        return (data, Resolve(recipe, data, options));
    }

    /// <summary>Opens the recipe's data and runs the gate.</summary>
    public static TrainingData Data(Recipe recipe, RunOptions options, CancellationToken cancellationToken)
    {
        string? folder = options.RecipePath is { } path ? Path.GetDirectoryName(Path.GetFullPath(path)) : null;
        return TrainingData.Open(recipe.Data, recipe.Seed, folder).Checked(recipe.Data.Allow, options.Progress, cancellationToken, options.Say);
    }

    /// <summary>Resolves the recipe on its data.</summary>
    public static Recipe Resolve(Recipe recipe, TrainingData data, RunOptions options)
    {
        if (recipe.Training.EarlyStoppingPatience > 0 && data.Validation.Count == 0)
        {
            throw new BadInputException("patience-without-validation", $"training.earlyStoppingPatience is {recipe.Training.EarlyStoppingPatience}, but there are no validation images to judge an epoch by ({data.Explanation}).",
                data.Set.Root, fix: "Set data.split.validationFraction above 0, or the patience to 0.");
        }
        return RecipeResolution.Resolve(recipe, data, options.Imagenet);
    }

    public static BatchLoader Loader(Recipe recipe, TrainingData data)
    {
        var shares = SampleShares.Of(recipe.Data.Sampling, [.. data.Train.Select(s => s.Label)], data.Set.Classes.Count);
        return new BatchLoader(data.Train, recipe.Preprocessing.ToPreprocessing(), recipe.Augmentation, new LoaderOptions
        {
            Shares = shares,
            BatchSize = recipe.Training.BatchSize,
            Seed = recipe.Seed,
            Shuffle = true,
            // A last batch of one image has no batch statistics; a short one has poor ones.
            DropLast = (shares?.Count ?? data.Train.Count) > recipe.Training.BatchSize,
            Workers = recipe.Training.Workers > 0 ? recipe.Training.Workers : Environment.ProcessorCount,
            Classes = data.Set.Classes.Count,
        });
    }

    public static Classifier Network(Recipe recipe, TrainingData data, bool fresh, RunOptions options)
    {
        Classifier network = Networks.Create(recipe.Network.Name, data.Set.Classes.Count, recipe.Seed, recipe.Network.Options);
        try
        {
            SingleImageCheck.Require(network, recipe, data.Train.Count);
            if (fresh && network is IPreparedFromImages prepared)
                Prepare(prepared, recipe, data);
            if (fresh)
                FirstWeights.Load(network, recipe, options);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static void Prepare(IPreparedFromImages network, Recipe recipe, TrainingData data)
    {
        int[] order = [.. Enumerable.Range(0, data.Train.Count)];
        new SeedStream(recipe.Seed, "prepare").Shuffle<int>(order);
        int count = Math.Min(network.ImagesWanted, order.Length);
        Preprocessing preprocessing = recipe.Preprocessing.ToPreprocessing();
        count = Math.Min(count, Array.MaxLength / preprocessing.Length);
        ImageSample[] chosen = [.. order.Take(count).Select(i => data.Train[i])];
        using var loader = new BatchLoader(chosen, preprocessing, AugmentationRecipe.None, new LoaderOptions { BatchSize = count, Classes = data.Set.Classes.Count, CacheBytes = 0 });
        foreach (Batch batch in loader.Epoch(0))
        {
            using (batch)
                network.PrepareFrom(batch.Images);
        }
    }
}
