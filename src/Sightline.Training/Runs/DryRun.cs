using System.Diagnostics;
using Sightline.Models;
using Sightline.Training.Evaluation;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using TorchSharp;

namespace Sightline.Training.Runs;

/// <summary>What a recipe will take, without training it.</summary>
/// <param name="Recipe">The resolved recipe.</param>
/// <param name="TrainImages">Training images.</param>
/// <param name="ValidationImages">Validation images.</param>
/// <param name="TestImages">Test images.</param>
/// <param name="Split">How the split came about.</param>
/// <param name="Precision">The number format: the recipe's, or the faster one.</param>
/// <param name="Steps">Optimiser steps of the whole training.</param>
/// <param name="StepSeconds">Seconds of one optimiser step.</param>
/// <param name="TotalSeconds">Expected seconds in all.</param>
/// <param name="PeakMemoryBytes">Largest resident memory of this process in the measured steps.</param>
/// <param name="Explanation">What was measured and what is reckoned from it.</param>
public sealed record DryRunPlan(Recipe Recipe, int TrainImages, int ValidationImages, int TestImages, string Split, string Precision, long Steps, double StepSeconds, double TotalSeconds, long PeakMemoryBytes, string Explanation);

/// <summary>Measures a few steps of a recipe.</summary>
public static class DryRun
{
    /// <summary>Opens the data, builds the network, times three steps and one batch of validation.</summary>
    /// <param name="recipe">The recipe as read.</param>
    /// <param name="recipePath">Where it was read from.</param>
    /// <param name="imagenet">The weights of <c>pretrained: imagenet</c>; null when there are none.</param>
    /// <returns>What it will take.</returns>
    /// <exception cref="BadInputException">Data or network cannot be used.</exception>
    public static DryRunPlan Measure(Recipe recipe, string? recipePath = null, Func<PretrainedSource>? imagenet = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        TrainingData data = TrainingData.Open(recipe.Data, recipe.Seed, recipePath is null ? null : Path.GetDirectoryName(Path.GetFullPath(recipePath)));
        Recipe resolved = RecipeResolution.Resolve(recipe, data, imagenet);
        if (resolved.Training.Threads > 0)
            torch.set_num_threads(resolved.Training.Threads);
        using BatchLoader loader = TrainingParts.Loader(resolved, data);
        using Batch batch = loader.Epoch(0).First();
        PrecisionChoice precision = resolved.Training.Precision;
        double batchSeconds;
        int classes = data.Set.Classes.Count;
        if (precision == PrecisionChoice.Auto)
        {
            PrecisionTiming timing = PrecisionTiming.Measure(resolved, classes, loader);
            precision = timing.Choice;
            batchSeconds = precision == PrecisionChoice.Bf16 ? timing.Bf16Seconds : timing.Float32Seconds;
        }
        else
        {
            batchSeconds = PrecisionTiming.Median(resolved, classes, batch, precision);
        }
        double imageSeconds = ValidationSeconds(resolved, classes, data, batch);
        int accumulation = resolved.Training.Accumulation, epochs = resolved.Training.Epochs;
        long steps = (long)epochs * ((loader.BatchesPerEpoch + accumulation - 1) / accumulation);
        int evaluated = epochs * data.Validation.Count + (data.Test.Count > 0 ? data.Test.Count : data.Validation.Count);
        double total = (double)epochs * loader.BatchesPerEpoch * batchSeconds + evaluated * imageSeconds;
        return new DryRunPlan(resolved, data.Train.Count, data.Validation.Count, data.Test.Count, data.Explanation, RecipeShape.Kebab(precision.ToString()), steps, batchSeconds * accumulation, total,
            Process.GetCurrentProcess().PeakWorkingSet64,
            $"Measured here: {PrecisionTiming.TimedSteps} steps on the first batch and one batch of evaluation, with what else this machine is doing; the total is reckoned from these, decoding counted as hidden behind the steps. Memory is this process's peak so far; cached images can add up to {new LoaderOptions().CacheBytes / 1_000_000} MB.");
    }

    private static double ValidationSeconds(Recipe recipe, int classes, TrainingData data, Batch batch)
    {
        using Classifier network = Networks.Create(recipe.Network.Name, classes, recipe.Seed, recipe.Network.Options);
        var samples = data.Train.Take(Math.Min(data.Train.Count, 128)).ToArray();
        _ = Evaluator.Logits(network, classes, samples, recipe.Preprocessing.ToPreprocessing(), new EvaluationOptions { ChannelsLast = recipe.Training.ChannelsLast });
        var watch = Stopwatch.StartNew();
        _ = Evaluator.Logits(network, classes, samples, recipe.Preprocessing.ToPreprocessing(), new EvaluationOptions { ChannelsLast = recipe.Training.ChannelsLast });
        return watch.Elapsed.TotalSeconds / samples.Length;
    }
}
