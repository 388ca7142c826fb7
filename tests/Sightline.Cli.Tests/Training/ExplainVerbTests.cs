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
            string[] steps = method == "integrated-gradients" ? ["--steps", "20"] : [];
            using JsonDocument document = JsonDocument.Parse(Ok(["explain", trained.Run, picture, other, "--method", method, .. steps, "--out", folder, "--json"]).Output);
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
    public void Random_weights_filters_features_and_receptive_fields()
    {
        string picture = trained.Picture("cone", 1), folder = trained.PathOf("layers");
        using JsonDocument sanity = JsonDocument.Parse(Ok("explain", trained.Run, picture, trained.Picture("crate", 1), "--sanity", "--out", folder, "--json").Output);
        JsonElement[] steps = [.. sanity.RootElement.GetProperty("sanity").EnumerateArray()];
        Assert.Equal(("fc", "conv1"), (steps[0].GetProperty("layer").GetString(), steps[^1].GetProperty("layer").GetString()));
        Assert.All(steps, s => Assert.InRange(s.GetProperty("mean").GetDouble(), -1, 1));
        Assert.Equal(2, steps[0].GetProperty("similarity").GetArrayLength());
        Assert.Contains("rank correlation", Ok("explain", trained.Run, picture, "--sanity", "--out", folder).Output, StringComparison.Ordinal);

        Assert.EndsWith("filters-conv1.png\n", Ok("explain", "filters", trained.Run, "--out", folder).Output, StringComparison.Ordinal);
        Ok("explain", "filters", trained.Run, "--layer", "layer2.0.conv1", "--out", folder);
        Ok("explain", "features", trained.Run, picture, "--layer", "layer1", "--out", folder);
        using JsonDocument field = JsonDocument.Parse(Ok("explain", "receptive-field", trained.Run, "--layer", "layer2", "--noise", "4", "--out", folder, "--json").Output);
        // Four windows of 3 × 3, of which the last moves by 2, then a fifth: 1 + 4 · 2 + 1 · 4.
        JsonElement theoretical = field.RootElement.GetProperty("theoretical");
        Assert.Equal((13, 2), (theoretical.GetProperty("size")[0].GetInt32(), theoretical.GetProperty("stride")[1].GetInt32()));
        Assert.InRange(field.RootElement.GetProperty("effective").GetProperty("deviation")[0].GetDouble(), 0.1, 13);
        Assert.Contains("over 2 pictures", Ok("explain", "receptive-field", trained.Run, picture, trained.Picture("crate", 1), "--out", folder).Output, StringComparison.Ordinal);
        Assert.Equal(
            ["001-2-sanity.png", "001-2.png", "001-layer1.png", "001-sanity.png", "001.png", "filters-conv1.png", "filters-layer2.0.conv1.png", "receptive-field-layer2.png", "receptive-field-layer3.png"],
            Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Recorded_footage_knows_where_its_objects_are()
    {
        string footage = trained.PathOf("footage"), run = trained.PathOf("crops"), folder = trained.PathOf("scored");
        Ok("record", footage, "--drives", "4", "--frames", "12", "--fps", "1");
        Ok("train", Repository.PathOf("recipes/demo.yaml"), "--set", "data.path=" + footage, "--set", "training.epochs=1", "--set", "data.crops.margin=0.5", "--set", "network.name=cifar_resnet8", "--out", run);
        using JsonDocument centred = JsonDocument.Parse(Ok("explain", "score", run, "--limit", "12", "--sanity", "--json").Output);
        JsonElement root = centred.RootElement;
        Assert.Equal((12, 12, 0), (root.GetProperty("images").GetInt32(), root.GetProperty("exactObjects").GetInt32(), root.GetProperty("leftOut").GetInt32()));
        double even = Mean(root, "evenMap", "energy");
        Assert.InRange(even, 0.05, 0.3);
        Assert.Equal(even, Mean(root, "evenMap", "pointing"));
        Assert.InRange(Mean(root, "scores", "energy"), 0, 1);
        Assert.Equal(12, root.GetProperty("sanity")[0].GetProperty("similarity").GetArrayLength());
        // Objects in the middle are found by always pointing there; moved, far less often.
        using JsonDocument moved = JsonDocument.Parse(Ok("explain", "score", run, "--limit", "12", "--off-centre", "--out", folder, "--json").Output);
        Assert.True(Mean(moved.RootElement, "centredMap", "pointing") < Mean(root, "centredMap", "pointing"));
        Assert.Equal(12, Directory.EnumerateFiles(folder).Count());
        Assert.Contains("moved out of the middle, objects known by the pixel", Ok("explain", "score", run, "--limit", "3", "--off-centre", "--method", "cam").Output, StringComparison.Ordinal);

        SightlineProcess unknown = SightlineProcess.Run("explain", "score", trained.Run);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("not where in them the objects are", unknown.Error, StringComparison.Ordinal);
        static double Mean(JsonElement root, string map, string number) => root.GetProperty(map).GetProperty(number).GetProperty("mean").GetDouble();
    }

    [Fact]
    public void What_is_wrong_is_one_line_and_exit_2()
    {
        string picture = trained.Picture("cone", 0), folder = trained.PathOf("refused");
        (string Said, string[] Arguments)[] wrong =
        [
            ("nowhere", ["explain", "nowhere", picture]),
            ("See: sightline explain --help", ["explain", trained.Run]),
            ("nowhere.png", ["explain", trained.Run, "nowhere.png"]),
            ("Did you mean 'layer2'?", ["explain", trained.Run, picture, "--layer", "layr2"]),
            ("Did you mean 'crate'?", ["explain", trained.Run, picture, "--class", "crat"]),
            ("Did you mean 'grad-cam'?", ["explain", trained.Run, picture, "--method", "gradcam"]),
            ("12 × 12", ["explain", trained.Run, picture, "--method", "occlusion", "--patch", "13"]),
            ("mean, black, grey or white", ["explain", trained.Run, picture, "--method", "occlusion", "--blank", "blue"]),
            ("--steps is for integrated-gradients, not for grad-cam", ["explain", trained.Run, picture, "--steps", "8"]),
            ("expected a folder", ["explain", trained.Run, picture, "--out", picture]),
            ("Did you mean 'conv1'?", ["explain", "filters", trained.Run, "--layer", "conv2"]),
            ("See: sightline explain features --help", ["explain", "features", trained.Run]),
            ("no layer 'fc'", ["explain", "receptive-field", trained.Run, "--layer", "fc"]),
            ("--limit", ["explain", "score", trained.Run, "--limit", "-1"]),
        ];
        foreach ((string said, string[] arguments) in wrong)
        {
            SightlineProcess result = SightlineProcess.Run([.. arguments, .. arguments.Contains("--out") ? Array.Empty<string>() : ["--out", folder]]);
            Assert.True(result.ExitCode == 2, $"{string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Error}");
            Assert.Contains(said, Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            Assert.Empty(result.Output);
        }
        Assert.False(Directory.Exists(folder));
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
