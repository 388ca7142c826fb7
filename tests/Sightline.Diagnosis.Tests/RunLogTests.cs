using Sightline.Diagnosis;

namespace Sightline.Tests;

public sealed class RunLogTests : LogFiles
{
    private const string Recipe = """
        name: demo
        seed: 1
        data:
          path: "/data: here"
          columns:
            path: null
        augmentation:
          pad: 0
          padFill: zero
          randomResizedCrop: null
          horizontalFlip: 0
          alternatingFlip: false
          colorJitter: null
          randAugment: null
          randomErasing: null
          mixUp: null
          cutMix: null
        network:
          name: cifar_resnet8
          options:
            dropout: 0.2
            spatialDropout: null
            stochasticDepth: 0.3
        optimiser:
          learningRate: 0.1
          name: sgd
          weightDecay: 0.0005
        training:
          epochs: 20
          batchSize: 128
          accumulation: 2

        """;

    private const string Environment = """
        { "sightline": "0.1.0", "data": { "path": "x", "train": 1000, "val": 100, "test": 0, "unusable": [], "classes": [ "cone", "person" ] } }
        """;

    private void WriteRun()
    {
        Write("recipe.yaml", Recipe);
        Write("environment.json", Environment);
        Write("metrics.csv", """
            epoch,step,learning_rate,train_loss,train_top1,val_loss,val_top1,gradient_norm,seconds,samples_per_second
            1,4,0.1,2,0.25,1.5,0.5,1.25,3.5,100
            2,8,0.05,1,0.5,1.25,0.625,1,3.5,100

            """);
        Write("signals.csv", """
            step,epoch,learning_rate,loss,gradient_norm,weight_norm,update_norm,momentum_cosine,confidently_wrong,loss_median,loss_p90,top_label_share,gradient_norm/conv1,update_ratio/conv1,gradient_norm/fc,update_ratio/fc
            1,1,0.1,3,1,10,0.5,,0,2,4,0.5,0.5,0.01,0.75,0.02
            2,1,0.1,2,3,12,0.25,0.5,,,,0.75,1,0.03,0.25,0.04
            5,2,0.1,1,2,11,0.125,0.5,0.25,1,2,0.5,1,0.03,0.25,0.04
            9,3,0.1,0.5,2,11,0.125,0.5,0.25,1,2,0.5,1,0.03,0.25,0.04

            """);
        Write("probe.csv", """
            epoch,probe_loss,probe_top1,probe_batch_loss,probe_batch_top1,val_confidently_wrong,val_loss_median,val_loss_p90,val_predictions,activation_deviation/conv1,dead_share/conv1,activation_deviation/fc,dead_share/fc
            1,1.5,0.5,1.75,0.25,0.125,0.75,3,60 40,0.9,0.25,1.1,
            2,1,0.75,,,,,,,0.8,0,1.2,

            """);
    }

    [Fact]
    public void Curves_signals_and_facts()
    {
        WriteRun();
        TrainingLog log = LogReader.Read(Folder);
        Same([Point(1, 2, 0.25, 1.5, 0.5, 0.1), Point(2, 1, 0.5, 1.25, 0.625, 0.05)], log.Epochs);
        Assert.Empty(log.Notes);
        Assert.Equal(new TrainingFacts { Classes = 2, TrainImages = 1000, BatchSize = 256, PlannedEpochs = 20, Augments = false, AugmentsStrongly = false, Dropout = 0.3, LearningRate = 0.1, WeightDecay = 0.0005 }, log.Facts);
        Assert.Equal([1, 2], log.Signals.Select(s => s.Epoch));
        EpochSignals first = log.Signals[0];
        Assert.Equal(new SignalSummary(3, 2.5, 0.5, 3, 2, 3, 11, 0.375, 0.5, 0, 2, 4, 0.625), first.Steps);
        Assert.Equal((1.5, 0.5, 1.75, 0.25, 0.125), (first.ProbeLoss, first.ProbeTop1, first.ProbeBatchLoss, first.ProbeBatchTop1, first.ValConfidentlyWrong));
        Assert.Equal((0.75, 3), (first.ValLossMedian, first.ValLossP90));
        Assert.Equal([60, 40], first.ValPredictions);
        Assert.Equal([new BlockSignals("conv1", 0.75, 0.02, 0.9, 0.25), new BlockSignals("fc", 0.5, 0.03, 1.1, double.NaN)], first.Blocks);
        Assert.Equal((1, double.NaN), (log.Signals[1].ProbeLoss, log.Signals[1].ProbeBatchLoss));
        Assert.Empty(log.Signals[1].ValPredictions);
    }

    [Fact]
    public void Validation_images_by_class_are_known_where_the_run_tells_them()
    {
        WriteRun();
        Assert.Null(LogReader.Read(Folder).Facts.ValidationImages);
        Write("environment.json", Environment.Replace("\"train\":", "\"valByClass\": [70, 30], \"train\":", StringComparison.Ordinal));
        Assert.Equal([70, 30], LogReader.Read(Folder).Facts.ValidationImages);
    }

