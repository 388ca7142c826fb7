using System.Diagnostics;
using System.Text.Json;
using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Loop;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Bench;

/// <summary>
/// What the test suite leaves out for networks above 30 million parameters: training steps at their own input size and batch 2, in
/// float32 and, where the processor can be trusted with it, in bfloat16; finite loss and weights, times and memory. Each network in a
/// process of its own.
/// </summary>
internal static class RegistryBenchmark
{
    private const int Batch = 2, Steps = 3;

    public static int Run()
    {
        string self = Environment.ProcessPath!;
        string[] own = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(RegistryBenchmark).Assembly.Location] : [];
        var results = new List<(string Name, JsonElement Result)>();
        foreach (NetworkCard network in Networks.Cards.Where(n => n.Parameters > 30_000_000))
        {
            (_, string output, int code) = Timings.Run(self, [.. own, "registry-child", network.Name]);
            if (code != 0)
            {
                Console.Error.WriteLine($"{network.Name} ended with exit code {code}: {output}");
                return 1;
            }
            using JsonDocument json = JsonDocument.Parse(output);
            results.Add((network.Name, json.RootElement.Clone()));
            Console.WriteLine($"{network.Name}: {output.Trim()}");
        }
        Timings.Save("registry", "dotnet run -c Release --project bench/Sightline.Bench -- registry", json =>
        {
            json.WriteString("what", $"networks above 30 million parameters: median of {Steps} training steps after one, batch {Batch}, at the network's own input size");
            foreach ((string name, JsonElement result) in results)
            {
                json.WritePropertyName(name);
                result.WriteTo(json);
            }
        });
        return 0;
    }

    /// <summary>One network in this process.</summary>
    public static int Child(string name)
    {
        Allocator.Configure();
        NetworkCard info = Networks.Find(name);
        var recipe = new Recipe { Data = new DataRecipe { Path = "none" }, Network = new NetworkRecipe { Name = name }, Optimiser = new OptimiserRecipe { LearningRate = 0.01 } };
        int side = info.InputSize;
        var random = new SeedStream(1, "bench");
        float[] images = new float[Batch * 3 * side * side];
        for (int i = 0; i < images.Length; i++)
            images[i] = (float)random.Normal();
        using var batch = new Batch(0, images, side, side, [0, 1], [], [0, 1]);
        double float32 = Seconds(recipe, info.Classes, batch, PrecisionChoice.Float32);
        string? fault = PrecisionTiming.Bf16Fault(recipe, info.Classes, batch);
        double? bf16 = fault is null ? Seconds(recipe, info.Classes, batch, PrecisionChoice.Bf16) : null;
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["input"] = side,
            ["float32StepMs"] = Math.Round(1000 * float32),
            ["bf16StepMs"] = bf16 is double s ? Math.Round(1000 * s) : null,
            ["noBf16"] = fault,
            ["peakMemoryBytes"] = Process.GetCurrentProcess().PeakWorkingSet64,
        }));
        return 0;
    }

    private static double Seconds(Recipe recipe, int classes, Batch batch, PrecisionChoice precision)
    {
        using Classifier network = Networks.Create(recipe.Network.Name, classes, recipe.Seed);
        using var trainer = new Trainer(recipe, network, Steps + 1, precision);
        trainer.BeginEpoch(0);
        var seconds = new List<double>();
        for (int i = 0; i <= Steps; i++)
        {
            var watch = Stopwatch.StartNew();
            trainer.Step([batch], measureNorm: false); // throws when the loss is not finite
            seconds.Add(watch.Elapsed.TotalSeconds);
        }
        trainer.RequireFiniteWeights();
        return Timings.Median(seconds.Skip(1));
    }
}
