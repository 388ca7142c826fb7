using Sightline.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Whole networks. The exporter itself compares each with torch at batch 1 and 5; here the limits are tighter.</summary>
public sealed class NetworkExportTests
{
    [Fact]
    public void A_ResNet_with_additions_in_place_exports()
    {
        torch.random.manual_seed(1);
        using var network = new HandResNet(16, 10);
        network.eval();
        ExportedModel exported = OnnxExporter.Export(network, new ExportOptions { SampleShape = [3, 64, 64] });
        Assert.InRange(exported.MaxAbsDifference, 0, 1e-5);
        // 20 convolutions and batch norms, 17 ReLUs, 8 additions, 2 poolings, 1 reshape, 1 linear layer: nothing more.
        Assert.Equal(20 + 20 + 17 + 8 + 2 + 1 + 1, exported.Nodes);
    }

    [Fact]
    public void The_same_module_exports_to_the_same_bytes()
    {
        using var network = new HandResNet(8, 4);
        network.eval();
        var options = new ExportOptions { SampleShape = [3, 32, 32], Metadata = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" } };
        Assert.Equal(OnnxExporter.Export(network, options).Bytes, OnnxExporter.Export(network, options).Bytes);
    }
}
