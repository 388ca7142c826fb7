using System.Globalization;
using System.Text;
using CsCheck;
using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>Random logs, written as each tool writes them, read back equal.</summary>
public sealed class LogRoundTripTests : LogFiles
{
    private static readonly Gen<double> Fraction = Gen.Double[0, 1];

    private static readonly Gen<EpochPoint[]> Logs =
        Gen.Select(Gen.Double[1e-6, 1], Gen.Double[1e-9, 1e6], Fraction, Gen.Double[1e-9, 1e6], Fraction).Array[2, 30]
            .Select(rows => rows.Select((r, i) => new EpochPoint(i + 1, r.Item1, r.Item2, r.Item3, r.Item4, r.Item5)).ToArray());

    [Fact]
    public void Keras() => Check("a.csv", log => Lines("epoch,accuracy,loss,lr,val_accuracy,val_loss",
        log.Select(p => $"{p.Epoch - 1},{T(p.TrainAccuracy)},{T(p.TrainLoss)},{T(p.LearningRate)},{T(p.ValAccuracy)},{T(p.ValLoss)}")));

    [Fact]
    public void Lightning() => Check("metrics.csv", log => Lines("epoch,lr-SGD,step,train_acc,train_loss_epoch,train_loss_step,val_acc,val_loss", log.SelectMany(p => new[]
    {
        $",{T(p.LearningRate)},{(p.Epoch - 1) * 100},,,,,", $"{p.Epoch - 1},,{(p.Epoch * 100) - 50},,,0.5,,",
        $"{p.Epoch - 1},,{(p.Epoch * 100) - 1},,,,{T(p.ValAccuracy)},{T(p.ValLoss)}", $"{p.Epoch - 1},,{(p.Epoch * 100) - 1},{T(p.TrainAccuracy)},{T(p.TrainLoss)},,,",
    })));

    [Fact]
    public void Ultralytics() => Check("results.csv", log => Lines("     epoch,  train/loss,  train/acc, metrics/accuracy_top1, metrics/accuracy_top5, val/loss, lr/pg0, lr/pg1",
        log.Select(p => $"    {p.Epoch},   {T(p.TrainLoss)},   {T(p.TrainAccuracy)},  {T(p.ValAccuracy)},   1,   {T(p.ValLoss)},  {T(p.LearningRate)},  0.5")));

    [Fact]
    public void Semicolons_and_decimal_commas() => Check("a.csv", log => Lines("Epoch;Train loss;Train accuracy;Test loss;Test accuracy;LR",
        log.Select(p => string.Join(';', new[] { p.Epoch, p.TrainLoss, p.TrainAccuracy, p.ValLoss, p.ValAccuracy, p.LearningRate }.Select(v => T(v).Replace('.', ','))))));

    [Fact]
    public void Tabs() => Check("a.tsv", log => Lines("epoch\ttrain loss\ttrain acc\tval loss\tval acc\tlr",
        log.Select(p => string.Join('\t', new[] { p.Epoch, p.TrainLoss, p.TrainAccuracy, p.ValLoss, p.ValAccuracy, p.LearningRate }.Select(T)))));

    [Fact]
    public void Json_lines() => Check("a.jsonl", log => string.Join('\n', log.Select(Json)));

    [Fact]
    public void Json_list() => Check("a.json", log => $"[\n{string.Join(",\n", log.Select(Json))}\n]");

    [Fact]
    public void Json_of_lists() => Check("a.json", log => "{" + string.Join(", ", new (string Name, Func<EpochPoint, double> Value)[]
        { ("epoch", p => p.Epoch), ("loss", p => p.TrainLoss), ("accuracy", p => p.TrainAccuracy), ("val_loss", p => p.ValLoss), ("val_accuracy", p => p.ValAccuracy), ("lr", p => p.LearningRate) }
        .Select(c => $"\"{c.Name}\": [{string.Join(", ", log.Select(p => T(c.Value(p))))}]")) + "}");

    [Fact]
    public void Percent() => Logs.Where(log => log.Max(p => Math.Max(p.TrainAccuracy, p.ValAccuracy)) > 0.016).Sample(
        log => Same(log, Read("a.csv", Lines("epoch,loss,acc,val_loss,val_acc,lr", log.Select(p => $"{p.Epoch},{T(p.TrainLoss)},{T(100 * p.TrainAccuracy)},{T(p.ValLoss)},{T(100 * p.ValAccuracy)},{T(p.LearningRate)}"))).Epochs),
        iter: 20, threads: 1);

