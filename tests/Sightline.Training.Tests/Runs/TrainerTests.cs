using Sightline.Datasets;
using Sightline.Models;
using Sightline.Training.Augmentation;
using Sightline.Training.Checkpoints;
using Sightline.Training.Loop;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Tests;

[Collection(nameof(OneAtATime))]
public sealed class TrainerTests : IDisposable
{
    private readonly TinyImageFolder tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Accumulated_batches_step_as_one_large_batch()
    {
        Recipe recipe = Linear(r => r with { Training = r.Training with { ClipNorm = 0.5 } });
        using Classifier whole = new LinearClassifier(), parts = new LinearClassifier();
        using var a = new Trainer(recipe, whole, 10, PrecisionChoice.Float32);
        using var b = new Trainer(recipe, parts, 10, PrecisionChoice.Float32);
        IReadOnlyList<ImageSample> samples = TestImages.Samples(24);
        using var large = Loader(samples, 24);
        using var small = Loader(samples, 9);
        for (int i = 0; i < 3; i++)
        {
            Batch[] one = [.. large.Epoch(i)], three = [.. small.Epoch(i)];
            StepResult x = a.Step(one, true), y = b.Step(three, true);
            Assert.Equal((24, 24, 3), (x.Images, y.Images, three.Length));
            Assert.Equal(x.Loss, y.Loss, 1e-5);
            Assert.Equal(x.GradientNorm!.Value, y.GradientNorm!.Value, 1e-4);
            foreach (Batch batch in one.Concat(three))
                batch.Dispose();
        }
        Assert.True(allclose(whole.state_dict()["fc.weight"], parts.state_dict()["fc.weight"], atol: 1e-6));
    }

    [Fact]
    public void Sharpness_aware_steps_take_the_gradient_uphill_and_count_a_batch_once()
    {
        const double rho = 0.4;
        Recipe recipe = Linear(r => r with { Optimiser = r.Optimiser with { Momentum = 0, WeightDecay = 0 }, Training = r.Training with { Sharpness = rho } });
        using Classifier network = new LinearClassifier(), twin = new LinearClassifier();
        twin.load_state_dict(network.state_dict());
        using var trainer = new Trainer(recipe, network, 10, PrecisionChoice.Float32);
        using var loader = Loader(TestImages.Samples(12, classes: 3), 12);
        using Batch batch = loader.Epoch(0).First();
        double rate = trainer.NextRate;
        StepResult step = trainer.Step([batch], true);

        // Algorithm 1 written out.
        Tensor[] Gradients()
        {
            twin.zero_grad();
            nn.functional.cross_entropy(twin.call(batch.Images), batch.Labels).backward();
            return [.. twin.parameters().Select(p => p.grad!.clone())];
        }
        Tensor[] here = Gradients();
        double norm = Math.Sqrt(here.Sum(g => (double)g.square().sum().item<float>()));
        Assert.True(norm > 0.01);
        using (no_grad())
        {
            foreach ((TorchSharp.Modules.Parameter p, Tensor g) in twin.parameters().Zip(here))
                p.add_(g * (rho / norm));
        }
        Tensor[] uphill = Gradients();
        foreach (((TorchSharp.Modules.Parameter p, Tensor before), (TorchSharp.Modules.Parameter now, Tensor g)) in twin.parameters().Zip(here.Select(g => g * (rho / norm))).Zip(network.parameters().Zip(uphill)))
            Assert.True(allclose(p - before - g * rate, now, atol: 1e-6));
        Assert.Contains(here.Zip(uphill), g => (g.First - g.Second).abs().max().item<float>() > 1e-4f);
        Assert.True(double.IsFinite(step.Loss));

        using Classifier norms = Networks.Create("cifar_resnet8", 3, 1);
        using var second = new Trainer(recipe, norms, 10, PrecisionChoice.Float32);
        second.Step([batch], false);
        Assert.Equal(1, norms.state_dict()["bn1.num_batches_tracked"].item<long>());
    }

