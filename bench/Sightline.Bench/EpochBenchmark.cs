using System.Diagnostics;
using System.Globalization;
using Sightline.Cli.Terminal;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Loop;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Bench;

/// <summary>
/// What a whole epoch costs beyond its bare steps: waiting for data, logs, progress, checkpoints. ResNet-20 on CIFAR-10 by its recipe,
/// without validation images; after each epoch the same number of bare steps runs on batches that are already tensors.
/// </summary>
internal static class EpochBenchmark
{
    private const int Epochs = 3, KeptBatches = 32;

    public static int Run()
    {
        string path = Path.Combine(Timings.Root, "recipes", "cifar10-resnet20.yaml");
        Recipe recipe = RecipeFile.Read(path, ["data.split.validationFraction=0", $"training.epochs={Epochs}", "training.precision=float32"]);
        if (!Path.Exists(Path.Combine(Timings.Root, recipe.Data.Path)))
        {
            Console.Error.WriteLine($"skipped: {recipe.Data.Path} is not here");
            return 0;
        }
        Allocator.Configure();
        (TrainingData data, recipe) = TrainingParts.Open(recipe, new RunOptions { RecipePath = path }, CancellationToken.None);
        using BatchLoader loader = TrainingParts.Loader(recipe, data);
        int steps = loader.BatchesPerEpoch;
        Batch[] batches = [.. loader.Epoch(0).Take(KeptBatches)];
        using Classifier network = Networks.Create(recipe.Network.Name, 10, recipe.Seed);
        using var trainer = new Trainer(recipe, network, steps, PrecisionChoice.Float32);
        trainer.BeginEpoch(0);
        List<double> whole = [], bare = [];
        var watch = Stopwatch.StartNew();
        void EpochEnded(string said)
        {
            if (!said.StartsWith("epoch ", StringComparison.Ordinal))
                return;
            whole.Add(watch.Elapsed.TotalSeconds);
            watch.Restart();
            for (int i = 0; i < steps; i++)
                trainer.Step([batches[i % batches.Length]], measure: false);
            bare.Add(watch.Elapsed.TotalSeconds);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{said}; whole {whole[^1]:0.00} s, bare {bare[^1]:0.00} s"));
            watch.Restart();
        }
        string folder = Directory.CreateTempSubdirectory("sightline-bench-").FullName;
        TrainingRun.Start(recipe, Path.Combine(folder, "run"), new RunOptions { RecipePath = path, Say = EpochEnded });
        Directory.Delete(folder, recursive: true);
        foreach (Batch batch in batches)
            batch.Dispose();
        // The first epoch decodes the images, and starts when data and network are not yet there.
        double ratio = Timings.Median(whole.Zip(bare, (w, b) => w / b).Skip(1));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a whole epoch takes {ratio:0.000} × its bare steps"));
        Timings.Save("epoch", "dotnet run -c Release --project bench/Sightline.Bench -- epoch", json =>
        {
            json.WriteString("what", "ResNet-20 on CIFAR-10, float32: seconds of a whole epoch of the trainer beside the same steps on ready tensors, alternating; the first epoch, which decodes, is left out of the ratio");
            json.WriteNumber("stepsPerEpoch", steps);
            json.WriteNumbers("wholeSeconds", whole.Select(s => Math.Round(s, 2)));
            json.WriteNumbers("bareSeconds", bare.Select(s => Math.Round(s, 2)));
            json.WriteNumber("wholeOverBare", Math.Round(ratio, 4));
        });
        return ratio <= 1.05 ? 0 : 1;
    }
}
