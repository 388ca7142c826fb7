using System.Globalization;
using System.Text.Json.Nodes;
using Sightline.Metrics;
using Sightline.Torch;
using Sightline.Training.Evaluation;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;
using TorchSharp;

namespace Sightline.Bench;

/// <summary>
/// A recipe of <c>recipes/</c> trained whole, one seed a call, and scored on its test images with and without test-time augmentation.
/// What was interrupted goes on when called again.
/// </summary>
internal static class RecipeBenchmark
{
    public static int Run(string[] arguments)
    {
        if (arguments is not [var name, "--seed", var seed, .. var sets])
        {
            Console.Error.WriteLine("recipe NAME --seed N [KEY=VALUE ...]");
            return 2;
        }
        string path = Path.Combine(Timings.Root, "recipes", name + ".yaml");
        string folder = Path.Combine(Timings.Root, "runs", $"bench-{name}-seed-{seed}");
        var run = new RunFolder(folder);
        Allocator.Configure();
        var options = new RunOptions { RecipePath = path, Say = Console.Error.WriteLine };
        RunSummary summary = Directory.Exists(folder)
            ? TrainingRun.Resume(folder, options)
            : TrainingRun.Start(RecipeFile.Read(path, ["seed=" + seed, .. sets]), folder, options);
        if (summary.End != RunEnd.Finished)
            return 1;
        using TrainedModel model = TrainedModel.Load(folder);
        double plain = Top1(model, TestTimeAugmentation.None), augmented = Top1(model, TestTimeAugmentation.FlipShift);
        double minutes = MetricsLog.Read(run.Metrics).Sum(m => m.Seconds) / 60;
        SortedDictionary<string, JsonObject> cells = ResultCells.Read(name);
        cells["seed-" + seed] = new JsonObject
        {
            ["top1"] = plain,
            ["top1WithFlipShift"] = augmented,
            ["trainingMinutes"] = Math.Round(minutes, 2),
            ["threads"] = torch.get_num_threads(),
            ["precision"] = JsonNode.Parse(File.ReadAllText(run.Environment))?["precision"]?.DeepClone(),
            ["checkpoint"] = model.CheckpointName,
            ["weightsHash"] = summary.WeightsHash,
        };
        ResultCells.Save(name, $"dotnet run -c Release --project bench/Sightline.Bench -- recipe {name} --seed N", cells, json =>
        {
            foreach (string key in (string[])["top1", "top1WithFlipShift", "trainingMinutes"])
            {
                double[] values = [.. cells.Values.Select(c => c[key]!.GetValue<double>())];
                json.WriteStartObject(key);
                json.WriteNumber("mean", Math.Round(values.Average(), 4));
                json.WriteNumber("least", values.Min());
                json.WriteNumber("most", values.Max());
                json.WriteEndObject();
            }
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} seed {seed}: top-1 {plain:0.0000}, with flip and shift {augmented:0.0000}, {minutes:0.0} minutes of training"));
        return 0;
    }

    private static double Top1(TrainedModel model, TestTimeAugmentation views)
    {
        (IReadOnlyList<Datasets.ImageSample> samples, _, _) = EvaluationImages.Of(model, data: null, split: "test");
        float[] logits = Evaluator.Logits(model, samples, new EvaluationOptions { Augmentation = views });
        return Math.Round(LogitScore.Of(logits, [.. samples.Select(s => s.Label)], model.Classes.Count).Top1, 4);
    }
}
