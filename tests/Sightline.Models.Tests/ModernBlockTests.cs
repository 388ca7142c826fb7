using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>The blocks of EfficientNet and ConvNeXt against plain arithmetic and what their papers say of them.</summary>
public sealed class ModernBlockTests
{
    [Fact]
    public void A_mobile_inverted_bottleneck_squeezes_to_a_quarter_of_its_input()
    {
        using var scope = NewDisposeScope();
        using var block = new MobileInvertedBottleneck(24, 40, kernel: 5, stride: 2, expansion: 6);
        block.eval();
        Dictionary<string, Tensor> state = block.state_dict();
        Assert.Equal([144, 1, 5, 5], state["block.1.0.weight"].shape);
        Assert.Equal([6, 144, 1, 1], state["block.2.fc1.weight"].shape);
        Tensor y = block.call(randn(2, 24, 9, 9));
        Assert.Equal([2, 40, 5, 5], y.shape);
        Assert.True(y.min().item<float>() < 0, "the last convolution is linear");
    }

    [Theory]
    [InlineData("efficientnet_b0")]
    [InlineData("convnext_tiny")]
    public void Blocks_are_dropped_in_training_only(string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor images = FormulaWeights.Images(4, 3, 32, 32);
        NetworkOptions options = new() { StochasticDepth = 0.9, Dropout = Networks.Find(name).Variants.HasFlag(NetworkVariants.Dropout) ? 0 : null };
        using Classifier network = Networks.Create(name, 10, seed: 1, options), whole = Networks.Create(name, 10, seed: 1, options with { StochasticDepth = 0 });
        foreach (Classifier one in (Classifier[])[network, whole])
            FormulaWeights.Fill(one); // layer scale starts so small that nothing shows
        network.train();
        whole.train();
        Assert.False(network.call(images).equal(network.call(images)).all().item<bool>());
        Assert.True(whole.call(images).equal(whole.call(images)).all().item<bool>());
        FormulaWeights.Fill(network);
        FormulaWeights.Fill(whole);
        network.eval();
        whole.eval();
        Assert.True(network.call(images).equal(whole.call(images)).all().item<bool>());
    }

    [Fact]
    public void LayerNorm_of_maps_normalises_the_channels_of_each_pixel()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var layer = new LayerNorm2d(6);
        layer.weight.copy_(arange(1, 7, float32));
        layer.bias.fill_(0.5f);
        Tensor x = randn(2, 6, 3, 4);
        Tensor mean = x.mean([1], keepdim: true), variance = (x - mean).square().mean([1], keepdim: true);
        Tensor expected = (x - mean) / (variance + 1e-6).sqrt() * layer.weight.view(6, 1, 1) + 0.5;
        Assert.True((layer.call(x) - expected).abs().max().item<float>() < 1e-5f);
    }

    [Fact]
    public void A_ConvNeXt_block_starts_as_nearly_the_identity()
    {
        using var scope = NewDisposeScope();
        using var block = new ConvNeXtBlock(32);
        Tensor x = randn(2, 32, 8, 8);
        float moved = (block.call(x) - x).abs().max().item<float>();
        Assert.True(moved is > 0 and < 1e-4f, $"moved by {moved}");
        // Depthwise: a pixel reaches three further in each direction, and no other image.
        using var noGrad = no_grad();
        block.layer_scale.fill_(1);
        Tensor other = x.clone();
        other[0, 0, 0, 0] += 1;
        Tensor changed = (block.call(other) - block.call(x)).abs().amax([1]).gt(1e-6);
        Assert.Equal(16, changed[0].sum().item<long>());
        Assert.Equal(16, changed[0, TensorIndex.Slice(null, 4), TensorIndex.Slice(null, 4)].sum().item<long>());
        Assert.Equal(0, changed[1].sum().item<long>());
    }
}
