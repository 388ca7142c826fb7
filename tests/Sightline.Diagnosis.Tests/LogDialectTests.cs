using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>Logs as the tools write them.</summary>
public sealed class LogDialectTests : LogFiles
{
    [Fact]
    public void Keras_CSVLogger()
    {
        TrainingLog log = Read("training.log", """
            epoch,accuracy,learning_rate,loss,val_accuracy,val_loss
            0,0.4263400137424469,0.0010000000474974513,1.5789343118667603,0.5475999712944031,1.2599412202835083
            1,0.5747399926185608,0.0010000000474974513,1.2044233083724976,0.597000002861023,1.1322449445724487
            2,0.6266000270843506,0.0005000000237487257,1.0610613822937012,NA,NA

            """);
        Same([
            Point(1, 1.5789343118667603, 0.4263400137424469, 1.2599412202835083, 0.5475999712944031, 0.0010000000474974513),
            Point(2, 1.2044233083724976, 0.5747399926185608, 1.1322449445724487, 0.597000002861023, 0.0010000000474974513),
            Point(3, 1.0610613822937012, 0.6266000270843506, rate: 0.0005000000237487257),
        ], log.Epochs);
        NoteSays(log, "a CSVLogger file of Keras: epoch from 'epoch', learning rate from 'learning_rate', training loss from 'loss'");
        NoteSays(log, "from 0 in the log, from 1 here");
    }

    /// <summary>Training and validation stand in different rows, the learning rate in rows without an epoch.</summary>
    [Fact]
    public void Lightning_CSVLogger()
    {
        string text = """
            epoch,lr-SGD,step,train_acc,train_loss_epoch,train_loss_step,val_acc,val_loss
            ,0.1,0,,,,,
            0,,49,,,2.1,,
            0,,99,,,1.9,,
            0,,107,,,,0.43,1.7
            0,,107,0.31,2.05,,,
            ,0.05,108,,,,,
            1,,149,,,1.5,,
            1,,215,,,,0.52,1.4
            1,,215,0.45,1.6,,,
            2,,216,,,,0.9,0.9

            """.Replace("2,,216,,,,0.9,0.9\n", "", StringComparison.Ordinal);
        Write("lightning_logs/version_0/hparams.yaml", "lr: 0.1\n");
        Write("lightning_logs/version_0/metrics.csv", text);
        EpochPoint[] expected = [Point(1, 2.05, 0.31, 1.7, 0.43, 0.1), Point(2, 1.6, 0.45, 1.4, 0.52, 0.05)];
        foreach (string at in new[] { Folder, Path.Combine(Folder, "lightning_logs"), Path.Combine(Folder, "lightning_logs", "version_0"), Path.Combine(Folder, "lightning_logs", "version_0", "metrics.csv") })
            Same(expected, LogReader.Read(at).Epochs);
        Write("lightning_logs/version_10/metrics.csv", text.Replace("2.05", "2.04", StringComparison.Ordinal));
        TrainingLog last = LogReader.Read(Folder);
        Assert.Equal(2.04, last.Epochs[0].TrainLoss);
        NoteSays(last, "2 folders from version_0 to version_10");
    }

    [Fact]
    public void Lightning_with_one_epoch_is_read_by_its_steps()
    {
        TrainingLog log = Read("metrics.csv", "epoch,step,train_loss_step,val_loss\n0,49,2.0,\n0,99,1.8,\n0,100,,1.7\n0,149,1.4,\n0,200,,1.5\n");
        Same([Point(100, 1.9, valLoss: 1.7), Point(200, 1.4, valLoss: 1.5)], log.Epochs);
        NoteSays(log, "its steps take the epochs' place");
    }

    [Fact]
    public void Ultralytics_of_a_classifier()
    {
        TrainingLog log = Read("results.csv", """
                              epoch,               time,         train/loss,metrics/accuracy_top1,metrics/accuracy_top5,           val/loss,             lr/pg0,             lr/pg1,             lr/pg2
                                  1,            12.3456,            2.21345,            0.31200,            0.83100,            2.01000,           0.000476,           0.000476,           0.000476
                                  2,            24.1000,            1.80000,            0.41000,            0.88000,            1.70000,           0.000900,           0.000900,           0.000900

            """);
        Same([Point(1, 2.21345, valLoss: 2.01, valAccuracy: 0.312, rate: 0.000476), Point(2, 1.8, valLoss: 1.7, valAccuracy: 0.41, rate: 0.0009)], log.Epochs);
        NoteSays(log, "a results.csv of Ultralytics");
    }

