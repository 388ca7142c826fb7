using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sightline.Diagnosis;

namespace Sightline.Tests;

/// <summary>Logs with something wrong: read as far as is sensible, with a note, or refused in one sentence.</summary>
public sealed class LogTroubleTests : LogFiles
{
    private const string Header = "epoch,train_loss,val_loss\n";

    [Theory]
    [InlineData("a.csv", "")]
    [InlineData("a.csv", "\n\n")]
    [InlineData("a.csv", Header)]
    [InlineData("a.csv", "epoch,train_lo")]
    [InlineData("a.json", "[]")]
    [InlineData("a.json", "{}")]
    [InlineData("trainer_state.json", """{"log_history": []}""")]
    public void Empty(string name, string text) => Assert.Equal("log-empty", Refused(name, text).Code);

    [Fact]
    public void One_row()
    {
        TrainingLog log = Read("a.csv", Header + "1,2,3\n");
        Same([Point(1, 2, valLoss: 3)], log.Epochs);
        NoteSays(log, "one epoch alone");
    }

    [Fact]
    public void A_log_that_is_being_written()
    {
        using var writer = new FileStream(Path.Combine(Folder, "a.csv"), FileMode.Create, FileAccess.Write, FileShare.Read);
        writer.Write(Encoding.UTF8.GetBytes(Header + "1,2.25,3.25\n2,1.25,2.25\n3,0.2"));
        writer.Flush();
        TrainingLog log = LogReader.Read(writer.Name);
        Same([Point(1, 2.25, valLoss: 3.25), Point(2, 1.25, valLoss: 2.25)], log.Epochs);
        NoteSays(log, "The last line (4)");
    }

    [Fact]
    public void A_last_line_without_end_that_is_whole_counts() => Assert.Equal(3, Read("a.csv", Header + "1,2.2,3.2\n2,1.2,2.2\n3,0.2,1.2").Epochs.Count);

    [Fact]
    public void Two_runs_in_one_file()
    {
        TrainingLog log = Read("a.csv", Header + "1,2,3\n2,1,2\n3,0.5,1\n1,20,30\n2,10,20\n");
        Same([Point(1, 20, valLoss: 30), Point(2, 10, valLoss: 20)], log.Epochs);
        NoteSays(log, "the log holds 2 runs, of which the last is read; it begins in line 5");
    }

    [Fact]
    public void Two_runs_with_a_header_each()
    {
        TrainingLog same = Read("a.csv", Header + "1,2,3\n2,1,2\n" + Header + "1,20,30\n2,10,20\n");
        Same([Point(1, 20, valLoss: 30), Point(2, 10, valLoss: 20)], same.Epochs);
        NoteSays(same, "it begins in line 5");
        TrainingLog other = Read("b.csv", Header + "1,2,3\n2,1,2\nepoch,loss,accuracy\n1,20,0.25\n2,10,0.5\n");
        Same([Point(1, 20, 0.25), Point(2, 10, 0.5)], other.Epochs);
        NoteSays(other, "Another header stands in line 4");
    }

    [Fact]
    public void Epochs_that_go_back()
    {
        TrainingLog log = Read("a.csv", Header + "1,2,3\n2,1,2\n3,9,9\n4,9,9\n3,0.5,1\n4,0.25,0.5\n");
        Same([Point(1, 2, valLoss: 3), Point(2, 1, valLoss: 2), Point(3, 0.5, valLoss: 1), Point(4, 0.25, valLoss: 0.5)], log.Epochs);
        NoteSays(log, "Epochs go back from 4 to 3 (line 6), as in a run that was resumed: later rows replace earlier ones.");
    }

