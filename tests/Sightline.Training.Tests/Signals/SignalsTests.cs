using Sightline.Metrics;
using Sightline.Models;
using Sightline.Training.Evaluation;
using Sightline.Training.Loop;
using Sightline.Training.Optimisation;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Signals;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Tests;

[Collection(nameof(OneAtATime))]
public sealed class SignalsTests
{
    [Fact]
    public void A_network_is_seen_as_a_row_of_blocks_that_hold_every_parameter_once()
    {
        using Classifier small = Networks.Create("cifar_resnet8", 10, 1), deep = Networks.Create("cifar_resnet56", 10, 1), plain = Networks.Create("mlp", 10, 1);
        Assert.Equal(["conv1", "layer1.0", "layer2.0", "layer3.0", "fc"], Blocks(small).Select(b => b.Name));
        Assert.Contains(Blocks(small)[0].Parameters, p => p.Name == "bn1.weight");
        Assert.Equal("fc", Blocks(plain)[^1].Name);
        IReadOnlyList<NetworkBlock> joined = Blocks(deep);
        Assert.Equal(NetworkBlock.Most, joined.Count);
        Assert.Equal(("conv1", "layer1.0-layer1.1", "fc"), (joined[0].Name, joined[1].Name, joined[^1].Name));
        Assert.Equal(deep.named_parameters().Select(p => p.name), joined.SelectMany(b => b.Parameters).Select(p => p.Name));
    }

    [Fact]
    public void Under_plain_descent_each_update_is_the_rate_times_the_gradient()
    {
        Recipe recipe = Plain(0.05);
        using Classifier network = Networks.Create("cifar_resnet8", 3, 1);
        using var trainer = new Trainer(recipe, network, 10, PrecisionChoice.Float32);
        using Batch batch = First(12);
        double before = WeightNorm.Of(trainer.Optimiser.Parameters);
        StepResult step = trainer.Step([batch], measure: true);
        StepSignals signals = step.Signals!;
        Assert.Equal(5, signals.Blocks.Count);
        Assert.All(signals.Blocks, b => Assert.Equal(step.LearningRate * b.GradientNorm, b.UpdateNorm, 1e-4 * b.UpdateNorm + 1e-7));
        Assert.All(signals.Blocks, b => Assert.True(b.UpdateRatio > 0));
        Assert.Equal(step.GradientNorm!.Value, signals.GradientNorm, 1e-6);
        Assert.Equal(before, signals.WeightNorm, 1e-4);
        Assert.Equal(step.LearningRate * signals.GradientNorm, signals.UpdateNorm, 1e-4);
        Assert.Null(trainer.Step([batch], measure: false).Signals);
        Assert.True(double.IsNaN(signals.MomentumCosine));
    }

    [Theory]
    [InlineData(OptimiserName.Sgd)]
    [InlineData(OptimiserName.AdamW)]
    public void The_gradient_is_held_against_those_that_the_optimiser_remembers(OptimiserName name)
    {
        Recipe recipe = Plain(1e-6);
        recipe = recipe with { Optimiser = recipe.Optimiser with { Name = name, Momentum = 0.9 } };
        using Classifier network = Networks.Create("mlp", 3, 1);
        using var trainer = new Trainer(recipe, network, 10, PrecisionChoice.Float32);
        using Batch batch = First(12);
        Assert.True(double.IsNaN(trainer.Step([batch], measure: true).Signals!.MomentumCosine));
        // The weights have hardly moved, so the same images give the same gradient.
        Assert.Equal(1, trainer.Step([batch], measure: true).Signals!.MomentumCosine, 0.01);
        using Batch others = First(12);
        using (no_grad())
            others.Labels.copy_((others.Labels + 1) % 3);
        double turned = trainer.Step([others], measure: true).Signals!.MomentumCosine;
        Assert.InRange(turned, -1, 0.9);
    }

    [Fact]
    public void A_step_tells_how_its_labels_lie_and_how_many_it_is_sure_to_have_wrong()
    {
        // A network that is sure of class 0, whatever it sees.
        using Classifier network = Networks.Create("mlp", 3, 1);
        using (no_grad())
            network.state_dict()["fc.bias"].copy_(tensor([50f, 0f, 0f]));
        using var trainer = new Trainer(Plain(1e-6), network, 10, PrecisionChoice.Float32);
        using Batch mixed = First(12), sorted = First(4, classes: 1);
        StepSignals signals = trainer.Step([mixed], measure: true).Signals!;
        Assert.Equal((2 / 3.0, 1 / 3.0), (signals.Images.ConfidentlyWrong, signals.Images.TopLabelShare));
        signals = trainer.Step([mixed, sorted], measure: true).Signals!;
        Assert.Equal((0.5, 0.5), (signals.Images.ConfidentlyWrong, signals.Images.TopLabelShare));
    }

