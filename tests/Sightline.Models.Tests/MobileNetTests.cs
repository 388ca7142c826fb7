using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>What the registry's tests can't know of the MobileNets: widths, blocks against plain arithmetic, and what they refuse.</summary>
public sealed class MobileNetTests
{
    /// <summary>V1 and V2 by the papers' and the authors' tables, V3 by torchvision's <c>width_mult</c>.</summary>
    [Theory]
    [InlineData("mobilenet_v1", 0.75, 2.6, 325)]
    [InlineData("mobilenet_v1", 0.5, 1.3, 149)]
    [InlineData("mobilenet_v1", 0.25, 0.5, 41)]
    [InlineData("mobilenet_v2", 1.4, 6.06, 582)]
    [InlineData("mobilenet_v2", 0.75, 2.61, 209)]
    [InlineData("mobilenet_v2", 0.5, 1.95, 97)]
    [InlineData("mobilenet_v2", 0.35, 1.66, 59)]
    public void Widths_cost_what_is_published(string name, double width, double millionParameters, double millionMacs)
    {
        using Classifier network = Networks.Create(name, 1000, seed: 1, new NetworkOptions { Width = width });
        Assert.Equal(millionParameters, network.parameters().Sum(p => p.numel()) / 1e6, 0.06);
        Assert.Equal(millionMacs, MacCounter.Count(network, [3, 224, 224]).Sum(l => l.Macs) / 1e6, 0.02 * millionMacs);
    }

    [Theory]
    [InlineData(32, 1, 32)]
    [InlineData(24, 0.35, 8)]
    [InlineData(24, 0.75, 24)] // 18: 16 would be more than a tenth less
    [InlineData(96, 1.4, 136)]
    [InlineData(16, 0.1, 8)]
    public void Channels_are_multiples_of_eight_and_never_a_tenth_too_few(int channels, double width, int expected) =>
        Assert.Equal(expected, WidthMultiplier.Channels(channels, width));

    [Fact]
    public void The_resolution_multiplier_is_the_size_of_the_image()
    {
        using Classifier network = Networks.Create("mobilenet_v1", 1000, seed: 1);
        foreach ((int side, double millions) in ((int, double)[])[(224, 569), (192, 418), (160, 290), (128, 186)]) // table 7
            Assert.Equal(millions, MacCounter.Count(network, [3, side, side]).Sum(l => l.Macs) / 1e6, 1.0);
    }

    [Theory]
    [InlineData("mobilenet_v2")]
    [InlineData("resnet50")]
    public void Layers_that_run_as_matrix_products_are_counted_too(string name)
    {
        // In channels-last a 1×1 convolution's module isn't called, so its hooks don't fire.
        using Classifier network = Networks.Create(name, 1000, seed: 1);
        ChannelsLast.Apply(network);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        long watched = 0;
        network.eval();
        using (PointwiseConvolution.Watching((_, _) => { }, (_, _, _) => watched++))
            network.call(ChannelsLast.Of(zeros(1, 3, 64, 64)));
        Assert.True(watched > 30);
        network.call(ChannelsLast.Of(zeros(1, 3, 64, 64)));
        Assert.Equal(MacCounter.Count(network, [3, 224, 224]).Sum(l => l.Macs), Networks.Find(name).Macs);
    }

    [Fact]
    public void A_separable_convolution_is_two_sums()
    {
        using var scope = NewDisposeScope();
        using var block = new DepthwiseSeparable(6, 10, stride: 2);
        block.eval();
        using var noGrad = no_grad();
        Dictionary<string, Tensor> state = block.state_dict();
        foreach ((string key, Tensor value) in state.Where(t => t.Value.dim() == 1))
            value.copy_(key.EndsWith("var", StringComparison.Ordinal) ? 0.5 + rand(value.shape) : randn(value.shape));
        Tensor Norm(Tensor t, string n) => nn.functional.batch_norm(t, state[n + ".running_mean"], state[n + ".running_var"], state[n + ".weight"], state[n + ".bias"], training: false);
        Tensor x = randn(2, 6, 9, 9);
        Tensor patches = nn.functional.unfold(x, 3, padding: 1, stride: 2).view(2, 6, 9, 25);
        Tensor filtered = (patches * state["conv_dw.weight"].view(1, 6, 9, 1)).sum(2).view(2, 6, 5, 5);
        Tensor y = nn.functional.relu6(Norm(filtered, "bn1"));
        y = nn.functional.relu6(Norm(einsum("nchw,kc->nkhw", y, state["conv_pw.weight"].view(10, 6)), "bn2"));
        Assert.True((block.call(x) - y).abs().max().item<float>() < 1e-4f);
        Assert.True((block.call(ChannelsLast.Of(x)) - y).abs().max().item<float>() < 1e-4f);
    }

