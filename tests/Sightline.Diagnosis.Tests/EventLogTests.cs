using Sightline.Diagnosis;
using static Sightline.Tests.EventBytes;

namespace Sightline.Tests;

public sealed class EventLogTests : LogFiles
{
    private string At(string folder, string name = "events.out.tfevents.1700000000.host") => Path.Combine(Folder, folder, name);

    /// <summary>Each way to write the number 0.25 as a tensor.</summary>
    [Fact]
    public void Scalars_of_TensorFlow_2()
    {
        byte[] quarter = Single(0.25f);
        byte[][] tensors =
        [
            FloatVal(0.25f),
            [.. Number(1, 1), 0x2d, .. quarter], // float_val that is not packed
            [.. Number(1, 1), .. Bytes(2, []), .. Bytes(4, quarter)], // tensor_content
            [.. Number(1, 1), .. Bytes(2, Bytes(2, Number(1, 1))), .. Bytes(4, quarter)], // of one dimension of one
            [.. Number(1, 2), .. Bytes(6, BitConverter.GetBytes(0.25))], // double_val
            [.. Number(1, 2), .. Bytes(4, BitConverter.GetBytes(0.25))],
            [.. Number(1, 19), .. Bytes(4, BitConverter.GetBytes((Half)0.25))],
            [.. Number(1, 14), .. Bytes(4, quarter.AsSpan(2))], // bfloat16
        ];
        Records(At(""), tensors.Select((t, i) => Tensor(i, "x", t)));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => ((long)i, 0.25f)), EventFile.ReadScalars(At("")).Select(s => (s.Step, s.Value)));
        Records(At(""), [Tensor(1, "x", [.. Number(1, 3), .. Bytes(7, [7])]), Tensor(2, "x", [.. Number(1, 9), .. Number(10, 300)])]);
        Assert.Equal([7f, 300f], EventFile.ReadScalars(At("")).Select(s => s.Value));
    }

    [Fact]
    public void What_is_no_scalar_is_passed_over()
    {
        Records(At(""),
            Simple(1, "a", 1),
            Event(1, "image", Bytes(4, new byte[1000])),
            Event(1, "histogram", Bytes(5, new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, 0 })),
            Tensor(1, "histogram2", FloatVal(1), "histograms"),
            Tensor(1, "vector", [.. Number(1, 1), .. Bytes(2, Bytes(2, Number(1, 3))), .. Bytes(5, Single(1))]),
            Tensor(1, "text", [.. Number(1, 7), .. Text(8, "hello")], "text"),
            Simple(2, "a", 2));
        Assert.Equal([("a", 1f), ("a", 2f)], EventFile.ReadScalars(At("")).Select(s => (s.Tag, s.Value)));
    }

    [Fact]
    public void Keras_counts_epochs_from_0()
    {
        Records(At("train"), Tensor(0, "epoch_loss", FloatVal(2)), Tensor(0, "epoch_accuracy", FloatVal(0.25f)), Tensor(1, "epoch_loss", FloatVal(1)), Tensor(1, "epoch_accuracy", FloatVal(0.5f)));
        Records(At("validation"), Tensor(0, "epoch_loss", FloatVal(3)), Tensor(100, "evaluation_loss_vs_iterations", FloatVal(3)), Tensor(1, "epoch_loss", FloatVal(2)));
        Records(At("train/plugins/profile/x", "local.tfevents.profile-empty"), []);
        Same([Point(1, 2, 0.25, 3), Point(2, 1, 0.5, 2)], LogReader.Read(Folder).Epochs);
        TrainingLog train = LogReader.Read(At("train"));
        Same([Point(1, 2, 0.25), Point(2, 1, 0.5)], train.Epochs);
        NoteSays(train, "Read as a TensorBoard event file: epoch from 'epoch', training loss from 'epoch_loss'");
    }

    /// <summary>Lightning writes the epoch as a curve of its own.</summary>
    [Fact]
    public void Lightning_and_its_epochs()
    {
        Records(At("version_0"), Simple(49, "train_loss_step", 9), Simple(49, "epoch", 0), Simple(99, "val_loss", 3), Simple(99, "epoch", 0), Simple(99, "train_loss_epoch", 2), Simple(99, "epoch", 0),
            Simple(199, "val_loss", 2), Simple(199, "epoch", 1), Simple(199, "train_loss_epoch", 1), Simple(199, "epoch", 1));
        Same([Point(1, 2, valLoss: 3), Point(2, 1, valLoss: 2)], LogReader.Read(Folder).Epochs);
    }

    [Fact]
    public void PyTorchs_writer()
    {
        Records(At(""), Simple(0, "Loss/train", 2), Simple(0, "Loss/test", 3), Simple(1, "Loss/train", 1), Simple(1, "Loss/test", 2), Simple(2, "Loss/train", 0.5f), Simple(2, "Loss/test", 1));
        TrainingLog log = LogReader.Read(Folder);
        Same([Point(1, 2, valLoss: 3), Point(2, 1, valLoss: 2), Point(3, 0.5, valLoss: 1)], log.Epochs);
        NoteSays(log, "they take the epochs' place");
        Records(At("acc_train"), Simple(0, "acc", 0.25f), Simple(1, "acc", 0.5f), Simple(2, "acc", 0.75f));
        Records(At("acc_val"), Simple(0, "acc", 0.125f), Simple(1, "acc", 0.25f), Simple(2, "acc", 0.375f));
        Same([Point(1, 2, 0.25, 3, 0.125), Point(2, 1, 0.5, 2, 0.25), Point(3, 0.5, 0.75, 1, 0.375)], LogReader.Read(Folder).Epochs);
    }

    [Fact]
    public void Tags_are_mapped()
    {
        Records(At(""), Simple(10, "a/b", 2), Simple(10, "c", 3), Simple(20, "a/b", 1), Simple(20, "c", 2));
        Assert.Equal("log-few-curves", Assert.Throws<BadInputException>(() => LogReader.Read(Folder)).Code);
        Same([Point(10, 2, valLoss: 3), Point(20, 1, valLoss: 2)], LogReader.Read(Folder, ColumnMap.Parse("train_loss=a/b,val_loss=c")).Epochs);
        BadInputException error = Assert.Throws<BadInputException>(() => LogReader.Read(Folder, ColumnMap.Parse("train_loss=a/x,val_loss=c")));
        Assert.Contains("Did you mean a/b?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_runs_in_a_folder_are_refused_by_name()
    {
        Records(At("run1"), Simple(1, "loss/train", 2), Simple(1, "loss/val", 2));
        Records(At("run2"), Simple(1, "loss/train", 2), Simple(1, "loss/val", 2));
        BadInputException error = Assert.Throws<BadInputException>(() => LogReader.Read(Folder));
        Assert.Equal("log-several-runs", error.Code);
        Assert.Contains("run1, run2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_run_and_a_second_run_in_the_same_folder()
    {
        byte[][] Steps(int from, int to, float loss) => [.. Enumerable.Range(from, to - from + 1).SelectMany(i => new[] { Simple(10 * i, "loss/train", loss), Simple(10 * i, "loss/val", loss) })];
        Records(At("", "events.out.tfevents.1"), Steps(1, 5, 1));
        Records(At("", "events.out.tfevents.2"), Steps(4, 6, 2));
        TrainingLog log = LogReader.Read(Folder);
        Same([Point(10, 1, valLoss: 1), Point(20, 1, valLoss: 1), Point(30, 1, valLoss: 1), Point(40, 2, valLoss: 2), Point(50, 2, valLoss: 2), Point(60, 2, valLoss: 2)], log.Epochs);
        NoteSays(log, "Steps go back from 50 to 40");
        Records(At("", "events.out.tfevents.3"), Steps(1, 2, 3));
        Same([Point(10, 3, valLoss: 3), Point(20, 3, valLoss: 3)], LogReader.Read(Folder).Epochs);
    }

    [Fact]
    public void A_file_cut_in_the_middle_of_a_record()
    {
        // Records of one length.
        Records(At(""), Simple(1, "loss/train", 2), Simple(1, "loss/valid", 3), Simple(2, "loss/train", 1), Simple(2, "loss/valid", 2));
        byte[] whole = File.ReadAllBytes(At(""));
        for (int length = 1; length < whole.Length; length++)
        {
            File.WriteAllBytes(At(""), whole[..length]);
            int records = EventFile.ReadScalars(At("")).Count;
            if (records < 2)
            {
                Assert.Contains(Assert.Throws<BadInputException>(() => LogReader.Read(Folder)).Code, new[] { "log-empty", "log-few-curves" });
                continue;
            }
            TrainingLog log = LogReader.Read(Folder);
            Assert.Equal(records == 2 ? 1 : 2, log.Epochs.Count);
            if (length % (whole.Length / 4) != 0)
                NoteSays(log, "ends in the middle of a record");
        }
        whole[^20] ^= 1;
        File.WriteAllBytes(At(""), whole);
        NoteSays(LogReader.Read(Folder), "is damaged after byte");
        whole[3] ^= 1;
        File.WriteAllBytes(At(""), whole);
        Assert.Equal("log-not-events", Assert.Throws<BadInputException>(() => LogReader.Read(Folder)).Code);
    }

    /// <summary>A record of 3 GB, which is a hole in the file, and many of a megabyte: images that are passed over without memory.</summary>
    [Fact]
    public void A_large_file_is_streamed()
    {
        byte[] image = Event(1, "image", Bytes(4, new byte[1 << 20]));
        Records(At(""), [Simple(1, "loss/train", 2), Simple(1, "loss/val", 3), .. Enumerable.Repeat(image, 24), Simple(2, "loss/train", 1), Simple(2, "loss/val", 2)]);
        const long Hole = 3L << 30;
        using (var file = new FileStream(At(""), FileMode.Open, FileAccess.Write))
        {
            file.Seek(0, SeekOrigin.End);
            file.Write(Head(Hole));
            file.SetLength(file.Length + Hole + 4);
            file.Seek(0, SeekOrigin.End);
            EventFile.WriteRecord(file, Simple(3, "loss/train", 0.5f));
            EventFile.WriteRecord(file, Simple(3, "loss/val", 1));
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        TrainingLog log = LogReader.Read(Folder);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
        Same([Point(1, 2, valLoss: 3), Point(2, 1, valLoss: 2), Point(3, 0.5, valLoss: 1)], log.Epochs);
        NoteSays(log, "1 record above 8 MB");
    }

    [Fact]
    public void Many_tags_cost_their_names_alone()
    {
        IEnumerable<byte[]> Many()
        {
            for (int step = 1; step <= 20; step++)
            {
                for (int tag = 0; tag < 2000; tag++)
                    yield return Simple(step, $"weights/layer{tag}/grad_norm", tag);
                yield return Simple(step, "loss/train", step);
                yield return Simple(step, "loss/val", step);
            }
        }
        Records(At(""), Many());
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(20, LogReader.Read(At("")).Epochs.Count);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
    }

    [Fact]
    public void A_file_without_the_usual_name_is_recognised()
    {
        Records(At("", "log.bin"), Simple(1, "loss/train", 2), Simple(1, "loss/val", 3));
        Assert.Single(LogReader.Read(At("", "log.bin")).Epochs);
    }

    [Fact]
    public void A_file_without_scalars()
    {
        Records(At(""), Event(1, "image", Bytes(4, new byte[10])));
        Assert.Equal("log-empty", Assert.Throws<BadInputException>(() => LogReader.Read(Folder)).Code);
    }
}
