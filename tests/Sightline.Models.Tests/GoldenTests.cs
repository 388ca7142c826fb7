using System.Text.Json;
using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Holds networks against PyTorch and torchvision; <c>Golden/make_golden.py</c> made the files.</summary>
public sealed class GoldenTests
{
    [Theory]
    [InlineData("googlenet")]
    [InlineData("googlenet_paper")]
    [InlineData("inception_v3")]
    [InlineData("cifar_inception")]
    [InlineData("resnet18")]
    [InlineData("resnet34")]
    [InlineData("resnet50")]
    [InlineData("cifar_resnet20")]
    [InlineData("cifar_plain20")]
    [InlineData("cifar_preact_resnet20")]
    [InlineData("cifar_preact_resnet164")]
    [InlineData("airbench94")]
    [InlineData("mobilenet_v2")]
    [InlineData("mobilenet_v3_large")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("efficientnet_b0")]
    [InlineData("convnext_tiny")]
    [InlineData("lenet5")]
    [InlineData("vgg11")]
    [InlineData("vgg16_bn")]
    public void Logits_are_PyTorchs_on_the_same_weights(string name)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Golden(name + ".json")));
        float[] expected = Numbers(golden.RootElement.GetProperty("logits"));
        long side = golden.RootElement.GetProperty("side").GetInt64();
        using Classifier network = Networks.Create(name, golden.RootElement.GetProperty("classes").GetInt32(), seed: 0);
        FormulaWeights.Fill(network);
        network.eval();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor images = FormulaWeights.Images(2, Networks.Find(name).Channels, side, side);
        AssertClose(expected, network.call(images));
        if (network is not IAuxiliaryClassifiers several)
            return;

        // Auxiliary classifiers speak in training mode only; their parts keep the statistics and the dropout of inference.
        foreach ((string _, nn.Module part) in network.named_modules().Where(m => m.module is AuxiliaryClassifier))
        {
            part.train();
            foreach ((string _, nn.Module inner) in part.named_children())
                inner.eval();
        }
        (Tensor logits, IReadOnlyList<Tensor> auxiliary) = several.CallWithAuxiliaries(images);
        AssertClose(expected, logits);
        JsonElement[] others = [.. golden.RootElement.GetProperty("auxiliary").EnumerateArray()];
        Assert.Equal(others.Length, auxiliary.Count);
        foreach ((JsonElement one, Tensor given) in others.Zip(auxiliary))
            AssertClose(Numbers(one), given);
    }

    [Theory]
    [InlineData("googlenet")]
    [InlineData("inception_v3")]
    [InlineData("mobilenet_v2")]
    [InlineData("mobilenet_v3_large")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("resnet18")]
    [InlineData("resnet50")]
    [InlineData("efficientnet_b0")]
    [InlineData("convnext_tiny")]
    [InlineData("vgg11")]
    [InlineData("vgg16_bn")]
    public void Names_and_shapes_are_torchvisions(string name)
    {
        using Classifier network = Networks.Create(name, 1000, seed: 0);
        var actual = network.state_dict().Select(t => $"{t.Key} [{string.Join(", ", t.Value.shape)}]").Order(StringComparer.Ordinal);
        Assert.Equal(File.ReadAllLines(Golden(name + ".names.txt")).Order(StringComparer.Ordinal), actual);
    }

    private static float[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetSingle())];

    private static void AssertClose(float[] expected, Tensor tensor)
    {
        float[] actual = tensor.data<float>().ToArray();
        float largest = expected.Max(Math.Abs);
        Assert.Equal(expected.Length, actual.Length);
        double difference = expected.Zip(actual, (e, a) => Math.Abs((double)e - a)).Max();
        Assert.True(difference < 1e-4 * largest, $"differs by {difference / largest:g3} of the largest logit");
        // The weights matter: both images must not give the same.
        Assert.NotEqual(actual[0], actual[expected.Length / 2]);
    }

    internal static string Golden(string file) => Path.Combine(AppContext.BaseDirectory, "Golden", file);
}
