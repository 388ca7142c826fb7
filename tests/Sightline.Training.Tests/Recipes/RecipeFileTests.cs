using CsCheck;
using Sightline.Imaging;
using Sightline.Training.Augmentation;
using Sightline.Training.Recipes;

namespace Sightline.Tests;

public sealed class RecipeFileTests
{
    private const string Small = "data:\n  path: images\nnetwork:\n  name: cifar_resnet8\n";

    [Fact]
    public void Defaults_fill_what_is_not_given()
    {
        Recipe recipe = RecipeFile.Parse(Small, "r.yaml");
        Assert.Equal(new Recipe { Data = new DataRecipe { Path = "images" }, Network = new NetworkRecipe { Name = "cifar_resnet8" } }, recipe);
    }

    [Theory]
    [InlineData("optimizer:\n  name: sgd\n", 5, "column 1: 'optimizer' is not a key of a recipe. Did you mean 'optimiser'?")]
    [InlineData("training:\n  epochs: 3\n  batchsize: 8\n", 7, "column 3: 'batchsize' is not a key of 'training'. Did you mean 'batchSize'?")]
    [InlineData("training:\n  epochs: ten\n", 6, "'training.epochs' holds 'ten'; expected a whole number")]
    [InlineData("training:\n  epochs: 1.5\n", 6, "expected a whole number")]
    [InlineData("training:\n  channelsLast: yes\n", 6, "expected true or false")]
    [InlineData("training:\n  clipNorm: .nan\n", 6, "expected a number")]
    [InlineData("schedule:\n  name: cosin\n", 6, "(constant, step, cosine, one-cycle, exponential). Did you mean 'cosine'?")]
    [InlineData("schedule: cosine\n", 5, "'schedule' holds 'cosine'; expected keys: name,")]
    [InlineData("schedule:\n  milestones: 3\n", 6, "expected a list")]
    [InlineData("schedule:\n  milestones: [3, 2]\n", 6, "rising epochs")]
    [InlineData("schedule:\n  name: exponential\n  initialFactor: 0\n", 7, "'schedule.initialFactor' is 0; expected more than 0")]
    [InlineData("training:\n  epochs:\n", 6, "'training.epochs' holds nothing")]
    [InlineData("training:\n  epochs: 0\n", 6, "'training.epochs' is 0; expected 1 to 100000")]
    [InlineData("optimiser:\n  learningRate: -1\n", 6, "expected more than 0")]
    [InlineData("augmentation:\n  horizontalFlip: 2\n", 6, "augmentation.horizontalFlip")]
    [InlineData("training:\n  determinism: exact\n  precision: auto\n", 7, "float32 or bf16")]
    [InlineData("preprocessing:\n  mean: [1, 2]\n", 6, "three numbers")]
    [InlineData("preprocessing:\n  width: 7000\n  height: 7000\n", 6, "64 images of 3×7000×7000 are more")]
    [InlineData("loss:\n  focalGamma: -1\n", 6, "'loss.focalGamma' is -1; expected 0 to 100")]
    [InlineData("loss:\n  weights: [1, -2]\n", 6, "'loss.weights' is -2; expected weights above 0")]
    [InlineData("loss:\n  weights: [1, 2]\n  classWeights: inverse-frequency\n", 6, "since loss.classWeights is set: one of the two")]
    [InlineData("loss:\n  labelSmoothing: 1\n", 6, "'loss.labelSmoothing' is 1; expected 0 to less than 1")]
    [InlineData("loss:\n  effectiveBeta: 1\n", 6, "'loss.effectiveBeta' is 1; expected 0 to less than 1")]
    [InlineData("loss:\n  logitAdjustment: -0.5\n", 6, "'loss.logitAdjustment' is -0.5; expected 0 (off) to 100")]
    [InlineData("optimiser:\n  l1: -1\n", 6, "'optimiser.l1' is -1; expected")]
    [InlineData("training:\n  sharpness: 11\n", 6, "'training.sharpness' is 11; expected 0 (off) to 10")]
    [InlineData("  pretrained: imagenet\n  frozenEpochs: 11\n", 6, "'network.frozenEpochs' is 11; expected 0 to training.epochs (10;")]
    [InlineData("seed: 1\nseed: 2\n", 6, "not valid YAML")]
    [InlineData("training: [1\n", 6, "not valid YAML")]
    public void A_mistake_names_its_line_and_what_is_valid(string more, int line, string message)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => RecipeFile.Parse(Small + more, "r.yaml"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal("r.yaml", error.Path);
        Assert.Equal(line, error.Line);
    }

    [Fact]
    public void A_code_that_no_gate_reports_cannot_be_allowed()
    {
        BadInputException error = Assert.Throws<BadInputException>(() => RecipeFile.Parse(Small, "r.yaml", ["data.allow=[duplicate-across-split]"]));
        Assert.Contains("did you mean 'duplicate-across-splits'?", error.Message, StringComparison.Ordinal);
        Assert.Equal(["split-unknown"], RecipeFile.Parse(Small, "r.yaml", ["data.allow=[split-unknown]"]).Data.Allow);
    }