    [Fact]
    public void Auxiliary_classifiers_train_along_and_are_no_part_of_the_loss_that_is_told()
    {
        Recipe recipe = Linear(r => r with { Optimiser = r.Optimiser with { Momentum = 0, WeightDecay = 0 } });
        using Classifier with = Networks.Create("cifar_inception", 3, 1), without = Networks.Create("cifar_inception", 3, 1, new NetworkOptions { Auxiliary = false });
        using var a = new Trainer(recipe, with, 10, PrecisionChoice.Float32);
        using var b = new Trainer(recipe, without, 10, PrecisionChoice.Float32);
        using var loader = Loader(TestImages.Samples(8, classes: 3), 8);
        using Batch batch = loader.Epoch(0).First();
        Dictionary<string, Tensor> before = with.state_dict().ToDictionary(t => t.Key, t => t.Value.clone());
        StepResult one = a.Step([batch], true), two = b.Step([batch], true);
        // The same weights, so the same loss of the network's own logits; the others' pull at what lies before them, and at nothing else.
        Assert.Equal(two.Loss, one.Loss, 1e-6);
        Dictionary<string, Tensor> x = with.state_dict(), y = without.state_dict();
        Assert.False(allclose(x["aux1.fc2.weight"], before["aux1.fc2.weight"]));
        Assert.False(allclose(x["stem.conv.weight"], y["stem.conv.weight"], atol: 1e-7));
        Assert.True(allclose(x["inception6.branch1.conv.weight"], y["inception6.branch1.conv.weight"], atol: 1e-6));

        // A frozen backbone freezes them too.
        Recipe frozen = recipe with { Network = recipe.Network with { FrozenEpochs = 1 } };
        using var c = new Trainer(frozen, with, 10, PrecisionChoice.Float32);
        c.BeginEpoch(0);
        using Tensor kept = x["aux1.fc2.weight"].clone(), own = x["fc.weight"].clone();
        c.Step([batch], true);
        Assert.True(kept.equal(with.state_dict()["aux1.fc2.weight"]).all().item<bool>());
        Assert.False(allclose(own, with.state_dict()["fc.weight"]));
    }

    [Fact]
    public void First_weights_of_another_number_of_classes_leave_all_classifier_layers_fresh()
    {
        string weights = tiny.PathOf("five.safetensors");
        using Classifier source = Networks.Create("cifar_inception", 5, 3);
        WeightFile.Save(source, weights);
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16, precision: float32"), ["network.name=cifar_inception", "network.options.dropout=null", $"network.weights={weights}", "optimiser.learningRate=1e-30"]);
        var said = new List<string>();
        TrainingRun.Start(recipe, tiny.PathOf("run"), new RunOptions { Say = said.Add });
        Assert.Contains(said, s => s.Contains("the classifier layer starts fresh", StringComparison.Ordinal));

        // Hardly trained, so what it holds is what it began with: the file's weights, and new layers for three classes, as its seed draws them.
        using Classifier fresh = Networks.Create("cifar_inception", 3, recipe.Seed);
        using Training.Evaluation.TrainedModel model = Training.Evaluation.TrainedModel.Load(tiny.PathOf("run"));
        Dictionary<string, Tensor> from = source.state_dict(), drawn = fresh.state_dict();
        foreach ((string name, Tensor value) in model.Network.state_dict().Where(t => t.Key.EndsWith(".weight", StringComparison.Ordinal)))
            Assert.True(allclose(value, (model.Network.IsHead(name) ? drawn : from)[name], atol: 1e-12), name);
    }

