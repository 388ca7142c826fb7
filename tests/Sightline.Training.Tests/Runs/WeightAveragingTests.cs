using Sightline.Datasets;
using Sightline.Metrics;
using Sightline.Models;
using Sightline.Training.Evaluation;
using Sightline.Training.Optimisation;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Stochastic weight averaging against its definition: the mean of weights, and statistics measured by one pass.</summary>
[Collection(nameof(OneAtATime))]
public sealed class WeightAveragingTests : IDisposable
{
    private readonly TinyImageFolder tiny = new();

    public void Dispose() => tiny.Dispose();

    [Theory]
    [InlineData("fromEpoch: 1", new[] { 2, 3, 4, 5 })]
    [InlineData("fromEpoch: 1, cycleEpochs: 2, lowestRate: 0.1, annealEpochs: 0", new[] { 3, 5 })]
    [InlineData("", new[] { 4, 5 })] // three quarters of five epochs, rounded down
    public void The_average_is_the_mean_of_the_weights_at_the_ends_of_cycles(string swa, int[] taken)
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", $"epochs: 5, batchSize: 16, precision: float32, swa: {{{swa}}}"));
        string folder = tiny.PathOf("run"), last = Path.Combine(folder, "checkpoints", "last.safetensors");
        var sum = new Dictionary<string, Tensor>();
        RunSummary run = TrainingRun.Start(recipe, folder, new RunOptions { UntilEpoch = 1 });
        for (int epoch = 1; epoch <= 5; epoch++)
        {
            if (epoch > 1)
                run = TrainingRun.Resume(folder, new RunOptions { UntilEpoch = epoch });
            using StoredWeights at = Safetensors.Read(last);
            Assert.Equal(epoch >= taken[0], at.Tensors.ContainsKey("swa/conv1.weight"));
            if (!taken.Contains(epoch))
                continue;
            foreach ((string name, Tensor value) in at.Tensors.Where(t => !t.Key.Contains('/', StringComparison.Ordinal)))
                sum[name] = sum.TryGetValue(name, out Tensor? before) ? before + value.to(float64) : value.to(float64);
        }

        using StoredWeights end = Safetensors.Read(last);
        using Classifier network = Networks.Create("cifar_resnet8", 3, 1);
        string[] parameters = [.. network.named_parameters().Select(p => p.name)];
        foreach (string name in parameters)
            Assert.True(allclose(sum[name] / taken.Length, end.Tensors["swa/" + name].to(float64), atol: 1e-6), name);
        Assert.False(allclose(end.Tensors["conv1.weight"], end.Tensors["swa/conv1.weight"]));

