using System.Text.Json;

namespace Sightline.Tests;

/// <summary><c>sightline compare</c> as a person types it.</summary>
public sealed class CompareVerbTests
{
    [Fact]
    public void Two_runs_beside_each_other()
    {
        using var tiny = new TinyImageFolder();
        string recipe = tiny.Recipe(), one = tiny.PathOf("one"), two = tiny.PathOf("two"), page = tiny.PathOf("compare.html");
        Assert.Equal(0, SightlineProcess.Run("train", recipe, "--out", one).ExitCode);
        Assert.Equal(0, SightlineProcess.Run("train", recipe, "--set", "training.epochs=1", "--out", two).ExitCode);

        SightlineProcess text = SightlineProcess.Run("compare", one, two, "--html", page);
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("training.epochs  3  |  1", text.Output, StringComparison.Ordinal);
        Assert.Contains("two against one on the same 24 validation images:", text.Output, StringComparison.Ordinal);
        Assert.Contains(text.Output, c => c is > '\u2800' and <= '\u28ff');
        Assert.Contains("<h2>More than chance?</h2>", File.ReadAllText(page), StringComparison.Ordinal);

        SightlineProcess json = SightlineProcess.Run("compare", one, two, "--json");
        using JsonDocument document = JsonDocument.Parse(json.Output);
        JsonElement pair = Assert.Single(document.RootElement.GetProperty("pairs").EnumerateArray());
        Assert.Equal(24, pair.GetProperty("images").GetInt32());
        Assert.Contains(pair.GetProperty("verdict").GetString(), (string[])["better", "worse", "cannot-tell"]);
        Assert.Equal("training.epochs", Assert.Single(document.RootElement.GetProperty("differences").EnumerateArray()).GetProperty("key").GetString());

        SightlineProcess curves = SightlineProcess.Run("compare", one, two, "--curves-only");
        Assert.DoesNotContain("against", curves.Output, StringComparison.Ordinal);
        SightlineProcess wrong = SightlineProcess.Run("compare", one);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("comparing takes two", wrong.Error, StringComparison.Ordinal);
    }
}
