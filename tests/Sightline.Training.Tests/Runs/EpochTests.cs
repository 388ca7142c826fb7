using Sightline.Training.Recipes;
using Sightline.Training.Runs;
using TorchSharp;

namespace Sightline.Tests;

/// <summary>What an epoch reports, and what it leaves when it fails.</summary>
[Collection(nameof(OneAtATime))]
public sealed class EpochTests : IDisposable
{
    private readonly TinyImageFolder tiny = new(perClass: 20);

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void The_bar_fills_although_the_last_batch_is_dropped()
    {
        var seen = new List<WorkProgress>();
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 20, precision: float32"));
        TrainingRun.Start(recipe, tiny.PathOf("run"), new RunOptions { Progress = new Watch(seen.Add) });
        WorkProgress last = seen.Last(p => p.Stage == "epoch 1/1");
        Assert.Equal((40L, 40L), (last.Done, last.Total!.Value)); // 48 are 2 batches of 20 and a rest
    }

    [Fact]
    public void An_image_lost_between_two_batches_of_a_step_leaves_none_of_them()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 4, accumulation: 64, precision: float32"),
            ["preprocessing.mean=[0.5, 0.5, 0.5]", "preprocessing.std=[0.2, 0.2, 0.2]"]);
        long Left(string name)
        {
            string image = Path.Combine(tiny.Images, "cone", name);
            byte[] bytes = File.ReadAllBytes(image);
            // After the gate has seen it.
            var lose = new Watch(p =>
            {
                if (p.Stage == "looking at the images" && p.Done == p.Total)
                    File.WriteAllBytes(image, []);
            });
            GC.Collect();
            GC.WaitForPendingFinalizers();
            long tensors = torch.Tensor.TotalCount;
            Assert.Contains(name, Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, tiny.PathOf("run-" + name), new RunOptions { Progress = lose })).Message, StringComparison.Ordinal);
            File.WriteAllBytes(image, bytes);
            return torch.Tensor.TotalCount - tensors;
        }
        // What TorchSharp leaves to the collector is the same however many batches came before the lost image.
        TrainingData data = TrainingData.Open(recipe.Data, recipe.Seed);
        string[] names = [.. data.Train.Where(s => s.Name.StartsWith("cone/", StringComparison.Ordinal)).Take(4).Select(s => Path.GetFileName(s.Name))];
        _ = TrainingRun.Start(recipe, tiny.PathOf("whole")); // what is made once in a process
        Assert.Single(names.Select(Left).Distinct());
    }

    private sealed class Watch(Action<WorkProgress> then) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => then(value);
    }
}