    [Theory]
    [InlineData("  pad: 0", "  pad: 4")]
    [InlineData("  horizontalFlip: 0", "  horizontalFlip: 0.5")]
    [InlineData("  alternatingFlip: false", "  alternatingFlip: true")]
    [InlineData("  mixUp: null", "  mixUp:\n    alpha: 0.2\n    probability: 1")]
    public void Augmentation_is_recognised(string from, string to)
    {
        WriteRun();
        Write("recipe.yaml", Recipe.Replace(from, to, StringComparison.Ordinal));
        TrainingFacts facts = LogReader.Read(Folder).Facts;
        Assert.True(facts.Augments);
        Assert.Equal(20, facts.PlannedEpochs);
    }

    [Fact]
    public void Without_validation_signals_and_probe()
    {
        WriteRun();
        File.Delete(Path.Combine(Folder, "signals.csv"));
        File.Delete(Path.Combine(Folder, "probe.csv"));
        Write("metrics.csv", "epoch,step,learning_rate,train_loss,train_top1,val_loss,val_top1,gradient_norm,seconds,samples_per_second\n1,4,0.1,2,0.25,,,1,3,100\n2,8,0.1,1,0.5,,,1,3,100\n");
        TrainingLog log = LogReader.Read(Folder);
        Same([Point(1, 2, 0.25, rate: 0.1), Point(2, 1, 0.5, rate: 0.1)], log.Epochs);
        Assert.Empty(log.Signals);
    }

    [Fact]
    public void A_run_that_is_being_written()
    {
        WriteRun();
        File.AppendAllText(Path.Combine(Folder, "metrics.csv"), "3,12,0.0");
        File.AppendAllText(Path.Combine(Folder, "signals.csv"), "10,3,0.1,0.");
        TrainingLog log = LogReader.Read(Folder);
        Assert.Equal(2, log.Epochs.Count);
        Assert.Equal(2, log.Signals.Count);
        NoteSays(log, "signals.csv: The last line (6)");
        Write("metrics.csv", "epoch,step,learning_rate,train_loss,train_top1,val_loss,val_top1,gradient_norm,seconds,samples_per_second\n");
        BadInputException error = Assert.Throws<BadInputException>(() => LogReader.Read(Folder));
        Assert.Equal("log-empty", error.Code);
        Assert.Contains("No epoch of this run is finished yet.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_training_that_diverged_says_where_and_why()
    {
        WriteRun();
        Write("environment.json", Environment.Replace("{ \"sightline\"", "{ \"finalWeightsHash\": null, \"sightline\"", StringComparison.Ordinal));
        Assert.True(LogReader.Read(Folder).Facts.Running);
        Write("diverged.json", "{ \"epoch\": 3, \"step\": 9, \"reason\": \"At step 9, the loss is NaN.\" }");
        TrainingLog log = LogReader.Read(Folder);
        Assert.Equal(("At step 9, the loss is NaN.", false), (log.Facts.Diverged, log.Facts.Running));
        // What came before is judged as of then.
        Assert.Equal((null, true), (log.UpTo(1).Facts.Diverged, log.UpTo(1).Facts.Running));
        File.Delete(Path.Combine(Folder, "metrics.csv"));
        TrainingLog none = LogReader.Read(Folder);
        Assert.Empty(none.Epochs);
        Assert.Equal(Verdict.Sick, Diagnostician.Assess(none).Verdict);
        Write("diverged.json", "{");
        Assert.Equal("log-empty", Assert.Throws<BadInputException>(() => LogReader.Read(Folder)).Code);
    }

    [Fact]
    public void A_finished_run_does_not_run()
    {
        WriteRun();
        Write("environment.json", Environment.Replace("{ \"sightline\"", "{ \"finalWeightsHash\": \"ab12\", \"sightline\"", StringComparison.Ordinal));
        Assert.False(LogReader.Read(Folder).Facts.Running);
    }

    [Fact]
    public void Damaged_signals_are_left_out()
    {
        WriteRun();
        Write("signals.csv", "step,epoch\n1,1,1\n2,1,1\n");
        TrainingLog log = LogReader.Read(Folder);
        Assert.Equal([1, 2], log.Signals.Select(s => s.Epoch));
        Assert.Equal(SignalSummary.None, log.Signals[0].Steps);
        NoteSays(log, "signals.csv can't be read and is left out");
    }

    [Fact]
    public void A_mapping_is_for_other_logs()
    {
        WriteRun();
        Assert.Equal("log-map", Assert.Throws<BadInputException>(() => LogReader.Read(Folder, ColumnMap.Parse("epoch=epoch"))).Code);
    }

    [Fact]
    public void Damaged_facts_are_not_known()
    {
        WriteRun();
        Write("environment.json", "{ \"data\": [");
        TrainingLog log = LogReader.Read(Folder);
        Assert.Null(log.Facts.Classes);
        Assert.Equal(256, log.Facts.BatchSize);
        NoteSays(log, "environment.json is not as Sightline writes it");
    }
}
