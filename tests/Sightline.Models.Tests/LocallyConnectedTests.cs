using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>A locally connected layer is a convolution whose places differ.</summary>
public sealed class LocallyConnectedTests
{
    [Theory]
    [InlineData(3, 4, 8, 3, 2, 1)]
    [InlineData(2, 5, 7, 3, 1, 0)]
    [InlineData(1, 1, 5, 1, 1, 0)]
    [InlineData(4, 3, 9, 5, 3, 2)]
    public void With_one_kernel_everywhere_it_is_a_convolution_and_with_others_each_place_has_its_own(int inside, int outside, int side, int kernel, int stride, int padding)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var layer = new LocallyConnected2d(inside, outside, side, kernel, stride, padding);
        Tensor kernels = randn(outside, inside, kernel, kernel), x = randn(2, inside, side, side);
        layer.ShareEverywhere(kernels);
        Tensor expected = nn.functional.conv2d(x, kernels, strides: [stride, stride], padding: [padding, padding]);
        Assert.True((layer.call(x) - expected).abs().max().item<float>() < 1e-5f);
        Assert.Equal(expected.shape, layer.call(x).shape);

        // Another kernel at the last place changes the output there and nowhere else.
        Tensor other = randn(outside, inside, kernel, kernel);
        using (no_grad())
            layer.weight[-1] = other.flatten(1).t();
        Tensor changed = layer.call(x), there = nn.functional.conv2d(x, other, strides: [stride, stride], padding: [padding, padding]);
        Assert.True((changed.flatten(2)[.., .., -1] - there.flatten(2)[.., .., -1]).abs().max().item<float>() < 1e-5f);
        Assert.True((changed.flatten(2)[.., .., ..^1] - expected.flatten(2)[.., .., ..^1]).abs().sum().item<float>() < 1e-4f);
    }

    [Fact]
    public void It_counts_as_many_multiply_accumulates_as_its_convolution_and_refuses_other_sizes()
    {
        using var layer = new LocallyConnected2d(3, 16, inSide: 32, kernelSize: 3, stride: 2, padding: 1);
        using var convolution = nn.Conv2d(3, 16, kernel_size: 3, stride: 2, padding: 1, bias: false);
        Assert.Equal(MacCounter.Count(convolution, [3, 32, 32]).Sum(l => l.Macs), MacCounter.Count(layer, [3, 32, 32]).Sum(l => l.Macs));
        Assert.Equal(256 * convolution.weight.numel(), layer.weight.numel());
        Assert.Equal("network-input", Assert.Throws<BadInputException>(() => layer.call(zeros(1, 3, 16, 16))).Code);
    }
}
