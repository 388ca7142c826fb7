using System.Globalization;
using System.Text.Json.Nodes;
using Sightline.Labs;
using Sightline.Metrics;
using Sightline.Torch;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;
using TorchSharp;

namespace Sightline.Bench;

/// <summary>
/// Does bfloat16 cost accuracy? ResNet-8 on CIFAR-10, 10 epochs, the same seeds in float32 and in bfloat16: the mean of the paired
/// differences with Student's 95 % interval. Runs what is missing, cell by cell.
/// </summary>
internal static class Bf16AccuracyBenchmark
{
    private const int Seeds = 5;

    public static int Run(string[] arguments)
    {
        int threads = arguments is ["--threads", var given] ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        Allocator.Configure();
        torch.set_num_threads(threads);
        SortedDictionary<string, JsonObject> cells = ResultCells.Read("bf16");
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            foreach (PrecisionChoice precision in (PrecisionChoice[])[PrecisionChoice.Float32, PrecisionChoice.Bf16])
            {
                string id = $"{(precision == PrecisionChoice.Bf16 ? "bf16" : "float32")}/seed-{seed}";
                if (cells.ContainsKey(id))
                    continue;
                cells[id] = Train(seed, precision);
                Save(cells);
                Console.WriteLine($"{id}: {cells[id].ToJsonString()}");
            }
        }
        return 0;
    }

    private static JsonObject Train(ulong seed, PrecisionChoice precision)
    {
        string path = Path.Combine(Timings.Root, "recipes", "cifar10-resnet20.yaml");
        Recipe recipe = RecipeFile.Read(path, [$"seed={seed}", "network.name=cifar_resnet8", "training.epochs=10", $"training.precision={precision.ToString().ToLowerInvariant()}"]);
        string folder = Directory.CreateTempSubdirectory("sightline-bench-").FullName;
        try
        {
            RunSummary run = TrainingRun.Start(recipe, Path.Combine(folder, "run"), new RunOptions { RecipePath = path });
            return new JsonObject { ["top1"] = run.TestTop1, ["seconds"] = Math.Round(run.Seconds), ["threads"] = torch.get_num_threads() };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Save(SortedDictionary<string, JsonObject> cells) =>
        ResultCells.Save("bf16", "dotnet run -c Release --project bench/Sightline.Bench -- bf16", cells, json =>
        {
            double[] differences = [.. Enumerable.Range(1, Seeds).Where(s => cells.ContainsKey($"bf16/seed-{s}") && cells.ContainsKey($"float32/seed-{s}"))
                .Select(s => 100 * (cells[$"bf16/seed-{s}"]["top1"]!.GetValue<double>() - cells[$"float32/seed-{s}"]["top1"]!.GetValue<double>()))];
            json.WriteString("what", "ResNet-8 on CIFAR-10, 10 epochs, test top-1 in bf16 less that in float32, in points, paired by seed");
            json.WriteNumber("pairs", differences.Length);
            if (differences.Length < 2)
                return;
            var over = new SeedStatistics("difference", differences, [], "");
            double mean = over.Mean, half = StudentQuantile.TwoSided95(differences.Length - 1) * over.Deviation / Math.Sqrt(differences.Length);
            json.WriteNumber("meanDifference", Math.Round(mean, 3));
            json.WriteNumber("low95", Math.Round(mean - half, 3));
            json.WriteNumber("high95", Math.Round(mean + half, 3));
        });
}