    [Fact]
    public void Ultralytics_of_a_detector_has_losses_in_parts()
    {
        Write("results.csv", """
            epoch,time,train/box_loss,train/cls_loss,train/dfl_loss,metrics/precision(B),metrics/recall(B),metrics/mAP50(B),metrics/mAP50-95(B),val/box_loss,val/cls_loss,val/dfl_loss,lr/pg0,lr/pg1,lr/pg2
            1,10.1,1.5,2.5,1.25,0.6,0.5,0.55,0.35,1.4,2.0,1.2,0.001,0.001,0.001
            2,20.1,1.25,2.0,1.0,0.65,0.55,0.6,0.4,1.3,1.75,1.1,0.002,0.002,0.002

            """);
        TrainingLog log = LogReader.Read(Folder);
        Same([Point(1, 5.25, valLoss: 4.6, rate: 0.001), Point(2, 4.25, valLoss: 4.15, rate: 0.002)], log.Epochs);
        NoteSays(log, "training loss from 'train/box_loss' + 'train/cls_loss' + 'train/dfl_loss'");
    }

    [Fact]
    public void Hugging_Face_trainer_state()
    {
        const string State = """
            {
              "best_metric": 0.41,
              "epoch": 2.0,
              "global_step": 200,
              "is_hyper_param_search": false,
              "log_history": [
                {"epoch": 0.5, "grad_norm": 2.1, "learning_rate": 4e-05, "loss": 0.75, "step": 50},
                {"epoch": 1.0, "grad_norm": NaN, "learning_rate": 3e-05, "loss": 0.25, "step": 100},
                {"epoch": 1.0, "eval_accuracy": 0.8, "eval_loss": 0.45, "eval_runtime": 2.2, "eval_samples_per_second": 400, "step": 100},
                {"epoch": 1.5, "learning_rate": 2e-05, "loss": 0.375, "step": 150},
                {"epoch": 2.0, "learning_rate": 1e-05, "loss": 0.125, "step": 200},
                {"epoch": 2.0, "eval_accuracy": 0.85, "eval_loss": 0.41, "step": 200},
                {"epoch": 2.0, "step": 200, "total_flos": 1e15, "train_loss": 0.375, "train_runtime": 99.5, "train_samples_per_second": 30.1}
              ],
              "stateful_callbacks": {"TrainerControl": {"args": {"should_log": false}, "attributes": []}},
              "trial_params": null
            }
            """;
        Write("checkpoint-9/trainer_state.json", "{}");
        Write("checkpoint-200/trainer_state.json", State);
        TrainingLog log = LogReader.Read(Folder);
        Same([Point(1, 0.5, valLoss: 0.45, valAccuracy: 0.8, rate: 3e-5), Point(2, 0.25, valLoss: 0.41, valAccuracy: 0.85, rate: 1e-5)], log.Epochs);
        NoteSays(log, "a trainer_state.json of Hugging Face: epoch from 'epoch'");
    }

    [Fact]
    public void Hugging_Face_evaluates_within_epochs()
    {
        TrainingLog log = Read("trainer_state.json", """
            {"log_history": [
              {"epoch": 0.1, "loss": 3, "step": 10}, {"epoch": 0.2, "loss": 2, "step": 20}, {"epoch": 0.2, "eval_loss": 2.5, "step": 20},
              {"epoch": 0.3, "loss": 2, "step": 30}, {"epoch": 0.4, "loss": 1, "step": 40}, {"epoch": 0.4, "eval_loss": 2.0, "step": 40}, {"epoch": 0.5, "loss": 0.5, "step": 50}]}
            """);
        Same([Point(0.2, 2.5, valLoss: 2.5), Point(0.4, 1.5, valLoss: 2), Point(0.5, 0.5)], log.Epochs);
    }

    [Fact]
    public void History_of_Keras_as_lists()
    {
        TrainingLog log = Read("history.json", """{"loss": [1.5, 1.0, 0.5], "accuracy": [0.3, 0.5, 0.7], "val_loss": [1.6, 1.2], "val_accuracy": [0.2, 0.4]}""");
        Same([Point(1, 1.5, 0.3, 1.6, 0.2), Point(2, 1, 0.5, 1.2, 0.4), Point(3, 0.5, 0.7)], log.Epochs);
        NoteSays(log, "counted");
    }