    [Fact]
    public void A_required_key_is_asked_for()
    {
        BadInputException error = Assert.Throws<BadInputException>(() => RecipeFile.Parse("data:\n  path: x\n", "r.yaml"));
        Assert.Contains("'network' is missing", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<BadInputException>(() => RecipeFile.Parse("network:\n  name: x\ndata:\n  crops:\n    of: coco\n", "r.yaml"));
        Assert.Contains("'data.path' is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_override_wins_and_its_mistake_names_the_option()
    {
        Recipe recipe = RecipeFile.Parse(Small, "r.yaml", ["training.epochs=3", "schedule.milestones=[1, 2.5]", "augmentation.mixUp.alpha=0.4", "name=a-b", "preprocessing.mean=null"]);
        Assert.Equal(3, recipe.Training.Epochs);
        Assert.Equal([1, 2.5], recipe.Schedule.Milestones);
        Assert.Equal(0.4, recipe.Augmentation.MixUp!.Alpha);
        BadInputException error = Assert.Throws<BadInputException>(() => RecipeFile.Parse(Small, "r.yaml", ["training.epoch=3"]));
        Assert.StartsWith("--set training.epoch=3: 'epoch' is not a key of 'training'. Did you mean 'epochs'?", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<BadInputException>(() => RecipeFile.Parse(Small, "r.yaml", ["training.epochs=0"]));
        Assert.StartsWith("--set training.epochs=0: 'training.epochs' is 0", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<BadInputException>(() => RecipeFile.Parse(Small, "r.yaml", ["epochs"]));
        Assert.Contains("expected key=value", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Written_recipes_read_back_equal()
    {
        Gen<string> text = Gen.String[Gen.Char["abcXYZ019 .,:;#'\"\\\n\t-_/[]{}&*!|>%@`~?=\u00e4\u20ac\u0007\u0085\u2028"], 1, 12];
        Gen<double> fraction = Gen.Double[0, 0.49];
        Gen<Recipe> recipes =
            from name in text
            from path in text
            from seed in Gen.ULong
            from real in Gen.Double[1e-12, 1e6]
            from f in fraction
            from flag in Gen.Bool
            from n in Gen.Int[1, 10_000]
            from groups in text.Array[0, 3]
            from mean in Gen.Single[0.01f, 1f].Array[3]
            from choice in Gen.Int[0, 3]
            select new Recipe
            {
                Name = name,
                Seed = seed,
                Data = new DataRecipe
                {
                    Path = path,
                    Crops = new CropRecipe { Of = (CropSource)(choice % 3), MinSide = 1 + f },
                    Columns = new ColumnRecipe { Label = flag ? name : null },
                    Split = new SplitRecipe { By = (SplitRule)choice, ValidationFraction = f, TestFraction = f, TestGroups = ValueList.Create<string>(groups) },
                },
                Preprocessing = new PreprocessingRecipe { Width = flag ? 1 + n % 8000 : null, Resize = (ResizeRule)choice, Mean = flag ? ValueList.Create<float>(mean) : null },
                Augmentation = new AugmentationRecipe { Pad = choice, MixUp = flag ? new MixUpRecipe { Alpha = real } : null },
                Network = new NetworkRecipe { Name = path },
                Loss = new LossRecipe { LabelSmoothing = f },
                Optimiser = new OptimiserRecipe { Name = flag ? OptimiserName.AdamW : OptimiserName.Sgd, LearningRate = real, Momentum = f },
                Schedule = new ScheduleRecipe { Name = (ScheduleName)choice, WarmupEpochs = flag ? f : null, Milestones = [1, 1 + real] },
                Training = new TrainingRecipe { Epochs = n, EmaDecay = flag ? 0 : f, Swa = flag ? new SwaRecipe { FromEpoch = choice % n, Rate = real, LowestRate = f * real, AnnealEpochs = f } : null, ClipNorm = real, Precision = (PrecisionChoice)(choice % 3), ChannelsLast = flag },
                Checkpointing = new CheckpointingRecipe { EverySteps = n },
            };
        recipes.Sample(recipe => Assert.Equal(recipe, RecipeFile.Parse(RecipeFile.Text(recipe), "r.yaml")), iter: 500);
    }

    [Fact]
    public void Differences_name_keys_and_values()
    {
        Recipe a = RecipeFile.Parse(Small, "r.yaml"), b = RecipeFile.Parse(Small, "r.yaml", ["training.epochs=3", "augmentation.mixUp.alpha=1"]);
        Assert.Empty(RecipeFile.Differences(a, a));
        Assert.Equal(["augmentation.mixUp.alpha: null → 1", "augmentation.mixUp.probability: null → 1", "training.epochs: 10 → 3"],
            RecipeFile.Differences(a, b).Select(d => $"{d.Key}: {d.A} → {d.B}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_reference_tells_every_key_with_its_default_and_meaning()
    {
        Dictionary<string, RecipeKeyReference> keys = RecipeReference.Keys().ToDictionary(k => k.Path);
        // What a recipe with every default spelled out holds is what the reference knows.
        Recipe defaults = RecipeFile.Parse("data: {path: x}\nnetwork: {name: resnet18}\n", "defaults");
        foreach ((string path, string value) in RecipeWriter.Leaves(defaults).Where(l => !keys[l.Path].Required))
            Assert.Equal((path, value), (path, keys[path].Default));
        Assert.Equal(("whole number", "10", false), (keys["training.epochs"].Type, keys["training.epochs"].Default, keys["training.epochs"].Required));
        Assert.True(keys["data.path"].Required && keys["network.name"].Required);
        Assert.Equal("[]", keys["network.allow"].Default);
        Assert.Equal("null", keys["augmentation.randomResizedCrop"].Default);
        Assert.Contains("augmentation.randomResizedCrop.scaleMin", keys.Keys);
        Assert.Equal(["constant", "step", "cosine", "one-cycle", "exponential"], keys["schedule.name"].Choices.Select(c => c.Name));
        Assert.Contains("`initialFactor`", keys["schedule.warmupEpochs"].Summary, StringComparison.Ordinal);
        Assert.All(keys.Values, k => Assert.True(k.Summary.Length > 5 && k.Choices.All(c => c.Summary.Length > 5), k.Path));
    }
}
