using System.Diagnostics;
using Sightline.Models;
using Sightline.Training.Checkpoints;
using Sightline.Training.Evaluation;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Tests;

/// <summary>What cannot be used gives one clear error that names it, and leaves nothing half-written.</summary>
[Collection(nameof(OneAtATime))]
public sealed class TrainingBadInputTests : IDisposable
{
    private readonly TinyImageFolder tiny = new(perClass: 20);

    public void Dispose() => tiny.Dispose();

    [Theory]
    [InlineData("data.path=nowhere", "data-missing", "nowhere")]
    [InlineData("network.name=cifar_resnet21", "network-unknown", "Did you mean 'cifar_resnet20'?")]
    [InlineData("network.name=lenet5;network.options.dropout=null", "network-channels", "1 channel, grey")]
    [InlineData("network.name=airbench94;preprocessing.width=8", "input-too-small", "8×12")]
    [InlineData("network.name=googlenet;network.options.dropout=0;preprocessing.width=31;preprocessing.height=40", "input-too-small", "at least 32")]
    [InlineData("network.name=inception_v3;preprocessing.width=64;preprocessing.height=64", "input-too-small", "at least 75")]
    [InlineData("network.name=googlenet;preprocessing.width=32;preprocessing.height=32;training.batchSize=1", "batch-of-one", "1×1 at inception")]
    [InlineData("network.name=cifar_resnet8;preprocessing.width=4;preprocessing.height=4;training.batchSize=1", "batch-of-one", "1×1 at layer3")]
    [InlineData("network.name=mobilenet_v2;preprocessing.width=32;preprocessing.height=32;training.batchSize=1", "batch-of-one", "1×1 at features.14")]
    [InlineData("network.name=mobilenet_v4_conv_small;preprocessing.width=64;preprocessing.height=64;training.batchSize=1", "batch-of-one", "1×1 at norm_head")]
    [InlineData("network.name=resnet18;preprocessing.width=31;preprocessing.height=31", "input-too-small", "at least 32")]
    [InlineData("network.options.dropout=1", "network-option", "network.options.dropout is 1")]
    [InlineData("network.options.auxiliary=false", "network-option", "Inception")]
    [InlineData("loss.weights=[1, 2]", "class-weights", "2 weights, and the set has 3 classes")]
    [InlineData("data.split.by=group", "split-group", "names the drive")]
    [InlineData("data.split.by=own", "split-own", "no splits of its own")]
    [InlineData("training.earlyStoppingPatience=2;data.split.validationFraction=0", "patience-without-validation", "training.earlyStoppingPatience is 2")]
    [InlineData("preprocessing.width=8000;preprocessing.height=null;network.name=resnet18;training.batchSize=512", "input-too-large", "512 images of 8000×224")]
    [InlineData("network.weights=nowhere.safetensors", "weights-missing", "nowhere.safetensors")]
    public void A_recipe_that_does_not_fit_says_where(string set, string code, string message)
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe(), set.Split(';'));
        BadInputException error = Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, tiny.PathOf("run")));
        Assert.Equal(code, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(tiny.PathOf("run")));
    }

    [Fact]
    public void A_recipe_made_in_code_is_checked_as_one_read_from_a_file()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe());
        foreach ((Recipe broken, string key) in ((Recipe, string)[])
        [
            (recipe with { Loss = recipe.Loss with { Name = LossName.Focal, FocalGamma = -1 } }, "loss.focalGamma"),
            (recipe with { Loss = recipe.Loss with { Weights = [1, -1, 1] } }, "loss.weights"),
        ])
        {
            BadInputException error = Assert.Throws<BadInputException>(() => TrainingRun.Start(broken, tiny.PathOf("run")));
            Assert.Contains(key, error.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(tiny.PathOf("run")));
        }
    }

    [Theory]
    [InlineData("data.sampling.name=class-balanced")]
    [InlineData("data.sampling.name=repeat-factor")]
    [InlineData("loss.classWeights=inverse-frequency")]
    [InlineData("loss.logitAdjustment=1")]
    public void An_empty_class_cannot_be_balanced_and_holds_nothing_open(string set)
    {
        Directory.Delete(Directory.GetDirectories(tiny.Images).Order(StringComparer.Ordinal).Last(), recursive: true);
        Directory.CreateDirectory(Path.Combine(tiny.Images, "zebra"));
        foreach (string determinism in (string[])["exact", "fast"])
        {
            Recipe recipe = RecipeFile.Read(tiny.Recipe(), ["data.allow=[class-without-images]", $"training.determinism={determinism}", set]);
            Assert.Equal("class-empty", Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, tiny.PathOf("run"))).Code);
            Assert.Equal("class-empty", Assert.Throws<BadInputException>(() => DryRun.Measure(recipe)).Code);
            Assert.False(Torch.Determinism.IsEnabled);
            Assert.False(Torch.ScalarGuard.IsHeld);
        }
    }

    [Fact]
    public void A_sampler_that_draws_more_than_there_are_leaves_no_last_batch_of_one()
    {
        // 50 images, of which the rarest class has 4: 14 more are drawn than there are.
        foreach ((string name, int keep) in ((string, int)[])[("cone", 20), ("crate", 20), ("person", 4)])
        {
            foreach (string file in Directory.GetFiles(Path.Combine(tiny.Images, name)).Order(StringComparer.Ordinal).Skip(keep))
                File.Delete(file);
        }
        Recipe recipe = RecipeFile.Read(tiny.Recipe(), ["data.split.validationFraction=0", "data.sampling.name=repeat-factor", "data.sampling.threshold=0.5"]);
        TrainingData data = TrainingData.Open(recipe.Data, recipe.Seed);
        int drawn = (int)SampleShares.Of(recipe.Data.Sampling, [.. data.Train.Select(s => s.Label)], 3)!.Shares.Sum();
        Assert.True(drawn > data.Train.Count, $"{drawn}");
        // A batch of one fewer than are drawn, though no fewer than there are.
        recipe = recipe with { Training = recipe.Training with { BatchSize = drawn - 1, Epochs = 1 }, Preprocessing = recipe.Preprocessing with { Width = 4, Height = 4 } };
        RunSummary run = TrainingRun.Start(recipe, tiny.PathOf("run"));
        Assert.Equal(1, run.Steps);
        using TrainedModel model = TrainedModel.Load(run.Folder);
        Assert.All(model.Network.state_dict(), t => Assert.True(t.Value.isfinite().all().item<bool>(), t.Key));
    }

    [Fact]
    public void A_start_that_fails_leaves_the_folder_free_for_the_next()
    {
        string run = tiny.PathOf("run"), other = tiny.PathOf("other.safetensors"), hostile = tiny.PathOf("hostile.pth");
        using (Classifier network = Networks.Create("cifar_resnet20", 3, 1))
            WeightFile.Save(network, other);
        File.WriteAllText(hostile, "cos\nsystem\n(S'true'\ntR.");
        // Its 1×1 convolutions of 1,024 and more channels are never trusted in bf16.
        foreach (string set in (string[])[$"network.weights={other}", $"network.weights={hostile}", "network.name=resnet50;training.precision=bf16;training.channelsLast=false;training.batchSize=2;preprocessing.width=32;preprocessing.height=32"])
        {
            Recipe broken = RecipeFile.Read(tiny.Recipe(), set.Split(';'));
            Assert.Throws<BadInputException>(() => TrainingRun.Start(broken, run));
            Assert.False(Directory.Exists(run), set);
        }
        Assert.Equal(RunEnd.Paused, TrainingRun.Start(RecipeFile.Read(tiny.Recipe()), run, new RunOptions { UntilEpoch = 1 }).End);
    }

    [Fact]
    public void A_missing_column_is_named()
    {
        string csv = tiny.PathOf("labels.csv");
        File.WriteAllLines(csv, ["path,label", .. Directory.EnumerateFiles(tiny.Images, "*.png", SearchOption.AllDirectories).Select(f => $"{Path.GetRelativePath(tiny.Root, f)},{Path.GetFileName(Path.GetDirectoryName(f))}")]);
        Recipe recipe = RecipeFile.Read(tiny.Recipe(), [$"data.path={csv}", "data.columns.group=drive"]);
        BadInputException error = Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, tiny.PathOf("run")));
        Assert.Contains("drive", error.Message, StringComparison.Ordinal);
        Assert.Equal(csv, error.Path);
        Assert.False(Directory.Exists(tiny.PathOf("run")));
    }

    [Fact]
    public void One_class_cannot_be_told_apart()
    {
        Directory.Delete(Path.Combine(tiny.Images, "crate"), true);
        Directory.Delete(Path.Combine(tiny.Images, "person"), true);
        Assert.Contains("one class", Assert.Throws<BadInputException>(() => TrainingRun.Start(RecipeFile.Read(tiny.Recipe()), tiny.PathOf("run"))).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_few_unusable_images_are_left_out_of_the_run_and_of_its_resume()
    {
        // 1 of 601 is below the gate's 0.5 %; 9 of 609 are not.
        using var many = new TinyImageFolder(perClass: 200, side: 8);
        File.WriteAllBytes(Path.Combine(many.Images, "cone", "broken.png"), [1, 2, 3]);
        Recipe recipe = RecipeFile.Read(many.Recipe("", "epochs: 2, batchSize: 128, precision: float32"), ["preprocessing.width=8", "preprocessing.height=8"]);
        var said = new List<string>();
        string run = TrainingRun.Start(recipe, many.PathOf("run"), new RunOptions { UntilEpoch = 1, Say = said.Add }).Folder;
        Assert.Contains(said, line => line.StartsWith("1 image left out: ", StringComparison.Ordinal) && line.Contains("cone/broken.png: ", StringComparison.Ordinal));
        using (TrainedModel model = TrainedModel.Load(run))
        {
            (IReadOnlyList<Datasets.ImageSample> all, _, _) = EvaluationImages.Of(model, null, "all");
            Assert.Equal(600, all.Count);
            Assert.Equal(600 * 3, Evaluator.Logits(model, all).Length);
        }
        Assert.Contains("cone/broken.png", File.ReadAllText(Path.Combine(run, "environment.json")), StringComparison.Ordinal);
        Assert.Equal(RunEnd.Finished, TrainingRun.Resume(run).End);
        for (int i = 0; i < 8; i++)
            File.WriteAllBytes(Path.Combine(many.Images, "cone", $"broken-{i}.png"), []);
        Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, many.PathOf("other")));
        Assert.False(Directory.Exists(many.PathOf("other")));
        said.Clear();
        TrainingData data = TrainingData.Open(recipe.Data, recipe.Seed).Checked(["too-many-unusable"], say: said.Add);
        Assert.Equal(600, data.Train.Count + data.Validation.Count);
        Assert.Equal(4, said.Count);
        Assert.StartsWith("9 images left out: ", said[0], StringComparison.Ordinal);
        Assert.Equal("  and 6 more", said[3]);
    }

    [Fact]
    public void A_taken_folder_is_left_alone()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe());
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(tiny.PathOf("mine")).FullName, "letter.txt"), "dear");
        Assert.Equal("run-folder-taken", Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, tiny.PathOf("mine"))).Code);
        Assert.Equal(["letter.txt"], Directory.EnumerateFileSystemEntries(tiny.PathOf("mine")).Select(Path.GetFileName));
        File.WriteAllText(tiny.PathOf("file"), "");
        Assert.Equal("run-folder-taken", Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, tiny.PathOf("file"))).Code);
        Assert.Equal("run-folder-unwritable", Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, tiny.PathOf("file/run"))).Code);
        TrainingRun.Start(recipe, tiny.PathOf("run"), new RunOptions { UntilEpoch = 1 });
        BadInputException error = Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, tiny.PathOf("run")));
        Assert.Contains("--resume", error.Message, StringComparison.Ordinal);
        using (new RunFolder(tiny.PathOf("run")).Lock())
            Assert.Equal("run-busy", Assert.Throws<BadInputException>(() => TrainingRun.Resume(tiny.PathOf("run"))).Code);
        Assert.Equal("run-missing", Assert.Throws<BadInputException>(() => TrainingRun.Resume(tiny.PathOf("mine"))).Code);
    }

    [Fact]
    public void A_checkpoint_that_is_none_or_of_another_network_is_refused()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe());
        string run = TrainingRun.Start(recipe, tiny.PathOf("run"), new RunOptions { UntilEpoch = 1 }).Folder;
        string last = Path.Combine(run, "checkpoints", "last.safetensors");
        using Classifier other = Networks.Create("cifar_resnet20", 3, 1);
        using (Checkpoint checkpoint = Checkpoint.Read(last))
        {
            BadInputException mismatch = Assert.Throws<BadInputException>(() => checkpoint.RestoreWeights(other));
            Assert.Contains("of another network (cifar_resnet8, 3 classes)", mismatch.Message, StringComparison.Ordinal);
        }
        string second = TrainingRun.Start(recipe with { Network = recipe.Network with { Name = "cifar_resnet20" } }, tiny.PathOf("second"), new RunOptions { UntilEpoch = 1 }).Folder;
        File.Copy(Path.Combine(second, "checkpoints", "last.safetensors"), last, overwrite: true);
        BadInputException error = Assert.Throws<BadInputException>(() => TrainingRun.Resume(run));
        Assert.Contains("network.name was cifar_resnet20, is cifar_resnet8", error.Message, StringComparison.Ordinal);

        string plain = tiny.PathOf("plain.safetensors"), cut = tiny.PathOf("cut.safetensors");
        WeightFile.Save(other, plain);
        Assert.Equal("checkpoint-foreign", Assert.Throws<BadInputException>(() => TrainedModel.Load(plain)).Code);
        // The first bytes of what torch.save writes, and a picture's.
        foreach ((byte[] start, string says) in ((byte[], string)[])[([.. "PK\x03\x04\x14\0\0\0\x08\x08"u8], "These are weights, but no checkpoint that Sightline wrote"), ([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70], "This is not a checkpoint that Sightline wrote")])
        {
            File.WriteAllBytes(plain, start);
            BadInputException foreign = Assert.Throws<BadInputException>(() => TrainedModel.Load(plain));
            Assert.Equal("checkpoint-foreign", foreign.Code);
            Assert.Contains(says, foreign.Message, StringComparison.Ordinal);
        }
        byte[] bytes = File.ReadAllBytes(Path.Combine(second, "checkpoints", "last.safetensors"));
        foreach (int length in (int[])[0, 7, 100, bytes.Length / 2, bytes.Length - 1])
        {
            File.WriteAllBytes(cut, bytes[..length]);
            Assert.Equal(cut, Assert.Throws<BadInputException>(() => TrainedModel.Load(cut)).Path);
        }
        Assert.Equal("run-without-checkpoint", Assert.Throws<BadInputException>(() => TrainedModel.Load(tiny.Images)).Code);
        Assert.Equal("run-missing", Assert.Throws<BadInputException>(() => TrainedModel.Load(tiny.PathOf("nothing"))).Code);
    }

    [Fact]
    public void A_lost_checkpoint_does_not_begin_a_trained_run_anew()
    {
        Recipe recipe = RecipeFile.Read(tiny.Recipe());
        string run = TrainingRun.Start(recipe, tiny.PathOf("run"), new RunOptions { UntilEpoch = 1 }).Folder;
        string metrics = Path.Combine(run, "metrics.csv"), text = File.ReadAllText(metrics), best = Path.Combine(run, "checkpoints", "best.safetensors");
        File.Delete(Path.Combine(run, "checkpoints", "last.safetensors"));
        BadInputException error = Assert.Throws<BadInputException>(() => TrainingRun.Resume(run));
        Assert.Equal("checkpoint-lost", error.Code);
        Assert.Contains("1 epoch stands in metrics.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains($"--set network.weights={best}", error.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(metrics));
        // A start that was killed before its first checkpoint has no epoch to lose.
        File.WriteAllLines(metrics, [text.Split('\n')[0]]);
        Assert.Equal(RunEnd.Paused, TrainingRun.Resume(run, new RunOptions { UntilEpoch = 1 }).End);
    }

    [Fact]
    public void A_full_disk_keeps_the_earlier_checkpoint()
    {
        using var disk = SmallDisk.Mount("1200k");
        Recipe recipe = RecipeFile.Read(tiny.Recipe());
        string whole = TrainingRun.Start(recipe, tiny.PathOf("whole")).WeightsHash!;
        string run = disk.PathOf("run");
        IOException error = Assert.Throws<IOException>(() => TrainingRun.Start(recipe, run));
        Assert.Contains("last.safetensors: the checkpoint could not be written", error.Message, StringComparison.Ordinal);
        Assert.Contains("resume", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(run, "*.tmp", SearchOption.AllDirectories));
        Checkpoint.Read(Path.Combine(run, "checkpoints", "last.safetensors")).Dispose();
        disk.Remount("size=16m");
        Assert.Equal(whole, TrainingRun.Resume(run).WeightsHash);
    }

    [Fact]
    public void A_disk_too_small_for_the_first_checkpoint_leaves_the_folder_free()
    {
        using var disk = SmallDisk.Mount("200k");
        Recipe recipe = RecipeFile.Read(tiny.Recipe());
        string run = Directory.CreateDirectory(disk.PathOf("run")).FullName;
        Assert.Contains("could not be written", Assert.Throws<IOException>(() => TrainingRun.Start(recipe, run)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
        disk.Remount("size=16m");
        Assert.Equal(RunEnd.Paused, TrainingRun.Start(recipe, run, new RunOptions { UntilEpoch = 1 }).End);
    }

    [Fact]
    public void A_read_only_run_folder_is_named()
    {
        using var disk = SmallDisk.Mount("16m");
        Recipe recipe = RecipeFile.Read(tiny.Recipe());
        string run = TrainingRun.Start(recipe, disk.PathOf("run"), new RunOptions { UntilEpoch = 1 }).Folder;
        disk.Remount("ro");
        Assert.Equal("run-folder-unwritable", Assert.Throws<BadInputException>(() => TrainingRun.Resume(run)).Code);
        Assert.Equal("run-folder-unwritable", Assert.Throws<BadInputException>(() => TrainingRun.Start(recipe, disk.PathOf("other"))).Code);
        // Reading is all that an evaluation needs.
        TrainedModel.Load(run).Dispose();
    }

    /// <summary>A tmpfs of a few megabytes.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly string folder;

        private SmallDisk(string folder) => this.folder = folder;

        public static SmallDisk Mount(string size)
        {
            string folder = Directory.CreateTempSubdirectory("sightline-disk-").FullName;
            if (!OperatingSystem.IsLinux() || Run("mount", "-t", "tmpfs", "-o", $"size={size}", "none", folder) != 0)
            {
                Directory.Delete(folder);
                Assert.Skip("A small disk can only be mounted by root on Linux.");
            }
            return new SmallDisk(folder);
        }

        public string PathOf(string name) => Path.Combine(folder, name);

        public void Remount(string option) => Assert.Equal(0, Run("mount", "-o", $"remount,{option}", folder));

        public void Dispose()
        {
            Run("umount", "-l", folder);
            Directory.Delete(folder, recursive: true);
        }

        private static int Run(string program, params string[] arguments)
        {
            try
            {
                using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
                process.StandardError.ReadToEnd();
                process.WaitForExit();
                return process.ExitCode;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return -1;
            }
        }
    }
}
