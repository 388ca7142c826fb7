using System.Diagnostics;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Training.Losses;
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
    private const int EvaluatedImages = 16;

    /// <summary>Opens and checks the data and builds the network as a training does, then times three steps and a small batch of evaluation.</summary>
    /// <param name="recipe">The recipe as read.</param>
    /// <param name="options">What surrounds the training.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>What it will take.</returns>
    /// <exception cref="BadInputException">Data, network, first weights or precision cannot be used: a training would stop at the same.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static DryRunPlan Measure(Recipe recipe, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        options ??= new RunOptions();
        (TrainingData data, Recipe resolved) = TrainingParts.Open(recipe, options, cancellationToken);
        if (resolved.Training.Threads > 0)
            torch.set_num_threads(resolved.Training.Threads);
        using BatchLoader loader = TrainingParts.Loader(resolved, data);
        using Classifier network = TrainingParts.Network(resolved, data, fresh: true, options);
        // The timed steps take no class counts; what a loss would refuse by them is refused here.
        new ClassificationLoss(resolved.Loss, data.Counts.Train, TorchSharp.DeviceType.CPU).Dispose();
        int classes = data.Set.Classes.Count;
        (PrecisionChoice precision, PrecisionTiming? timing) = PrecisionDecision.Of(resolved, classes, loader, cancellationToken);
        double batchSeconds = timing is null ? StepSeconds(resolved, classes, loader, precision, cancellationToken)
            : precision == PrecisionChoice.Bf16 ? timing.Bf16Seconds : timing.Float32Seconds;
        double imageSeconds = EvaluationSeconds(network, resolved, classes, data, cancellationToken);
        int accumulation = resolved.Training.Accumulation, epochs = resolved.Training.Epochs;
        long steps = (long)epochs * ((loader.BatchesPerEpoch + accumulation - 1) / accumulation);
        int evaluated = epochs * data.Validation.Count + (data.Test.Count > 0 ? data.Test.Count : data.Validation.Count);
        if (resolved.Training.Swa is { } swa)
            evaluated += swa.Count(epochs) * loader.ImagesPerEpoch;
        double total = (double)epochs * loader.BatchesPerEpoch * batchSeconds + evaluated * imageSeconds;
        return new DryRunPlan(resolved, data.Train.Count, data.Validation.Count, data.Test.Count, data.Explanation, RecipeShape.Kebab(precision.ToString()), steps, batchSeconds * accumulation, total,
            Process.GetCurrentProcess().PeakWorkingSet64,
            $"Measured here: {PrecisionTiming.TimedSteps} steps on the first batch and {Math.Min(EvaluatedImages, data.Train.Count)} images of evaluation, with what else this machine is doing; the total is reckoned from these, decoding counted as hidden behind the steps. Memory is this process's peak so far; cached images can add up to {new LoaderOptions().CacheBytes / 1_000_000} MB.");
    }

    private static double StepSeconds(Recipe recipe, int classes, BatchLoader loader, PrecisionChoice precision, CancellationToken cancellationToken)
    {
        using Batch batch = loader.Epoch(0, 0, cancellationToken).First();
        return PrecisionTiming.Median(recipe, classes, batch, precision, cancellationToken);
    }

    private static double EvaluationSeconds(Classifier network, Recipe recipe, int classes, TrainingData data, CancellationToken cancellationToken)
    {
        if (recipe.Training.ChannelsLast)
            ChannelsLast.Apply(network);
        var samples = data.Train.Take(EvaluatedImages).ToArray();
        var watch = Stopwatch.StartNew();
        _ = Evaluator.Logits(network, classes, samples, recipe.Preprocessing.ToPreprocessing(), new EvaluationOptions { ChannelsLast = recipe.Training.ChannelsLast }, null, cancellationToken);
        return watch.Elapsed.TotalSeconds / samples.Length;
    }
}
