namespace Sightline.Tests;

/// <summary>Numbers of a machine are measured once.</summary>
public sealed class MeasuredFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("measured-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Each_key_is_measured_once_and_kept_beside_the_others()
    {
        string path = Path.Combine(folder, "new", "times.json");
        int measured = 0;
        IReadOnlyDictionary<string, double> Read(string key, params string[] names) =>
            new MeasuredFile(path).ReadOrMeasure(key, names, () => { measured++; return names.ToDictionary(n => n, n => n.Length + key.Length / 8.0); });
        Assert.Equal(4.25, Read("aa", "slow")["slow"]);
        Assert.Equal(4.25, Read("aa", "slow")["slow"]);
        Assert.Equal(1, measured);
        Assert.Equal(4.375, Read("bbb", "slow")["slow"]);
        Assert.Equal(4.25, Read("aa", "slow")["slow"]);
        Assert.Equal(2, measured);
        // A number more is wanted: all are measured anew.
        Assert.Equal(["slow", "steady"], Read("aa", "slow", "steady").Keys);
        Assert.Equal(3, measured);
    }

    [Theory]
    [InlineData("{ \"a\": { \"slow\":")]
    [InlineData("[1, 2]")]
    [InlineData("{ \"a\": 3 }")]
    [InlineData("{ \"a\": { \"slow\": -1 } }")]
    [InlineData("{ \"a\": { \"slow\": \"fast\" } }")]
    [InlineData("")]
    public void What_is_damaged_is_measured_anew(string text)
    {
        string path = Path.Combine(folder, "times.json");
        File.WriteAllText(path, text);
        Assert.Equal(7, new MeasuredFile(path).ReadOrMeasure("a", ["slow"], () => new Dictionary<string, double> { ["slow"] = 7 })["slow"]);
        Assert.Equal(7, new MeasuredFile(path).ReadOrMeasure("a", ["slow"], () => throw new InvalidOperationException("measured again"))["slow"]);
    }
}