    [Fact]
    public void A_linear_bottleneck_can_be_negative_and_a_shortcut_needs_equal_shapes()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor x = randn(2, 16, 8, 8);
        foreach ((long channels, long stride, bool shortcut) in ((long, long, bool)[])[(16, 1, true), (16, 2, false), (24, 1, false)])
        {
            using var block = new InvertedResidual(16, channels, stride);
            block.eval();
            Assert.True(block.call(x).min().item<float>() < 0);
            block.state_dict()["conv.3.weight"].zero_();
            Tensor y = block.call(x);
            Assert.True((shortcut ? y - x : y).abs().max().item<float>() == 0, $"{channels} channels, stride {stride}");
        }
    }

    [Theory]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Silu)]
    public void Squeeze_and_excitation_scales_channels_by_the_mean_of_the_map(Activation activation)
    {
        bool smooth = activation == Activation.Silu;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var layer = new SqueezeExcite(8, 4, activation);
        WeightInitialisation.Apply(layer, 1);
        Dictionary<string, Tensor> s = layer.state_dict();
        Tensor x = randn(3, 8, 5, 5);
        Tensor hidden = nn.functional.linear(x.mean([2, 3]), s["fc1.weight"].flatten(1), s["fc1.bias"]);
        hidden = smooth ? hidden / (1 + (-hidden).exp()) : hidden.clamp(min: 0);
        Tensor gate = nn.functional.linear(hidden, s["fc2.weight"].flatten(1), s["fc2.bias"]);
        gate = smooth ? 1 / (1 + (-gate).exp()) : gate.add(3).clamp(0, 6).div(6);
        Tensor expected = x * gate.view(3, 8, 1, 1);
        Assert.True((layer.call(x) - expected).abs().max().item<float>() < 1e-5f);
        Assert.True((layer.call(ChannelsLast.Of(x)) - expected).abs().max().item<float>() < 1e-5f);
    }

    [Fact]
    public void Depthwise_filters_start_as_large_as_their_nine_weights_ask()
    {
        // torch's rule counts the fan-out of all groups together: 512 channels would start 23 times smaller.
        using Classifier network = Networks.Create("mobilenet_v1", 10, seed: 3);
        using var scope = NewDisposeScope();
        Tensor depthwise = network.state_dict()["blocks.3.2.conv_dw.weight"], pointwise = network.state_dict()["blocks.3.2.conv_pw.weight"];
        Assert.Equal(Math.Sqrt(2.0 / 9), depthwise.std().item<float>(), 0.02);
        Assert.Equal(Math.Sqrt(2.0 / 512), pointwise.std().item<float>(), 0.001);
    }

    [Theory]
    [InlineData("mobilenet_v4_conv_small", "blocks.2.0.dw_start.conv.weight [64, 1, 5, 5]", "blocks.2.0.dw_mid.bn.running_var [192]", "blocks.3.1.pw_exp.conv.weight [512, 128, 1, 1]", "norm_head.weight [1280]", "blocks.0.1.bn1.weight [32]")]
    [InlineData("mobilenet_v4_conv_medium", "blocks.0.0.conv_exp.weight [128, 32, 3, 3]", "blocks.2.6.pw_exp.conv.weight [320, 160, 1, 1]", "blocks.3.10.dw_start.conv.weight [256, 1, 5, 5]", "conv_head.weight [1280, 960, 1, 1]", "blocks.4.0.conv.weight [960, 256, 1, 1]")]
    [InlineData("mobilenet_v1", "conv_stem.weight [32, 3, 3, 3]", "blocks.0.0.conv_dw.weight [32, 1, 3, 3]", "blocks.4.1.conv_pw.weight [1024, 1024, 1, 1]", "blocks.3.5.bn2.bias [512]", "classifier.bias [1000]")]
    public void Names_are_timms(string name, params string[] some)
    {
        using Classifier network = Networks.Create(name, 1000, seed: 1);
        var all = network.state_dict().Select(t => $"{t.Key} [{string.Join(", ", t.Value.shape)}]").ToHashSet();
        Assert.All(some, s => Assert.Contains(s, all));
    }

    [Theory]
    [InlineData("mobilenet_v1", 31)]
    [InlineData("mobilenet_v2", 16)]
    [InlineData("mobilenet_v3_small", 31)]
    [InlineData("mobilenet_v4_conv_small", 31)]
    [InlineData("cifar_mobilenet_v2", 7)]
    public void Images_smaller_than_the_total_stride_are_refused(string name, long side)
    {
        using Classifier network = Networks.Create(name, 10, seed: 1);
        using Tensor small = zeros(2, 3, side, side), grey = zeros(2, 1, 64, 64);
        var error = Assert.Throws<BadInputException>(() => network.call(small));
        Assert.Equal("network-input", error.Code);
        Assert.Contains($"these are {side} × {side}", error.Message);
        Assert.Contains("[2, 1, 64, 64]", Assert.Throws<BadInputException>(() => network.call(grey)).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(17)]
    [InlineData(double.NaN)]
    public void A_width_that_makes_no_sense_is_refused(double width) =>
        Assert.Equal("network-option", Assert.Throws<BadInputException>(() => Networks.Create("mobilenet_v2", 10, seed: 1, new NetworkOptions { Width = width })).Code);
}
