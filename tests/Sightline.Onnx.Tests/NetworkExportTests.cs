using Sightline.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using Layer = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Sightline.Tests;

/// <summary>Whole networks. The exporter itself compares each with torch at batch 1 and 5, to 1e-4 of the largest output.</summary>
public sealed class NetworkExportTests
{
    [Fact]
    public void A_ResNet_with_additions_in_place()
    {
        torch.random.manual_seed(1);
        using var network = new HandResNet(16, 10);
        ExportedModel exported = Export(network, [3, 64, 64]);
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

    [Fact]
    public void Inverted_residual_with_squeeze_and_excitation()
    {
        Layer expand = nn.Conv2d(8, 32, 1, bias: false), depthwise = nn.Conv2d(32, 32, 5, padding: 2, groups: 32, bias: false);
        Layer bn1 = nn.BatchNorm2d(32), bn2 = nn.BatchNorm2d(32), bn3 = nn.BatchNorm2d(8), project = nn.Conv2d(32, 8, 1, bias: false);
        Layer squeeze = nn.Conv2d(32, 8, 1), excite = nn.Conv2d(8, 32, 1);
        using var block = new Pass(
            x =>
            {
                Tensor y = F.hardswish(bn1.call(expand.call(x)), inplace: true);
                y = F.hardswish(bn2.call(depthwise.call(y)));
                Tensor scale = F.adaptive_avg_pool2d(y, 1);
                scale = F.hardsigmoid(excite.call(F.relu(squeeze.call(scale))));
                return x + bn3.call(project.call(y * scale));
            },
            ("expand", expand), ("depthwise", depthwise), ("bn1", bn1), ("bn2", bn2), ("bn3", bn3), ("project", project), ("squeeze", squeeze), ("excite", excite));
        Export(block, [8, 12, 16]);
    }

    [Fact]
    public void Convolutions_of_every_kind()
    {
        Layer same = nn.Conv2d(4, 6, 3, padding: Padding.Same, dilation: 2), even = nn.Conv2d(6, 6, 4, padding: Padding.Same);
        Layer grouped = nn.Conv2d(6, 12, 3, stride: 2, groups: 3), up = nn.ConvTranspose2d(12, 5, 3, stride: 2, output_padding: 1);
        Layer line = nn.Conv1d(5, 3, 3, padding: 1), lineUp = nn.ConvTranspose1d(3, 3, 2, stride: 2);
        using var network = new Pass(
            x => lineUp.call(line.call(up.call(grouped.call(even.call(same.call(x)))).flatten(2))),
            ("same", same), ("even", even), ("grouped", grouped), ("up", up), ("line", line), ("lineUp", lineUp));
        Export(network, [4, 9, 11]);
    }

    [Fact]
    public void Normalisations_of_every_kind()
    {
        // nn.GroupNorm leaves weight and bias uninitialised in TorchSharp 0.107.
        TorchSharp.Modules.GroupNorm group = nn.GroupNorm(2, 8);
        nn.init.uniform_(group.weight!);
        nn.init.uniform_(group.bias!);
        Layer instance = nn.InstanceNorm2d(8, affine: true), layer = nn.LayerNorm([6, 5]), plain = nn.LayerNorm(5, elementwise_affine: false);
        Layer batch = nn.BatchNorm2d(8, affine: false), batch1 = nn.BatchNorm1d(8);
        using var network = new Pass(
            x => plain.call(layer.call(instance.call(group.call(batch.call(x))))) + batch1.call(x.mean([2, 3])).unsqueeze(-1).unsqueeze(-1),
            ("group", group), ("instance", instance), ("layer", layer), ("plain", plain), ("batch", batch), ("batch1", batch1));
        Export(network, [8, 6, 5]);
    }

    [Fact]
    public void Dynamic_tanh()
    {
        // Zhu et al. 2025, "Transformers without normalization": weight · tanh(alpha · x) + bias by channel.
        using var alpha = nn.Parameter(torch.full(1, 0.5f));
        var weight = nn.Parameter(torch.rand(8));
        var bias = nn.Parameter(torch.rand(8));
        using var network = new Pass(x => ((alpha * x).tanh() * weight.view(-1, 1, 1)) + bias.view(-1, 1, 1));
        network.register_parameter("alpha", alpha);
        network.register_parameter("weight", weight);
        network.register_parameter("bias", bias);
        Export(network, [8, 6, 5]);
    }

    [Fact]
    public void A_vision_transformer_with_a_class_token()
    {
        Layer patch = nn.Conv2d(3, 16, 4, stride: 4), qkv = nn.Linear(16, 48), project = nn.Linear(16, 16), norm1 = nn.LayerNorm(16), norm2 = nn.LayerNorm(16);
        Layer up = nn.Linear(16, 32), down = nn.Linear(32, 16), head = nn.Linear(16, 10);
        TorchSharp.Modules.Parameter token = nn.Parameter(torch.randn(1, 1, 16)), position = nn.Parameter(torch.randn(1, 17, 16));
        using var network = new Pass(
            x =>
            {
                Tensor t = patch.call(x).flatten(2).transpose(1, 2);
                t = torch.cat([token.expand(t.shape[0], -1, -1), t], 1) + position;
                Tensor[] parts = qkv.call(norm1.call(t)).reshape(t.shape[0], t.shape[1], 3, 4, 4).permute(2, 0, 3, 1, 4).unbind(0);
                Tensor attended = F.scaled_dot_product_attention(parts[0], parts[1], parts[2]);
                t = t + project.call(attended.transpose(1, 2).reshape(t.shape[0], t.shape[1], 16));
                t = t + down.call(F.gelu(up.call(norm2.call(t))));
                return head.call(t[TensorIndex.Colon, 0]);
            },
            ("patch", patch), ("qkv", qkv), ("project", project), ("norm1", norm1), ("norm2", norm2), ("up", up), ("down", down), ("head", head));
        network.register_parameter("token", token);
        network.register_parameter("position", position);
        Export(network, [3, 16, 16]);
    }

    [Fact]
    public void TorchSharps_own_encoder_layer()
    {
        using var layer = nn.TransformerEncoderLayer(16, 4, 32, 0.1, nn.Activations.GELU);
        using var network = new Pass(x => layer.call(x.transpose(0, 1), null!, null!).transpose(0, 1), ("layer", layer));
        Export(network, [7, 16]);
    }

    [Fact]
    public void Tied_weights_stand_in_the_file_once()
    {
        TorchSharp.Modules.Linear linear = nn.Linear(64, 64);
        using var network = new Pass(x => linear.call(linear.call(x).relu()), ("a", linear), ("b", linear));
        Assert.InRange(Export(network, [64]).Bytes.Length, 64 * 64 * 4, (64 * 64 * 4) + 2000);
    }

    [Fact]
    public void Skip_connections_at_two_scales()
    {
        Layer down = nn.Conv2d(3, 8, 3, stride: 2, padding: 1), up = nn.ConvTranspose2d(8, 4, 2, stride: 2), last = nn.Conv2d(10, 2, 1);
        using var network = new Pass(
            x =>
            {
                Tensor small = F.relu(down.call(x));
                Tensor wide = F.interpolate(small.mean([1], keepdim: true).expand(-1, 3, -1, -1), size: x.shape[2..], mode: InterpolationMode.Bilinear, align_corners: true);
                return last.call(torch.cat([x, wide, up.call(small)], 1));
            },
            ("down", down), ("up", up), ("last", last));
        Export(network, [3, 10, 14]);
    }

    private static ExportedModel Export(Layer network, long[] sample)
    {
        network.eval();
        return OnnxExporter.Export(network, new ExportOptions { SampleShape = sample });
    }
}