    [Fact]
    public void All_validation_behind_all_training()
    {
        EpochPoint[] expected = [Point(1, 3, valLoss: 4), Point(2, 2, valLoss: 3), Point(3, 1, valLoss: 2)];
        TrainingLog log = Read("a.csv", Header + "1,3,\n2,2,\n3,1,\n1,,4\n2,,3\n3,,2\n");
        Same(expected, log.Epochs);
        Assert.DoesNotContain(log.Notes, n => n.Contains("back", StringComparison.Ordinal));
        TrainingLog twice = Read("a.csv", Header + "1,9,\n2,9,\n1,,9\n2,,9\n1,3,\n2,2,\n3,1,\n1,,4\n2,,3\n3,,2\n");
        Same(expected, twice.Epochs);
        NoteSays(twice, "it begins in line 6");
    }

    [Fact]
    public void The_newest_row_first()
    {
        TrainingLog log = Read("a.csv", Header + "3,1,2\n2,2,3\n1,3,4\n");
        Same([Point(1, 3, valLoss: 4), Point(2, 2, valLoss: 3), Point(3, 1, valLoss: 2)], log.Epochs);
        NoteSays(log, "newest row stands first");
    }

    [Fact]
    public void An_epoch_that_stands_twice()
    {
        TrainingLog log = Read("a.csv", Header + "1,2,3\n2,1,2\n3,9,9\n3,0.5,1\n4,0.25,0.5\n");
        Same([Point(1, 2, valLoss: 3), Point(2, 1, valLoss: 2), Point(3, 0.5, valLoss: 1), Point(4, 0.25, valLoss: 0.5)], log.Epochs);
        NoteSays(log, "Epoch 3 has several rows");
    }

    [Fact]
    public void Duplicate_steps()
    {
        TrainingLog log = Read("a.csv", "step,loss,val_loss\n10,5,6\n20,9,9\n20,4,5\n30,3,4\n");
        Same([Point(10, 5, valLoss: 6), Point(20, 4, valLoss: 5), Point(30, 3, valLoss: 4)], log.Epochs);
        NoteSays(log, "twice (first at 20)");
        NoteSays(log, "by steps");
    }

    [Fact]
    public void Rows_by_steps_within_epochs_are_averaged()
    {
        TrainingLog log = Read("a.csv", "epoch,batch,loss,val_loss,val_acc\n1,0,5,,\n1,1,3,,\n1,2,,2.5,0.5\n2,0,2,,\n2,1,1,2,0.625\n");
        Same([Point(1, 4, valLoss: 2.5, valAccuracy: 0.5), Point(2, 1.5, valLoss: 2, valAccuracy: 0.625)], log.Epochs);
        NoteSays(log, "Up to 2 rows of an epoch make one point");
    }

    [Fact]
    public void Steps_between_evaluations_are_averaged() =>
        Same([Point(100, 4.5, valLoss: 3), Point(200, 2, valLoss: 2), Point(250, 1)], Read("a.csv", "step,loss,val_loss\n50,5,\n100,4,3\n150,2,\n200,2,2\n250,1,\n").Epochs);

