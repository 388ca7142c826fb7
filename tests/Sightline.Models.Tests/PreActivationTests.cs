using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Pre-activation blocks against what their paper says of them.</summary>
public sealed class PreActivationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_stands_in_the_way_of_a_shortcut(bool bottleneck)
    {
        using var scope = NewDisposeScope();
        using PreActivationBlock block = bottleneck ? PreActivationBlock.Bottleneck(16, 4) : PreActivationBlock.Basic(16, 16);
        Tensor x = randn(2, 16, 5, 5).requires_grad_();
        using (no_grad())
            block.named_parameters().Single(p => p.name == (bottleneck ? "conv3.weight" : "conv2.weight")).parameter.zero_();
        // An original block would clip what is below zero, there and in every block behind it.
        Tensor y = block.call(x);
        Assert.True(y.equal(x).all().item<bool>());
        y.sum().backward();
        Assert.True(x.grad!.eq(1).all().item<bool>());
        using PreActivationBlock first = PreActivationBlock.Basic(16, 16, first: true);
        Assert.True(first.call(x).min().item<float>() < 0, "the branch is not activated behind its last convolution");
    }

    [Theory]
    [InlineData("cifar_preact_resnet110", 110)]
    [InlineData("cifar_preact_resnet164", 164)]
    [InlineData("preact_resnet50", 50)]
    public void Layers_are_as_many_as_the_name_says(string name, int layers)
    {
        using Classifier network = Networks.Create(name, 10, seed: 1);
        Assert.Equal(layers, network.named_parameters().Count(p => p.parameter.dim() > 1 && !p.name.Contains("downsample", StringComparison.Ordinal)));
        Assert.DoesNotContain(network.state_dict().Keys, k => k.Contains("downsample.1", StringComparison.Ordinal));
    }

    [Fact]
    public void Activation_moved_forward_costs_nothing()
    {
        foreach (string depth in (string[])["20", "56", "110"])
        {
            NetworkCard original = Networks.Find("cifar_resnet" + depth), moved = Networks.Find("cifar_preact_resnet" + depth);
            Assert.Equal((original.Parameters, original.Macs), (moved.Parameters, moved.Macs));
        }
        // timm's resnetv2_50: 25,549,352; four BatchNorms on shortcuts are gone.
        Assert.Equal(2 * (256 + 512 + 1024 + 2048), Networks.Find("resnet50").Parameters - Networks.Find("preact_resnet50").Parameters);
    }
}