    [Fact]
    public void Error_rates() => Check("a.csv", log => Lines("epoch,train_loss,train_err,val_loss,val_error,lr",
        log.Select(p => $"{p.Epoch},{T(p.TrainLoss)},{T(1 - p.TrainAccuracy)},{T(p.ValLoss)},{T(1 - p.ValAccuracy)},{T(p.LearningRate)}")));

    [Fact]
    public void Event_file_of_ours() => Logs.Sample(log =>
    {
        using (EventFileWriter writer = EventFileWriter.Open(Folder))
        {
            foreach (EpochPoint p in log)
            {
                long step = (long)p.Epoch * 50;
                writer.Scalar("loss/step", step - 20, 3);
                writer.Scalar("learning_rate", step, p.LearningRate);
                writer.Scalar("loss/train", step, p.TrainLoss);
                writer.Scalar("loss/val", step, p.ValLoss);
                writer.Scalar("top1/train", step, p.TrainAccuracy);
                writer.Scalar("top1/val", step, p.ValAccuracy);
            }
        }
        Same([.. log.Select(p => p with { Epoch = p.Epoch * 50 })], LogReader.Read(Folder).Epochs, 1e-6);
    }, iter: 20, threads: 1);

    [Fact]
    public void Event_files_of_Keras() => Logs.Sample(log =>
    {
        using (EventFileWriter train = EventFileWriter.Open(Path.Combine(Folder, "train")), validation = EventFileWriter.Open(Path.Combine(Folder, "validation")))
        {
            foreach (EpochPoint p in log)
            {
                // Keras' first epoch has step 0; the writer's smallest step is 1.
                train.Scalar("epoch_loss", (long)p.Epoch, p.TrainLoss);
                train.Scalar("epoch_accuracy", (long)p.Epoch, p.TrainAccuracy);
                train.Scalar("epoch_learning_rate", (long)p.Epoch, p.LearningRate);
                validation.Scalar("epoch_loss", (long)p.Epoch, p.ValLoss);
                validation.Scalar("epoch_accuracy", (long)p.Epoch, p.ValAccuracy);
                validation.Scalar("evaluation_loss_vs_iterations", (long)p.Epoch * 100, p.ValLoss);
            }
        }
        Same(log, LogReader.Read(Folder).Epochs, 1e-6);
    }, iter: 20, threads: 1);

    /// <summary>A file that is being written: cut anywhere, what is read are the first epochs, but for the last digits of a last number.</summary>
    [Theory]
    [InlineData("a.csv")]
    [InlineData("a.jsonl")]
    [InlineData("a.json")]
    public void Cut_anywhere_the_first_epochs_are_read(string name)
    {
        EpochPoint[] log = [.. Enumerable.Range(1, 4).Select(i => new EpochPoint(i, 0.125, 1 / (1.1 * i), 0.1 * i, 1.5 / i, 0.123456789 * i))];
        string text = name == "a.csv" ? Lines("epoch,loss,acc,val_loss,lr,val_acc", log.Select(p => $"{p.Epoch},{T(p.TrainLoss)},{T(p.TrainAccuracy)},{T(p.ValLoss)},{T(p.LearningRate)},{T(p.ValAccuracy)}"))
            : name == "a.jsonl" ? string.Join('\n', log.Select(Json)) + "\n" : $"[\n{string.Join(",\n", log.Select(Json))}\n]\n";
        int most = 0;
        for (int length = 0; length <= text.Length; length++)
        {
            try
            {
                TrainingLog seen = Read(name, text[..length]);
                Same(log[..seen.Epochs.Count], seen.Epochs, 1e-6);
                Assert.True(seen.Epochs.Count >= most, $"cut to {length}: {seen.Epochs.Count} of {most} epochs");
                most = seen.Epochs.Count;
            }
            catch (BadInputException error)
            {
                Assert.True(most == 0, $"cut to {length}: {error.Message}");
            }
        }
        Assert.Equal(4, most);
    }

    private void Check(string name, Func<EpochPoint[], string> write) => Logs.Sample(log => Same(log, Read(name, write(log)).Epochs), iter: 20, threads: 1);

    private static string Json(EpochPoint p) =>
        $$"""{"epoch": {{p.Epoch}}, "train_loss": {{T(p.TrainLoss)}}, "train_acc": {{T(p.TrainAccuracy)}}, "val": {"loss": {{T(p.ValLoss)}}, "acc": {{T(p.ValAccuracy)}}}, "lr": {{T(p.LearningRate)}}}""";

    private static string Lines(string header, IEnumerable<string> rows)
    {
        var text = new StringBuilder(header).Append('\n');
        foreach (string row in rows)
            text.Append(row).Append('\n');
        return text.ToString();
    }

    private static string T(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
