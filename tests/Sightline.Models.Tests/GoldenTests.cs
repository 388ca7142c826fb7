using System.Text.Json;
using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Holds networks against PyTorch and torchvision; <c>Golden/make_golden.py</c> made the files.</summary>
public sealed class GoldenTests
{
    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet34")]
    [InlineData("resnet50")]
    [InlineData("cifar_resnet20")]
    [InlineData("cifar_plain20")]
    [InlineData("airbench94")]
    [InlineData("mobilenet_v2")]
    [InlineData("mobilenet_v3_large")]
    [InlineData("mobilenet_v3_small")]
    public void Logits_are_PyTorchs_on_the_same_weights(string name)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Golden(name + ".json")));
        float[] expected = [.. golden.RootElement.GetProperty("logits").EnumerateArray().Select(v => v.GetSingle())];
        long side = golden.RootElement.GetProperty("side").GetInt64();
        using Classifier network = Networks.Create(name, golden.RootElement.GetProperty("classes").GetInt32(), seed: 0);
        FormulaWeights.Fill(network);
        network.eval();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        float[] actual = network.call(FormulaWeights.Images(2, 3, side, side)).data<float>().ToArray();

        float largest = expected.Max(Math.Abs);
        Assert.Equal(expected.Length, actual.Length);
        double difference = expected.Zip(actual, (e, a) => Math.Abs((double)e - a)).Max();
        Assert.True(difference < 1e-4 * largest, $"differs by {difference / largest:g3} of the largest logit");
        // The weights matter: both images must not give the same.
        Assert.NotEqual(actual[0], actual[expected.Length / 2]);
    }

    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet50")]
    [InlineData("mobilenet_v2")]
    [InlineData("mobilenet_v3_large")]
    [InlineData("mobilenet_v3_small")]
    public void Names_and_shapes_are_torchvisions(string name)
    {
        using Classifier network = Networks.Create(name, 1000, seed: 0);
        var actual = network.state_dict().Select(t => $"{t.Key} [{string.Join(", ", t.Value.shape)}]").Order(StringComparer.Ordinal);
        Assert.Equal(File.ReadAllLines(Golden(name + ".names.txt")).Order(StringComparer.Ordinal), actual);
    }

    internal static string Golden(string file) => Path.Combine(AppContext.BaseDirectory, "Golden", file);
}
