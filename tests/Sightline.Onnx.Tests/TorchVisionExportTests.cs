using Sightline.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Networks that others wrote.</summary>
public sealed class TorchVisionExportTests
{
    [Fact]
    public void ResNet_18() => Export(torchvision.models.resnet18(num_classes: 10), 64);

    [Fact]
    public void MobileNet_v3_small() => Export(torchvision.models.mobilenet_v3_small(), 64);

    [Fact]
    public void MobileNet_v2() => Export(torchvision.models.mobilenet_v2(num_classes: 10), 64);

    [Fact]
    public void GoogLeNet() => Export(torchvision.models.googlenet(num_classes: 10), 96);

    private static void Export(nn.Module<Tensor, Tensor> network, long side)
    {
        using (network)
        {
            network.eval();
            OnnxExporter.Export(network, new ExportOptions { SampleShape = [3, side, side] });
        }
    }
}
