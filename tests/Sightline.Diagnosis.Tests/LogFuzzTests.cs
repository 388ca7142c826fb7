using CsCheck;
using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>Damaged logs are read or refused in words; whatever is read has rising epochs and fractions for accuracies.</summary>
public sealed class LogFuzzTests : LogFiles
{
    private static readonly string[] Samples =
    [
        "epoch,accuracy,loss,lr,val_accuracy,val_loss\n0,0.5,2,0.1,0.4,2.1\n1,0.6,1,0.1,0.5,1.5\n2,0.7,0.5,0.1,0.6,1\n",
        "epoch;step;train_acc;train_loss_epoch;val_acc;val_loss\n0;49;;;0,43;1,7\n0;49;0,31;2,05;;\n1;99;;;0,5;1\n1;99;0,4;1;;\n",
        "{\"log_history\": [{\"epoch\": 0.5, \"loss\": 3, \"step\": 1}, {\"epoch\": 1.0, \"eval_loss\": NaN, \"step\": 2}, {\"epoch\": 2.0, \"eval_loss\": 1.0, \"loss\": 2, \"step\": 3}]}",
        "{\"epoch\": 1, \"loss\": 2, \"val\": {\"loss\": 3}}\n{\"epoch\": 2, \"loss\": 1, \"val\": {\"loss\": 2}}\n",
        "{\"loss\": [3, 2, 1], \"val_loss\": [3, 2, 1], \"val_accuracy\": [10, 20, Infinity]}",
    ];

    private static readonly string[] Pieces = ["", ",", ";", "\n", "\"", "-", "1", "99", ".", "nan", "inf", "epoch", "{", "}", "[", "]", ":", "null", "e", "\t", "1e400", "\0", "é", "%", "#", "-1", "0"];

    [Fact]
    public void Damaged_text() =>
        Gen.Select(Gen.Int[0, Samples.Length - 1], Gen.Select(Gen.Int[0, 200], Gen.Int[0, 6], Gen.Int[0, Pieces.Length - 1]).List[1, 6]).Sample((sample, edits) =>
        {
            string text = Samples[sample];
            foreach ((int at, int length, int piece) in edits)
            {
                int from = Math.Min(at, text.Length);
                text = string.Concat(text.AsSpan(0, from), Pieces[piece], text.AsSpan(Math.Min(text.Length, from + length)));
            }
            Check(Write("log.txt", text));
        }, iter: 300, threads: 1);

    [Fact]
    public void Damaged_events()
    {
        string path = Path.Combine(Folder, "events.out.tfevents.1");
        byte[] value = EventBytes.Tensor(3, "loss/train", EventBytes.FloatVal(2));
        Gen.Select(Gen.Int[0, value.Length - 1], Gen.Byte).List[1, 4].Sample(edits =>
        {
            byte[] damaged = [.. value];
            foreach ((int at, byte to) in edits)
                damaged[at] = to;
            // The checksum holds: what is damaged is the message.
            EventBytes.Records(path, EventBytes.Simple(1, "loss/train", 1), EventBytes.Simple(1, "loss/val", 1), damaged, EventBytes.Simple(4, "loss/val", 1));
            Check(path);
        }, iter: 300, threads: 1);
    }

    private static void Check(string path)
    {
        TrainingLog log;
        try
        {
            log = LogReader.Read(path);
        }
        catch (BadInputException error)
        {
            Assert.StartsWith("log-", error.Code, StringComparison.Ordinal);
            return;
        }
        Assert.NotEmpty(log.Epochs);
        for (int i = 0; i < log.Epochs.Count; i++)
        {
            EpochPoint point = log.Epochs[i];
            Assert.True(double.IsFinite(point.Epoch) && (i == 0 || point.Epoch > log.Epochs[i - 1].Epoch));
            Assert.False(point.TrainAccuracy is > 1.01 or < -0.01 || point.ValAccuracy is > 1.01 or < -0.01);
        }
    }
}
