using Sightline.Models;
using Sightline.Onnx;
using Sightline.Onnx.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Every registered network exports, at its smallest input, with free batch; the exporter compares it with torch at batch 1 and 5.</summary>
public sealed class RegistryExportTests
{
    // The other large VGGs are made of the same layers, and each would take half a gigabyte several times over.
    public static TheoryData<string> Names =>
        [.. Networks.Cards.Where(card => card.Parameters <= 100_000_000 || card.Name == "vgg16_bn").Select(card => card.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Exports(string name)
    {
        NetworkCard card = Networks.Find(name);
        using var scope = torch.NewDisposeScope();
        using Classifier network = Networks.Create(name, 10, seed: 3);
        // Fresh running statistics (0 and 1) would hide a mean mistaken for a variance.
        foreach ((string buffer, Tensor tensor) in network.named_buffers())
        {
            if (buffer.EndsWith("running_mean", StringComparison.Ordinal)) nn.init.uniform_(tensor, -0.1, 0.1);
            if (buffer.EndsWith("running_var", StringComparison.Ordinal)) nn.init.uniform_(tensor, 0.8, 1.2);
        }

        network.eval();
        ExportedModel exported = OnnxExporter.Export(network, new ExportOptions { SampleShape = [card.Channels, card.SmallestInput, card.SmallestInput] });
        OnnxFile file = OnnxFile.Parse(exported.Bytes);
        Assert.Equal($"images: Float [batch, {card.Channels}, {card.SmallestInput}, {card.SmallestInput}]", Assert.Single(file.Inputs).ToString());
        Assert.Equal("logits: Float [batch, 10]", Assert.Single(file.Outputs).ToString());
        // What only training uses stays behind.
        long used = network.state_dict().Where(t => !t.Key.StartsWith("aux", StringComparison.OrdinalIgnoreCase)).Sum(t => t.Value.numel());
        Assert.True(exported.Bytes.Length < (4 * used) + 200_000, $"{exported.Bytes.Length} bytes for {used} numbers");
        // Nothing is left over from tracing: no shapes computed, no values passed on.
        Assert.DoesNotContain(file.Nodes, node => node.Operator is "Identity" or "Shape" or "Expand");
        // Attention turns keys and heads around, ConvNeXt moves channels to the end and back; nothing else has a reason to.
        Assert.True(card.Family is "ViT" or "ConvNeXt" || file.Nodes.All(node => node.Operator != "Transpose"), "a transpose is left over");
    }
}
