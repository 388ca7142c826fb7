using System.Text.Json;
using Sightline.Imaging;

namespace Sightline.Tests;

/// <summary><c>explain</c> and its sub-commands on one small trained run.</summary>
public sealed class ExplainVerbTests(ExplainVerbTests.Trained trained) : IClassFixture<ExplainVerbTests.Trained>
{
    [Fact]
    public void Pictures_and_numbers_of_each_method()
    {
        string picture = trained.Picture("cone", 0), other = trained.Picture("crate", 0), folder = trained.PathOf("explained");
        foreach (string method in (string[])["grad-cam", "cam", "occlusion", "integrated-gradients"])
        {
            using JsonDocument document = JsonDocument.Parse(Ok("explain", trained.Run, picture, other, "--method", method, "--steps", "20", "--out", folder, "--json").Output);
            JsonElement[] explained = [.. document.RootElement.GetProperty("explanations").EnumerateArray()];
            Assert.Equal(2, explained.Length);
            JsonElement first = explained[0];
            Assert.Equal((method, picture), (first.GetProperty("method").GetString(), first.GetProperty("path").GetString()));
            Assert.Equal(first.GetProperty("predicted").GetString(), first.GetProperty("class").GetString());
            Assert.InRange(first.GetProperty("probability").GetDouble(), 1 / 3.0, 1);
            Assert.Equal(first.GetProperty("mapSize")[0].GetInt32() * first.GetProperty("mapSize")[1].GetInt32(), first.GetProperty("map").GetArrayLength());
            Assert.Equal(method == "integrated-gradients", first.TryGetProperty("completeness", out _));
            RgbImage drawn = ImageCodec.Decode(File.ReadAllBytes(first.GetProperty("picture").GetString()!), "drawn");
            Assert.True(drawn.Width > drawn.Height);
        }
        // The pictures have the same name in their folders.
        Assert.Equal(["000-2.png", "000.png"], Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        string line = Ok("explain", trained.Run, picture, "--class", "person", "--layer", "layer2", "--out", folder).Output;
        Assert.Contains("\tperson ", line, StringComparison.Ordinal);
        Assert.Contains("of 12 × 12", line, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_is_one_line_and_exit_2()
    {
        string picture = trained.Picture("cone", 0), folder = trained.PathOf("refused");
        string[][] wrong =
        [
            ["explain", "nowhere", picture],
            ["explain", trained.Run],
            ["explain", trained.Run, "nowhere.png"],
            ["explain", trained.Run, picture, "--layer", "layr2"],
            ["explain", trained.Run, picture, "--class", "crat"],
            ["explain", trained.Run, picture, "--method", "gradcam"],
            ["explain", trained.Run, picture, "--method", "occlusion", "--patch", "13"],
            ["explain", trained.Run, picture, "--blank", "blue"],
            ["explain", trained.Run, picture, "--out", picture],
        ];
        foreach (string[] arguments in wrong)
        {
            SightlineProcess result = SightlineProcess.Run([.. arguments, .. arguments.Contains("--out") ? Array.Empty<string>() : ["--out", folder]]);
            Assert.True(result.ExitCode == 2, $"{string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Error}");
            Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Empty(result.Output);
        }
        Assert.False(Directory.Exists(folder));
        Assert.Contains("Did you mean 'layer2'?", SightlineProcess.Run("explain", trained.Run, picture, "--layer", "layr2").Error, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'crate'?", SightlineProcess.Run("explain", trained.Run, picture, "--class", "crat").Error, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'grad-cam'?", SightlineProcess.Run("explain", trained.Run, picture, "--method", "gradcam").Error, StringComparison.Ordinal);
    }

    internal static SightlineProcess Ok(params string[] arguments)
    {
        SightlineProcess result = SightlineProcess.Run(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }

    /// <summary>A short training for all tests of the class.</summary>
    public sealed class Trained : IDisposable
    {
        private readonly TinyImageFolder tiny = new(perClass: 15);

        public Trained() => Ok("train", tiny.Recipe("", "epochs: 2, batchSize: 16, precision: float32"), "--out", Run);

        public string Run => PathOf("run");

        public string Picture(string name, int index) => Path.Combine(tiny.Images, name, $"{index:000}.png");

        public string PathOf(string name) => tiny.PathOf(name);

        public void Dispose() => tiny.Dispose();
    }
}
