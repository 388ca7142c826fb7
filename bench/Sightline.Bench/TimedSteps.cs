using System.Diagnostics;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Loop;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;

namespace Sightline.Bench;

/// <summary>Training steps of a network on made-up images, timed one by one.</summary>
internal static class TimedSteps
{
    /// <summary>Normal noise with labels that go round.</summary>
    /// <param name="images">How many images.</param>
    /// <param name="side">Their side in pixels.</param>
    /// <param name="classes">How many labels there are.</param>
    /// <returns>A batch, to be disposed.</returns>
    public static Batch Noise(int images, int side, int classes)
    {
        var random = new SeedStream(1, "bench");
        float[] pixels = new float[images * 3 * side * side];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (float)random.Normal();
        int[] labels = [.. Enumerable.Range(0, images).Select(i => i % classes)];
        return new Batch(0, pixels, side, side, labels, [], labels);
    }

    /// <summary>Seconds of a step.</summary>
    /// <param name="name">The network.</param>
    /// <param name="classes">Its classes.</param>
    /// <param name="batch">What to step on.</param>
    /// <param name="precision">The number format.</param>
    /// <param name="warmup">Steps that are not timed.</param>
    /// <param name="steps">Steps that are.</param>
    /// <returns>The median.</returns>
    /// <exception cref="TrainingDivergedException">A loss, or a weight afterwards, is not finite.</exception>
    public static double Median(string name, int classes, Batch batch, PrecisionChoice precision, int warmup, int steps)
    {
        using ScalarGuard guard = ScalarGuard.Enter();
        using Classifier network = Networks.Create(name, classes, seed: 1);
        using var trainer = new Trainer(Recipe(name), network, 1000, precision);
        trainer.BeginEpoch(0);
        var seconds = new List<double>();
        for (int i = 0; i < warmup + steps; i++)
        {
            var watch = Stopwatch.StartNew();
            trainer.Step([batch], measure: false);
            if (i >= warmup)
                seconds.Add(watch.Elapsed.TotalSeconds);
        }
        trainer.RequireFiniteWeights();
        return Timings.Median(seconds);
    }

    /// <summary>An ordinary recipe for a network, without data.</summary>
    /// <param name="name">The network.</param>
    /// <returns>The recipe.</returns>
    public static Recipe Recipe(string name) => new()
    {
        Data = new DataRecipe { Path = "none" },
        Network = new NetworkRecipe { Name = name },
        Optimiser = new OptimiserRecipe { LearningRate = 0.01 },
    };
}