    [Fact]
    public void Asking_the_probe_changes_nothing()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 3, 1);
        network.train();
        ((nn.Module)network.named_modules().First(m => m.name == "layer2.0").module).eval();
        bool[] modes = [.. network.named_modules().Select(m => m.module.training)];
        Dictionary<string, Tensor> before = network.state_dict().ToDictionary(t => t.Key, t => t.Value.clone());
        using Batch batch = First(12);
        using var probe = new TrainingProbe(batch.Images, batch.Labels);
        using Tensor state = get_rng_state();
        ProbeReading one = probe.Measure(network, Blocks(network), channelsLast: true), two = probe.Measure(network, Blocks(network), channelsLast: true);
        Assert.Equal(one.Loss, two.Loss);
        Assert.Equal(one.Blocks, two.Blocks);
        Assert.Equal(modes, network.named_modules().Select(m => m.module.training));
        Assert.All(network.state_dict(), t => Assert.True(t.Value.equal(before[t.Key]).all().item<bool>(), t.Key));
        Assert.True(state.equal(get_rng_state()).all().item<bool>());
        Assert.True(network.training);

        // The same loss as evaluation gives.
        float[] logits = Evaluator.Logits(network, 3, TestImages.Samples(12, classes: 3), TestImages.At(32, 32));
        Assert.Equal(LogitScore.Of(logits, [.. Enumerable.Range(0, 12).Select(i => i % 3)], 3).Loss, one.Loss, 1e-4);
    }

    [Fact]
    public void The_probe_shows_stale_statistics_of_batch_normalisation()
    {
        using Classifier network = Networks.Create("cifar_resnet8", 3, 1);
        using Batch batch = First(12);
        using var probe = new TrainingProbe(batch.Images, batch.Labels);
        ProbeReading healthy = probe.Measure(network, Blocks(network), channelsLast: false);
        using (no_grad())
            network.state_dict()["bn1.running_var"].fill_(1e-4f);
        ProbeReading stale = probe.Measure(network, Blocks(network), channelsLast: false);
        Assert.Equal(healthy.BatchLoss, stale.BatchLoss, 1e-5);
        Assert.True(stale.Loss > 2 * stale.BatchLoss, $"{stale.Loss} {stale.BatchLoss}");
        using Classifier plain = Networks.Create("mlp", 3, 1);
        Assert.True(double.IsNaN(probe.Measure(plain, Blocks(plain), channelsLast: false).BatchLoss));
    }

    [Fact]
    public void Units_that_no_image_can_wake_are_counted_where_they_are()
    {
        // 6 of 8 channels of the second convolution dead; the first is normalised, so its own sign means nothing.
        Conv2d first = nn.Conv2d(3, 4, 3, padding: 1), second = nn.Conv2d(4, 8, 3, padding: 1);
        using var network = new MapClassifier(8, 3, first, nn.BatchNorm2d(4), nn.ReLU(), second, nn.ReLU());
        using (no_grad())
        {
            first.bias!.fill_(-100f);
            second.bias!.copy_(tensor([-100f, -100f, -100f, -100f, -100f, -100f, 100f, 100f]));
            network.state_dict()["features.1.running_mean"].fill_(-100f);
        }
        using Batch batch = First(12);
        using var probe = new TrainingProbe(batch.Images, batch.Labels);
        IReadOnlyList<BlockActivations> blocks = probe.Measure(network, Blocks(network), channelsLast: false).Blocks;
        Assert.Equal(["features.0", "features.3", "fc"], blocks.Select(b => b.Block));
        Assert.Equal((0, 0.75), (blocks[0].DeadShare, blocks[1].DeadShare));
        Assert.True(double.IsNaN(blocks[2].DeadShare));
        Assert.All(blocks, b => Assert.True(b.Deviation > 0));
    }

    [Fact]
    public void Logits_are_scored_as_torch_does()
    {
        float[] logits = [4, 0, 0, 0, 2, 1, 1, 1, 0, 0, 0, 9];
        int[] labels = [0, 1, 1, 0];
        LogitScore score = LogitScore.Of(logits, labels, 3);
        using Tensor rows = tensor(logits).reshape(4, 3), wanted = tensor(labels.Select(l => (long)l).ToArray());
        Assert.Equal(nn.functional.cross_entropy(rows, wanted).item<float>(), score.Loss, 1e-5);
        Assert.Equal((0.5, 0.25), (score.Top1, score.ConfidentlyWrong));
        Assert.Equal([2, 1, 1], score.Predictions);
        using Tensor each = nn.functional.cross_entropy(rows, wanted, reduction: nn.Reduction.None), halves = each.quantile(tensor(new[] { 0.5f, 0.9f }));
        Assert.Equal(halves[0].item<float>(), score.LossMedian, 1e-5);
        Assert.Equal(halves[1].item<float>(), score.LossP90, 1e-5);
    }

    private static IReadOnlyList<NetworkBlock> Blocks(Classifier network) => NetworkBlock.Of(OptimisedParameter.Of(network, new OptimiserRecipe()));

    private static Recipe Plain(double rate) => new()
    {
        Data = new DataRecipe { Path = "unused" },
        Network = new NetworkRecipe { Name = "unused" },
        Optimiser = new OptimiserRecipe { LearningRate = rate, Momentum = 0, Nesterov = false, WeightDecay = 0 },
        Schedule = new ScheduleRecipe { Name = ScheduleName.Constant },
        Training = new TrainingRecipe { Precision = PrecisionChoice.Float32, ChannelsLast = false },
    };

    private static Batch First(int images, int classes = 3)
    {
        using var loader = new BatchLoader(TestImages.Samples(images, classes: classes), TestImages.At(32, 32), Training.Augmentation.AugmentationRecipe.None, new LoaderOptions { BatchSize = images, Classes = 3 });
        return loader.Epoch(0).First();
    }
}
