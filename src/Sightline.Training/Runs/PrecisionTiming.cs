using System.Diagnostics;
using System.Globalization;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Loop;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using TorchSharp;

namespace Sightline.Training.Runs;

/// <summary>The choice of <c>precision: auto</c>: three steps of each number format on a throwaway copy of the network.</summary>
/// <param name="Choice">The faster.</param>
/// <param name="Float32Seconds">Median seconds of a float32 step.</param>
/// <param name="Bf16Seconds">Median seconds of a bf16 step; NaN when this machine cannot do it or its kernels are wrong.</param>
/// <param name="Fault">Why bf16 cannot be used here, when it cannot.</param>
public sealed record PrecisionTiming(PrecisionChoice Choice, double Float32Seconds, double Bf16Seconds, string? Fault = null)
{
    // As many as matter: some kernels are chosen by the number of pixels in the batch.
    private const int CheckedImages = 32;

    /// <summary>How many steps of each are timed, after one that is not.</summary>
    public const int TimedSteps = 3;

    /// <summary>The choice in words.</summary>
    public string Explanation => double.IsNaN(Bf16Seconds)
        ? $"precision: float32 (no bf16: {Fault})"
        : string.Create(CultureInfo.InvariantCulture, $"precision: {(Choice == PrecisionChoice.Bf16 ? "bf16" : "float32")} (a step takes {1000 * Float32Seconds:0.#} ms in float32, {1000 * Bf16Seconds:0.#} ms in bf16)");

    /// <summary>Times both on the first batch of the first epoch; torch's generator is left as it was.</summary>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="loader">The training loader.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <returns>The choice.</returns>
    public static PrecisionTiming Measure(Recipe recipe, int classes, BatchLoader loader, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(loader);
        byte[] generator = GuardedCalls.GetGeneratorState();
        try
        {
            using Batch batch = loader.Epoch(0, 0, cancellationToken).First();
            double float32 = Median(recipe, classes, batch, PrecisionChoice.Float32, cancellationToken);
            if (Bf16Fault(recipe, classes, batch) is { } fault)
                return new PrecisionTiming(PrecisionChoice.Float32, float32, double.NaN, fault);
            double bf16 = Median(recipe, classes, batch, PrecisionChoice.Bf16, cancellationToken);
            return new PrecisionTiming(bf16 < float32 ? PrecisionChoice.Bf16 : PrecisionChoice.Float32, float32, bf16);
        }
        finally
        {
            GuardedCalls.SetGeneratorState(generator);
        }
    }

    /// <summary>Why bf16 cannot be trusted with a recipe's network on this machine: some oneDNN kernels compute wrong numbers on some
    /// processors, and nothing but a comparison shows it.</summary>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="batch">Images to compare on.</param>
    /// <returns>The first fault in words; null when bf16 can be used.</returns>
    public static string? Bf16Fault(Recipe recipe, int classes, Batch batch)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(batch);
        if (!Autocast.IsSupported)
            return "autocast is not available for this libtorch and platform";
        if (recipe.Training.Device == DeviceChoice.Cuda)
            return null; // no oneDNN there
        using DisposeScope scope = torch.NewDisposeScope();
        using Classifier network = Networks.Create(recipe.Network.Name, classes, recipe.Seed, recipe.Network.Options);
        torch.Tensor images = batch.Images.narrow(0, 0, Math.Min(CheckedImages, batch.Count)).clone();
        if (recipe.Training.ChannelsLast)
        {
            ChannelsLast.Apply(network);
            images = ChannelsLast.Of(images);
        }
        IReadOnlyList<Bf16Fault> faults = Bf16LayerCheck.Run(network, images, recipe.Seed);
        return faults.Count == 0 ? null : $"{faults.Count} of its convolutions are computed wrongly on this processor, first {faults[0]}";
    }

    /// <summary>Seconds of each timed step of one number format.</summary>
    /// <param name="recipe">The resolved recipe.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="batch">What to step on.</param>
    /// <param name="precision">The number format.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <returns>The median.</returns>
    public static double Median(Recipe recipe, int classes, Batch batch, PrecisionChoice precision, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        using ScalarGuard guard = ScalarGuard.Enter();
        using Classifier network = Networks.Create(recipe.Network.Name, classes, recipe.Seed, recipe.Network.Options);
        // A tiny rate: the times are wanted, not a training that could diverge.
        using var trainer = new Trainer(recipe with { Optimiser = recipe.Optimiser with { LearningRate = 1e-6 } }, network, TimedSteps + 1, precision);
        trainer.BeginEpoch(recipe.Network.FrozenEpochs);
        var seconds = new List<double>();
        for (int i = 0; i <= TimedSteps; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            trainer.Step([batch], measure: false);
            if (i > 0)
                seconds.Add(watch.Elapsed.TotalSeconds);
        }
        seconds.Sort();
        return seconds[TimedSteps / 2];
    }
}