    [Fact]
    public void Rows_with_objects_inside() =>
        Same([Point(1, 2, valAccuracy: 0.5), Point(2, 1, valAccuracy: 0.625)], Read("log.json", """
            [{"epoch": 1, "train": {"loss": 2}, "val": {"accuracy": 0.5, "confusion": [[1, 2], [3, 4]]}},
             {"epoch": 2, "train": {"loss": 1}, "val": {"accuracy": 0.625}}]
            """).Epochs);

    [Fact]
    public void Fastai_means_the_validation_by_accuracy() =>
        Same([Point(1, 2, valLoss: 1.5, valAccuracy: 0.4), Point(2, 1, valLoss: 1.25, valAccuracy: 0.6)],
            Read("history.csv", "epoch,train_loss,valid_loss,accuracy,time\n0,2,1.5,0.4,00:12\n1,1,1.25,0.6,00:12\n").Epochs);

    [Fact]
    public void The_loss_of_a_step_is_no_validation_loss() =>
        Same([Point(1, 2, 0.25), Point(2, 1, 0.5)], Read("log.csv", "epoch,loss_step,train_loss,train_acc\n1,9,2,0.25\n2,9,1,0.5\n").Epochs);

    [Fact]
    public void Timm_summary() =>
        Same([Point(1, 6.5, valLoss: 6, valAccuracy: 0.02, rate: 0.1), Point(2, 5.5, valLoss: 5, valAccuracy: 0.1, rate: 0.2)],
            Read("summary.csv", "epoch,train_loss,eval_loss,eval_top1,eval_top5,lr\n0,6.5,6,2.0,9.5,0.1\n1,5.5,5,10.0,30.5,0.2\n").Epochs);

    [Fact]
    public void A_table_of_pandas_numbers_its_rows() =>
        Same([Point(1, 2, valLoss: 3), Point(2, 1, valLoss: 2)], Read("h.csv", ",loss,val_loss\n0,2,3\n1,1,2\n").Epochs);

    [Theory]
    [InlineData("train_loss", "Loss", "Train")]
    [InlineData("trainLoss", "Loss", "Train")]
    [InlineData("Train Loss", "Loss", "Train")]
    [InlineData("trainloss", "Loss", "Train")]
    [InlineData("Loss/train", "Loss", "Train")]
    [InlineData("val_acc", "Accuracy", "Validation")]
    [InlineData("validation/epoch_sparse_categorical_accuracy", "Accuracy", "Validation")]
    [InlineData("Acc@1 (test)", "Accuracy", "Test")]
    [InlineData("testacc", "Accuracy", "Test")]
    [InlineData("Test accuracy [%]", "Accuracy", "Test")]
    [InlineData("val_error", "ErrorRate", "Validation")]
    [InlineData("error_rate", "ErrorRate", "Unsaid")]
    [InlineData("val_top5", "Other", "Validation")]
    [InlineData("Acc@5", "Other", "Unsaid")]
    [InlineData("best_val_loss", "Other", "Validation")]
    [InlineData("val_mean_squared_error", "Other", "Validation")]
    [InlineData("val_binary_crossentropy", "Loss", "Validation")]
    [InlineData("lr", "LearningRate", "Unsaid")]
    [InlineData("lr-Adam/pg1", "LearningRate", "Unsaid")]
    [InlineData("x/lr0", "LearningRate", "Unsaid")]
    [InlineData("learningRate", "LearningRate", "Unsaid")]
    [InlineData("Epoch", "Epoch", "Unsaid")]
    [InlineData("trainer/global_step", "Step", "Unsaid")]
    [InlineData("iteration", "Step", "Unsaid")]
    [InlineData("batch_size", "Other", "Unsaid")]
    [InlineData("loss_scale", "Other", "Unsaid")]
    [InlineData("grad_norm", "Other", "Unsaid")]
    public void Names_are_understood(string name, string kind, string images)
    {
        ColumnName seen = ColumnName.Of(name);
        Assert.Equal((kind, images), (seen.Kind.ToString(), seen.Images.ToString()));
        Assert.False(seen.IsPart && seen.Kind is ColumnKind.Loss or ColumnKind.Accuracy);
    }
}