        // Its name, its report, and what validation scored.
        using TrainedModel model = TrainedModel.Load(last);
        Assert.Equal($"last (SWA of {taken.Length}), step {run.Steps}", model.CheckpointName);
        Assert.Contains($"weights averaged (SWA) from epoch {taken[0]} on", File.ReadAllText(Path.Combine(folder, "report.html")), StringComparison.Ordinal);
        (IReadOnlyList<ImageSample> samples, _, _) = EvaluationImages.Of(model, null, "val");
        LogitScore score = LogitScore.Of(Evaluator.Logits(model, samples), [.. samples.Select(s => s.Label)], 3);
        EpochMetrics row = MetricsLog.Read(Path.Combine(folder, "metrics.csv"))[^1];
        Assert.Equal((row.ValTop1, row.ValLoss), (score.Top1, score.Loss), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-9 && Math.Abs(a.Item2 - b.Item2) < 1e-4);
    }

    [Fact]
    public void Statistics_are_those_of_one_pass_over_the_training_images()
    {
        // Dropout would show, were it on in the pass.
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 3, batchSize: 16, precision: float32, swa: {fromEpoch: 0}"), ["network.options.dropout=0.5"]);
        string folder = TrainingRun.Start(recipe, tiny.PathOf("run")).Folder;
        using TrainedModel model = TrainedModel.Load(Path.Combine(folder, "checkpoints", "last.safetensors"));
        TrainingData data = TrainingData.Open(model.Recipe.Data, model.Recipe.Seed, null);
        using BatchLoader loader = TrainingParts.Loader(model.Recipe, data);
        Dictionary<string, BatchNorm> norms = model.Network.named_modules().Where(m => m.module is BatchNorm).ToDictionary(m => m.name, m => (BatchNorm)m.module);
        Dictionary<string, Tensor> saved = model.Network.state_dict().ToDictionary(t => t.Key, t => t.Value.clone());
        var seen = norms.ToDictionary(n => n.Key, _ => new List<(Tensor Mean, Tensor Variance)>());
        foreach ((string name, BatchNorm norm) in norms)
        {
            norm.train();
            norm.register_forward_pre_hook((_, x) =>
            {
                seen[name].Add((x.to(float64).mean([0, 2, 3]).DetachFromDisposeScope(), x.to(float64).transpose(0, 1).flatten(1).var(1, unbiased: true).DetachFromDisposeScope()));
                return x;
            });
        }
        using (no_grad())
        {
            foreach (Batch batch in loader.Epoch(2))
            {
                using (batch)
                    model.Network.call(batch.Images);
            }
        }
        Assert.True(norms.Count >= 7);
        foreach ((string name, List<(Tensor Mean, Tensor Variance)> batches) in seen)
        {
            Assert.Equal(loader.BatchesPerEpoch, batches.Count);
            Assert.True(allclose(stack([.. batches.Select(b => b.Mean)]).mean([0]), saved[name + ".running_mean"].to(float64), rtol: 1e-4, atol: 1e-5), name);
            Assert.True(allclose(stack([.. batches.Select(b => b.Variance)]).mean([0]), saved[name + ".running_var"].to(float64), rtol: 1e-4, atol: 1e-5), name);
        }
    }

    [Fact]
    public void Without_BatchNorms_no_image_is_read()
    {
        using Classifier network = Networks.Create("cifar_vit", 3, 1), second = Networks.Create("cifar_vit", 3, 2);
        using var average = new StochasticAverage(network);
        Assert.False(average.InUse);
        average.Update();
        Assert.Equal(0, average.MeasureStatistics(second, Images()));
        Assert.True(average.InUse);
        Assert.True(second.state_dict()["head.weight"].equal(network.state_dict()["head.weight"]).all().item<bool>());
        static IEnumerable<Tensor> Images()
        {
            Assert.Fail("an image was read");
            yield break;
        }
    }

    [Fact]
    public void Statistics_that_no_image_reaches_stay_and_momentum_is_as_before()
    {
        using Classifier network = Networks.Create("cifar_inception", 3, 1), second = Networks.Create("cifar_inception", 3, 2);
        using var average = new StochasticAverage(network);
        average.Update();
        using Tensor images = randn(4, 3, 32, 32);
        int all = second.modules().OfType<BatchNorm>().Count(), measured = average.MeasureStatistics(second, [images]);
        Assert.InRange(measured, 1, all - 1);
        Assert.All(second.modules().OfType<BatchNorm>(), n => Assert.Equal(0.1, n.momentum!.Value, 1e-9));
        Assert.All(second.modules(), m => Assert.False(m.training));
        foreach ((string name, Tensor value) in network.state_dict().Where(t => t.Key.StartsWith("aux", StringComparison.Ordinal)))
            Assert.True(value.equal(average.Average[name]).all().item<bool>(), name);
    }

    [Fact]
    public void Averaging_and_measuring_leave_no_tensor_behind()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 3, 1), second = Networks.Create("cifar_resnet8", 3, 1);
        using var average = new StochasticAverage(network);
        using Tensor images = randn(4, 3, 16, 16);
        void Work(int times)
        {
            for (int i = 0; i < times; i++)
            {
                average.Update();
                average.MeasureStatistics(second, [images, images]);
            }
        }
        Work(3);
        long before = Live();
        Work(20);
        Assert.Equal(before, Live());
        static long Live()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Tensor.TotalCount;
        }
    }

    [Fact]
    public void A_training_can_start_from_averaged_weights()
    {
        string weights = Path.Combine(TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16, precision: float32, swa: {fromEpoch: 0}")), tiny.PathOf("first")).Folder, "checkpoints", "last.safetensors");
        var said = new List<string>();
        Recipe tune = RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16, precision: float32"), [$"network.weights={weights}", "network.frozenEpochs=1"]);
        TrainingRun.Start(tune, tiny.PathOf("second"), new RunOptions { Say = said.Add });
        Assert.Contains(said, s => s.Contains("the averaged ones (SWA)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_frozen_backbone_keeps_its_statistics()
    {
        string first = Path.Combine(TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16, precision: float32")), tiny.PathOf("first")).Folder, "checkpoints", "last.safetensors");
        Recipe probe = RecipeFile.Read(tiny.Recipe("", "epochs: 2, batchSize: 16, precision: float32, swa: {fromEpoch: 0}"), [$"network.weights={first}", "network.frozenEpochs=2"]);
        string second = Path.Combine(TrainingRun.Start(probe, tiny.PathOf("probe")).Folder, "checkpoints", "last.safetensors");
        using StoredWeights before = Safetensors.Read(first), after = Safetensors.Read(second);
        Assert.True(before.Tensors["bn1.running_var"].equal(after.Tensors["swa/bn1.running_var"]).all().item<bool>());
        Assert.False(before.Tensors["fc.weight"].equal(after.Tensors["swa/fc.weight"]).all().item<bool>());
    }

    [Theory]
    [InlineData("emaDecay: 0.9, swa: {}", "'training.emaDecay' is 0.9; expected 0, since training.swa averages the weights")]
    [InlineData("swa: {fromEpoch: 4}", "'training.swa.fromEpoch' is 4; expected 0 to less than training.epochs (4)")]
    [InlineData("swa: {fromEpoch: -1}", "'training.swa.fromEpoch' is -1")]
    [InlineData("swa: {rate: 0}", "'training.swa.rate' is 0; expected more than 0")]
    [InlineData("swa: {lowestRate: 0.6}", "'training.swa.lowestRate' is 0.6; expected 0 to training.swa.rate (0.5)")]
    [InlineData("swa: {cycleEpochs: 2}", "'training.swa.cycleEpochs' is 2; expected 1 to the epochs that are left for averaging (1)")]
    [InlineData("swa: {annealEpochs: 1.5}", "'training.swa.annealEpochs' is 1.5")]
    [InlineData("swa: {form: 3}", "'form' is not a key of 'training.swa'")]
    public void Numbers_that_cannot_be_used_are_refused(string training, string says)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => RecipeFile.Read(tiny.Recipe("", $"epochs: 4, {training}")));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }
}
