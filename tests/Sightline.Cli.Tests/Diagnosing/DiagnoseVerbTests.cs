using System.Globalization;
using System.Text.Json;

namespace Sightline.Tests;

/// <summary><c>sightline diagnose</c> as a person types it.</summary>
public sealed class DiagnoseVerbTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sightline-diagnose-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("log.csv", "epoch,accuracy,loss,val_accuracy,val_loss\n", "{0},{2},{1},{4},{3}\n", null)]
    [InlineData("metrics.csv", "epoch,step,train_loss,train_acc,val_loss,val_acc\n", "{0},{0},{1},{2},{3},{4}\n", null)]
    [InlineData("results.csv", "epoch,train/loss,metrics/accuracy_top1,val/loss\n", "{0},{1},{4},{3}\n", null)]
    [InlineData("log.jsonl", "", "{{\"epoch\": {0}, \"train_loss\": {1}, \"val_loss\": {3}}}\n", null)]
    [InlineData("mine.csv", "runde;fehler;pruefung\n", "{0};{1};{3}\n", "epoch=runde,train_loss=fehler,val_loss=pruefung")]
    public void Logs_of_each_dialect(string name, string header, string row, string? map)
    {
        string log = Write(name, header, row, 12);
        SightlineProcess run = SightlineProcess.Run(["diagnose", log, .. map is null ? Array.Empty<string>() : ["--map", map], "--json"]);
        using JsonDocument document = Document(run);
        Assert.Equal(12, document.RootElement.GetProperty("epochs").GetInt32());
        Assert.Equal(log, document.RootElement.GetProperty("source").GetString());
        SightlineProcess screen = SightlineProcess.Run(["diagnose", log, .. map is null ? Array.Empty<string>() : ["--map", map]]);
        Assert.Equal(run.ExitCode, screen.ExitCode);
        Assert.Equal("", screen.Error);
        Assert.Contains("12 epochs read", screen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_epochs_are_no_verdict_and_no_failure()
    {
        string log = Write("log.csv", "epoch,train_loss,val_loss\n", "{0},{1},{3}\n", 2);
        SightlineProcess run = SightlineProcess.Run("diagnose", log, "--json");
        Assert.Equal(0, run.ExitCode);
        using JsonDocument document = Document(run);
        Assert.Equal("not-enough-evidence", document.RootElement.GetProperty("verdict").GetString());
        Assert.NotEqual("", document.RootElement.GetProperty("missing").GetString());
        Assert.StartsWith("Not enough evidence: The log holds 2 epochs", SightlineProcess.Run("diagnose", log).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Until_judges_what_was_known_then()
    {
        string log = Write("log.csv", "epoch,train_loss,val_loss\n", "{0},{1},{3}\n", 12);
        using JsonDocument then = Document(SightlineProcess.Run("diagnose", log, "--until", "2", "--json"));
        Assert.Equal((2, "not-enough-evidence"), (then.RootElement.GetProperty("epochs").GetInt32(), then.RootElement.GetProperty("verdict").GetString()));
        SightlineProcess before = SightlineProcess.Run("diagnose", log, "--until", "0");
        Assert.Equal((2, ""), (before.ExitCode, before.Output));
        Assert.Contains("The log begins with epoch 1", before.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "There is no such file or folder.")]
    [InlineData("one.csv", "column")]
    public void What_is_no_log_is_one_message(string name, string says)
    {
        File.WriteAllText(Path.Combine(folder, "one.csv"), "a,b\n1,2\n");
        SightlineProcess run = SightlineProcess.Run("diagnose", Path.Combine(folder, name), "--json");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(says, Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    // Training and validation fall together: epoch, training loss and accuracy, validation loss and accuracy.
    private string Write(string name, string header, string row, int epochs)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, header + string.Concat(Enumerable.Range(1, epochs).Select(e =>
            string.Format(CultureInfo.InvariantCulture, row, e, 0.4 + Math.Exp(-e / 4.0), 0.85 - 0.5 * Math.Exp(-e / 4.0), 0.45 + Math.Exp(-e / 4.0), 0.83 - 0.5 * Math.Exp(-e / 4.0)))));
        return path;
    }

    private static JsonDocument Document(SightlineProcess run)
    {
        Assert.True(run.ExitCode is 0 or 1, run.Error);
        return JsonDocument.Parse(run.Output);
    }
}