    [Fact]
    public void Decimal_commas()
    {
        Same([Point(1, 2.5, valAccuracy: 0.25), Point(2, 1.5, valAccuracy: 0.5)], Read("a.csv", "epoch;train_loss;val_accuracy\n1;2,5;0,25\n2;1,5;0,5\n").Epochs);
        Same([Point(1, 2.5, valAccuracy: 0.25), Point(2, 1234.5, valAccuracy: 0.5)], Read("a.csv", "epoch,train_loss,val_accuracy\n1,\"2,5\",\"0,25\"\n2,\"1.234,5\",\"0,5\"\n").Epochs);
        BadInputException error = Refused("a.csv", Header + "1,2,5,3,5\n2,1,5,2,5\n");
        Assert.Equal(("log-cells", 2), (error.Code, error.Line));
        Assert.Contains("decimal commas", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("-inf", double.NegativeInfinity)]
    [InlineData("Infinity", double.PositiveInfinity)]
    [InlineData("nan", double.NaN)]
    [InlineData("NaN", double.NaN)]
    [InlineData("null", double.NaN)]
    [InlineData("None", double.NaN)]
    [InlineData("", double.NaN)]
    public void Infinite_and_missing_values(string text, double value)
    {
        EpochPoint[] expected = [Point(1, 2, valLoss: 3), Point(2, value, valLoss: 2), Point(3, value, valLoss: 1)];
        TrainingLog log = Read("a.csv", $"{Header}1,2,3\n2,{text},2\n3,{text},1\n");
        Same(expected, log.Epochs);
        if (double.IsInfinity(value))
            NoteSays(log, "The training loss is infinite at epoch 2 (line 3)");
        if (text is "nan" or "NaN")
            NoteSays(log, "The training loss is not a number (NaN) from epoch 2 on (line 3)");
        if (text is "inf" or "None" or "" or "nan")
            return;
        Same(expected, Read("a.json", $$"""[{"epoch": 1, "train_loss": 2, "val_loss": 3}, {"epoch": 2, "train_loss": {{text.Replace("-inf", "-Infinity", StringComparison.Ordinal)}}, "val_loss": 2}, {"epoch": 3, "train_loss": {{text.Replace("-inf", "-Infinity", StringComparison.Ordinal)}}, "val_loss": 1}]""").Epochs);
    }

    [Fact]
    public void Nan_for_what_was_not_measured()
    {
        TrainingLog log = Read("a.csv", Header + "1,4,nan\n1,2,nan\n1,nan,3\n2,1,nan\n2,nan,2\n");
        Same([Point(1, 3, valLoss: 3), Point(2, 1, valLoss: 2)], log.Epochs);
        NoteSays(log, "taken as not measured");
    }

    [Fact]
    public void A_loss_that_becomes_nan_within_an_epoch_is_nan_from_there_on() =>
        Same([Point(1, 3, valLoss: 3), Point(2, valLoss: double.NaN)], Read("a.csv", Header + "1,4,\n1,2,3\n2,1,\n2,nan,\n2,nan,nan\n").Epochs);

    [Fact]
    public void A_gap()
    {
        TrainingLog log = Read("a.csv", Header + "1,4,3\n2,3,2\n5,1,1\n6,1,1\n");
        Assert.Equal([1, 2, 5, 6], log.Epochs.Select(e => e.Epoch));
        NoteSays(log, "2 epochs are missing between 1 and 6");
    }

    [Fact]
    public void Percent_is_read_as_fractions()
    {
        TrainingLog log = Read("a.csv", "epoch,train_acc,val_acc\n1,45.5,1.0\n2,75,1.0\n");
        Same([Point(1, trainAccuracy: 0.455, valAccuracy: 0.01), Point(2, trainAccuracy: 0.75, valAccuracy: 0.01)], log.Epochs);
        NoteSays(log, "percent");
        Same([Point(1, trainAccuracy: 0.45, valAccuracy: 0.2), Point(2, trainAccuracy: 0.75, valAccuracy: 0.3)], Read("b.csv", "epoch,train_acc,val_err\n1,45%,80%\n2,75%,70%\n").Epochs);
    }

    [Fact]
    public void Counts_of_right_images_are_no_accuracy()
    {
        TrainingLog log = Read("a.csv", "epoch,train_loss,train_acc,val_loss,val_acc\n1,2,4500,3,0.5\n2,1,4700,2,0.625\n");
        Same([Point(1, 2, valLoss: 3, valAccuracy: 0.5), Point(2, 1, valLoss: 2, valAccuracy: 0.625)], log.Epochs);
        NoteSays(log, "neither a fraction nor a percentage");
    }

    [Fact]
    public void Rows_that_do_not_fit_the_header()
    {
        TrainingLog log = Read("a.csv", Header + "1,2,3\n2,1\n3,0.5,13,0.5,1\n4,0.25,0.5\n");
        Same([Point(1, 2, valLoss: 3), Point(2, 1), Point(4, 0.25, valLoss: 0.5)], log.Epochs);
        NoteSays(log, "One row has fewer cells than the header (first in line 3)");
        NoteSays(log, "One row has more cells than the header (first in line 4)");
    }

    [Fact]
    public void Text_in_a_curve_is_refused_with_its_line()
    {
        BadInputException error = Refused("a.csv", Header + "1,2,3\n2,oops,2\n3,1,1\n");
        Assert.Equal(("log-number", 3), (error.Code, error.Line));
        Assert.Contains("'oops'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("epoch,foo,bar\n1,2,3\n", "log-few-curves")]
    [InlineData("epoch,loss,lr\n1,2,3\n", "log-few-curves")]
    [InlineData("epoch,loss,val_loss\n1,2,\n", "log-few-curves")]
    [InlineData("round,loss,val_loss\n1,2,3\n", "log-no-epoch")]
    public void What_is_missing_is_said(string text, string code)
    {
        BadInputException error = Refused("a.csv", text);
        Assert.Equal(code, error.Code);
        Assert.Contains("--map epoch=COLUMN", error.Message, StringComparison.Ordinal);
        Assert.Contains("CSV", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_that_is_none()
    {
        BadInputException error = Refused("a.json", "[\n{\"epoch\": 1, \"loss\": 2, \"val_loss\": 3},\n{\"epoch\": 2, \"loss\": oops}\n]");
        Assert.Equal(("log-json", 3), (error.Code, error.Line));
        TrainingLog log = Read("a.jsonl", "{\"epoch\": 1, \"loss\": 2, \"val_loss\": 3}\n{\"epo{\"epoch\": 2}\n{\"epoch\": 2, \"loss\": 1, \"val_loss\": 2}\n");
        Assert.Equal(2, log.Epochs.Count);
        NoteSays(log, "no JSON object (first line 2)");
    }

    [Fact]
    public void Other_files_and_folders()
    {
        Assert.Equal("log-missing", Assert.Throws<BadInputException>(() => LogReader.Read(Path.Combine(Folder, "nothing"))).Code);
        Assert.Equal("log-folder", Assert.Throws<BadInputException>(() => LogReader.Read(Folder)).Code);
        Assert.Equal("log-binary", Refused("a.png", "\u0089PNG\0\0\0\0").Code);
        Write("b.csv", Header + "1,2,3\n");
        Write("c.csv", Header + "1,2,3\n");
        Assert.Equal("log-several-runs", Assert.Throws<BadInputException>(() => LogReader.Read(Folder)).Code);
    }

    [Fact]
    public void The_one_table_of_a_folder_is_read()
    {
        Write("whatever.csv", Header + "1,2,3\n2,1,2\n");
        Assert.Equal(2, LogReader.Read(Folder).Epochs.Count);
    }

    [Fact]
    public void Windows_lines_byte_order_marks_and_comments()
    {
        string path = Path.Combine(Folder, "a.csv");
        const string Text = "# epoch, loss, val_loss\r\n1, 2, 3\r\n# paused\r\n2, 1, 2\r\n\r\n";
        foreach (Encoding encoding in new Encoding[] { new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            File.WriteAllText(path, Text, encoding);
            Same([Point(1, 2, valLoss: 3), Point(2, 1, valLoss: 2)], LogReader.Read(path).Epochs);
        }
    }

    /// <summary>Below 0.3 s for 10,000 rows; ten times as many rows take no more than some thirty times as long.</summary>
    [Fact]
    public void Ten_thousand_rows_are_read_fast()
    {
        string Rows(int count)
        {
            var text = new StringBuilder("epoch,step,loss,accuracy,val_loss,val_accuracy,lr\n");
            for (int i = 1; i <= count; i++)
                text.Append(CultureInfo.InvariantCulture, $"{i},{i * 100},{1.0 / i},{1 - (1.0 / i)},{1.1 / i},{1 - (1.0 / i)},{0.1}\n");
            return text.ToString();
        }
        (string small, string large) = (Write("small.csv", Rows(10_000)), Write("large.csv", Rows(100_000)));
        double best = Enumerable.Range(0, 5).Min(_ => Seconds(small));
        Assert.True(best < 0.3, $"{best} s");
        Assert.True(Seconds(large) < 30 * best + 1);

        static double Seconds(string path)
        {
            var watch = Stopwatch.StartNew();
            LogReader.Read(path);
            return watch.Elapsed.TotalSeconds;
        }
    }
}
