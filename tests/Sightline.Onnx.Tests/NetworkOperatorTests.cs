using Sightline.Models;
using Sightline.Onnx;
using Sightline.Onnx.Graph;
using TorchSharp;

namespace Sightline.Tests;

/// <summary>Networks export to the operators that runtimes and quantisers know, and nothing more.</summary>
public sealed class NetworkOperatorTests
{
    [Theory]
    [InlineData("mobilenet_v2", "Clip 35", "Conv 52", "Add 10", "Gemm 1")]
    [InlineData("mobilenet_v3_small", "HardSwish 19", "HardSigmoid 9", "Relu 14", "Mul 9", "Conv 52", "Gemm 2")]
    [InlineData("mobilenet_v4_conv_small", "Relu 30", "Conv 46", "Add 10", "Gemm 1")]
    [InlineData("efficientnet_b0", "Sigmoid 65", "Mul 65", "Conv 81", "Add 9", "Gemm 1")]
    [InlineData("convnext_tiny", "Conv 22", "LayerNormalization 23", "Erf 18", "MatMul 36", "Gemm 1")]
    [InlineData("lenet5", "Conv 2", "AveragePool 2", "Relu 4", "Gemm 3")]
    public void Operators_are_those_of_the_paper(string name, params string[] expected)
    {
        using var scope = torch.NewDisposeScope();
        using Classifier network = Networks.Create(name, 10, seed: 3);
        network.eval();
        ExportedModel exported = OnnxExporter.Export(network, new ExportOptions { SampleShape = name == "lenet5" ? [1, 32, 32] : [3, 64, 64] });
        var seen = OnnxFile.Parse(exported.Bytes).Nodes.GroupBy(n => n.Operator).Select(g => $"{g.Key} {g.Count()}").ToList();
        Assert.True(expected.All(seen.Contains), string.Join(", ", seen));
    }
}