    [Fact]
    public void Two_thousand_steps_leave_memory_flat()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Resident memory is read from /proc, which only Linux has.");
        Recipe recipe = Linear(r => r with { Training = r.Training with { EmaDecay = 0.9, ClipNorm = 1 } });
        using Classifier network = Networks.Create("cifar_resnet8", 3, 1);
        using var trainer = new Trainer(recipe, network, 2500, PrecisionChoice.Float32);
        IReadOnlyList<ImageSample> samples = TestImages.Samples(16, classes: 3);
        using var loader = Loader(samples, 4, 8);
        using var evaluation = Loader(samples, 4, 8);
        var options = new Training.Evaluation.EvaluationOptions();
        void Train(int steps)
        {
            network.train();
            for (int epoch = 0; epoch < steps / 4; epoch++)
            {
                foreach (Batch batch in loader.Epoch(epoch))
                {
                    using (batch)
                        trainer.Step([batch], true);
                }
            }
        }
        void Infer(int steps)
        {
            for (int pass = 0; pass < steps / 4; pass++)
                Training.Evaluation.Evaluator.Logits(network, 3, evaluation, samples.Count, options, null, CancellationToken.None);
        }
        foreach (Action<int> work in (Action<int>[])[Train, Infer])
        {
            work(400);
            (long tensors, long resident) = Settled();
            work(2000);
            (long tensorsAfter, long residentAfter) = Settled();
            Assert.Equal(tensors, tensorsAfter);
            Assert.True(residentAfter - resident < 24 << 20, $"resident memory grew by {(residentAfter - resident) / 1024} KiB in 2,000 steps");
        }
    }

    [Fact]
    public void A_diverging_training_stops_and_keeps_the_last_good_checkpoint()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe(), ["optimiser.learningRate=1e18", "schedule.name=constant", "optimiser.momentum=0"]);
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => TrainingRun.Start(recipe, tiny.PathOf("run")));
        Assert.Contains("learning rate 1E+18", error.Message, StringComparison.Ordinal);
        Assert.Contains("The last good checkpoint is kept", error.Message, StringComparison.Ordinal);
        using Checkpoint kept = Checkpoint.Read(tiny.PathOf("run/checkpoints/last.safetensors"));
        using Classifier network = Networks.Create("cifar_resnet8", 3, 1, new NetworkOptions { Dropout = 0.1 });
        kept.RestoreWeights(network);
        Assert.All(network.state_dict().Values, t => Assert.True(!t.is_floating_point() || t.isfinite().all().item<bool>()));
    }

    [Fact]
    public void Early_stopping_waits_for_its_patience()
    {
        // Nothing is learnt at this rate, so no epoch is better than the first.
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 9, batchSize: 16, precision: float32, earlyStoppingPatience: 2"), ["optimiser.learningRate=1e-30", "augmentation.pad=0", "augmentation.horizontalFlip=0", "data.split.validationFraction=0.5"]);
        var said = new List<string>();
        RunSummary run = TrainingRun.Start(recipe, tiny.PathOf("run"), new RunOptions { Say = said.Add });
        Assert.InRange(run.Epochs, 3, 8);
        Assert.Equal(run.BestEpoch + 2, run.Epochs);
        Assert.Contains("Stopped early: 2 epochs without a better validation accuracy.", said);
    }

    [Fact]
    public void A_frozen_backbone_does_not_move_until_it_is_released()
    {
        string first = TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16, precision: float32")), tiny.PathOf("first")).Folder;
        string weights = Path.Combine(first, "checkpoints", "last.safetensors");
        Recipe transfer = RecipeFile.Read(tiny.Recipe("", "epochs: 2, batchSize: 16, precision: float32"), [$"network.weights={weights}", "network.frozenEpochs=1", "network.backboneRate=0.1"]);
        RunSummary frozen = TrainingRun.Start(transfer, tiny.PathOf("transfer"), new RunOptions { UntilEpoch = 1 });
        Assert.Equal(["fc.bias", "fc.weight"], Changed(weights, frozen.Folder));
        TrainingRun.Resume(frozen.Folder);
        Assert.Contains("conv1.weight", Changed(weights, frozen.Folder));

        BadInputException error = Assert.Throws<BadInputException>(() => TrainingRun.Start(transfer with { Network = transfer.Network with { Name = "cifar_resnet20" } }, tiny.PathOf("other")));
        Assert.Equal("weights-network", error.Code);
    }

    [Fact]
    public void First_weights_of_another_network_are_listed_with_their_shapes_and_can_be_allowed()
    {
        string weights = tiny.PathOf("weights.safetensors");
        using (Classifier source = Networks.Create("cifar_resnet8", 5, 3))
        using (Tensor misshapen = zeros(16, 3, 1, 1))
        using (Tensor unknown = zeros(7))
            Safetensors.Write(weights, [.. source.state_dict().Where(t => t.Key != "conv1.weight"), new("conv1.weight", misshapen), new("teacher.weight", unknown)]);
        string training = "epochs: 1, batchSize: 16, precision: float32";
        BadInputException error = Assert.Throws<BadInputException>(() => TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", training), ["network.name=cifar_resnet20", $"network.weights={weights}"]), tiny.PathOf("strict")));
        Assert.Contains("missing (layer1.1.conv1.weight [16, 16, 3, 3] float, layer1.1.bn1.weight [16] float, ", error.Message, StringComparison.Ordinal);
        Assert.Matches(@"missing \(([^,(]+ \[[0-9, ]+\] float, ){4}[^,(]+ \[[0-9, ]+\] float and \d+ more\)", error.Message);
        Assert.Contains("1 unexpected (teacher.weight [7] float)", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 of another shape (conv1.weight: [16, 3, 1, 1] float in the file, [16, 3, 3, 3] float in the network)", error.Message, StringComparison.Ordinal);
        Assert.Contains("network.allow: [missing, unexpected, shape]", error.Message, StringComparison.Ordinal);

        // Each kind is an error unless it is allowed itself.
        BadInputException one = Assert.Throws<BadInputException>(() => TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", training), ["network.name=cifar_resnet20", $"network.weights={weights}", "network.allow=[missing, shape]"]), tiny.PathOf("partly")));
        Assert.Contains("does not fit", one.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("missing (", one.Message, StringComparison.Ordinal);

        var said = new List<string>();
        TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", training), ["network.name=cifar_resnet20", $"network.weights={weights}", "network.allow=[missing, unexpected, shape]"]), tiny.PathOf("allowed"), new RunOptions { Say = said.Add });
        Assert.Contains(said, s => s.StartsWith("first weights: allowed: ", StringComparison.Ordinal) && s.Contains("1 unexpected (teacher.weight [7] float)", StringComparison.Ordinal));
        Assert.Contains(said, s => s.Contains("the classifier layer starts fresh", StringComparison.Ordinal));
        Assert.Equal("recipe-value", Assert.Throws<BadInputException>(() => RecipeFile.Read(tiny.Recipe(), ["network.allow=[missing]"])).Code);
    }

    [Fact]
    public void First_weights_of_a_run_are_the_averaged_ones_that_evaluate_takes()
    {
        string first = TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16, precision: float32, emaDecay: 0.9")), tiny.PathOf("averaged")).Folder;
        string weights = Path.Combine(first, "checkpoints", "last.safetensors");
        using (StoredWeights stored = WeightFile.Read(weights))
            Assert.False(stored.Tensors["conv1.weight"].equal(stored.Tensors["ema/conv1.weight"]).all().item<bool>());
        var said = new List<string>();
        // At this rate nothing moves: what is saved is what it started with.
        Recipe tune = RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16, precision: float32"), [$"network.weights={weights}", "optimiser.learningRate=1e-30", "optimiser.weightDecay=0"]);
        string run = TrainingRun.Start(tune, tiny.PathOf("tuned"), new RunOptions { Say = said.Add }).Folder;
        Assert.Contains(said, s => s.Contains("the averaged ones (EMA)", StringComparison.Ordinal));
        using StoredWeights before = WeightFile.Read(weights), after = WeightFile.Read(Path.Combine(run, "checkpoints", "last.safetensors"));
        Assert.True(after.Tensors["conv1.weight"].equal(before.Tensors["ema/conv1.weight"]).all().item<bool>());

        // Two-stage training: everything but the classifier layer is taken, and stays.
        Recipe retrain = RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16, precision: float32"), [$"network.weights={weights}", "network.freshHead=true", "network.frozenEpochs=1", "data.sampling.name=class-balanced"]);
        string second = TrainingRun.Start(retrain, tiny.PathOf("second-stage"), new RunOptions { Say = said.Add }).Folder;
        Assert.Contains("the classifier layer starts fresh", said.Last(s => s.StartsWith("first weights", StringComparison.Ordinal)), StringComparison.Ordinal);
        using StoredWeights retrained = WeightFile.Read(Path.Combine(second, "checkpoints", "last.safetensors"));
        Assert.True(retrained.Tensors["conv1.weight"].equal(before.Tensors["ema/conv1.weight"]).all().item<bool>());
        Assert.False(retrained.Tensors["fc.weight"].equal(before.Tensors["ema/fc.weight"]).all().item<bool>());
    }

    [Fact]
    public void Weights_from_outside_start_a_training_with_their_own_normalisation()
    {
        static int Load(Classifier network)
        {
            using (no_grad())
                network.get_parameter("conv1.weight")!.fill_(0.25);
            return 1;
        }
        var source = new PretrainedSource("cifar_resnet8", [0.1f, 0.2f, 0.3f], [0.5f, 0.5f, 0.5f], 12, Load);
        Recipe recipe = RecipeFile.Read(tiny.Recipe("", "epochs: 1, batchSize: 16, precision: float32"), ["network.pretrained=imagenet", "network.frozenEpochs=1"]);
        string run = TrainingRun.Start(recipe, tiny.PathOf("run"), new RunOptions { Imagenet = () => source }).Folder;
        Assert.Contains("mean: [0.1, 0.2, 0.3]", File.ReadAllText(Path.Combine(run, "recipe.yaml")), StringComparison.Ordinal);
        using (StoredWeights weights = Safetensors.Read(Path.Combine(run, "checkpoints", "last.safetensors")))
            Assert.True(weights.Tensors["conv1.weight"].eq(0.25).all().item<bool>());
        Assert.Equal("pretrained-unavailable", Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, tiny.PathOf("a"))).Code);
        Assert.Equal("pretrained-network", Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe with { Network = recipe.Network with { Name = "cifar_resnet20" } }, tiny.PathOf("a"), new RunOptions { Imagenet = () => source })).Code);
        Assert.Equal("pretrained-size", Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe with { Preprocessing = recipe.Preprocessing with { Width = 16 } }, tiny.PathOf("a"), new RunOptions { Imagenet = () => source })).Code);
    }

    private static string[] Changed(string weights, string run)
    {
        using StoredWeights before = Safetensors.Read(weights), after = Safetensors.Read(Path.Combine(run, "checkpoints", "last.safetensors"));
        return [.. before.Tensors.Where(t => !t.Key.Contains('/', StringComparison.Ordinal) && t.Value.is_floating_point() && !t.Value.eq(after.Tensors[t.Key]).all().item<bool>()).Select(t => t.Key).Order(StringComparer.Ordinal)];
    }

    private static (long Tensors, long Resident) Settled()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return (Tensor.TotalCount, 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static BatchLoader Loader(IReadOnlyList<ImageSample> samples, int batch, int side = 12) =>
        new(samples, TestImages.At(side, side), AugmentationRecipe.None, new LoaderOptions { BatchSize = batch, Seed = 1, Shuffle = true, Workers = 1, Classes = 3 });

    private static Recipe Linear(Func<Recipe, Recipe> change) => change(new Recipe
    {
        Data = new DataRecipe { Path = "none" },
        Network = new NetworkRecipe { Name = "none" },
        Optimiser = new OptimiserRecipe { LearningRate = 0.01 },
    });

    /// <summary>Without batch statistics, so that the division into batches cannot show.</summary>
    private sealed class LinearClassifier : Classifier
    {
        public LinearClassifier()
            : base("linear")
        {
            AddHead("fc", nn.Linear(3 * 12 * 12, 16));
            using (no_grad())
            {
                Head.weight.copy_(arange(16 * 432, dtype: float32).sin().reshape(16, 432).div(20));
                Head.bias!.fill_(0);
            }
        }

        public override Tensor Features(Tensor images) => images.flatten(1);
    }
}
