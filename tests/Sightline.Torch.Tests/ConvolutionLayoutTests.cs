using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Sightline.Tests;

/// <summary>
/// libtorch 2.10's float32 convolutions of contiguous tensors are wrong on some processors where the channels don't fill blocks of 16
/// (or of 8): seen on an AVX-512 machine, 24 → 64 channels, 3×3, off by 2.7. Channels-last, the layout training uses, has to be right
/// everywhere, or nothing here can be trusted.
/// </summary>
public sealed class ConvolutionLayoutTests
{
    [Theory]
    [InlineData(12, 64, 31)]
    [InlineData(20, 64, 31)]
    [InlineData(24, 64, 31)]
    [InlineData(24, 24, 8)]
    [InlineData(40, 20, 15)]
    [InlineData(72, 64, 14)]
    public void In_channels_last_a_convolution_equals_the_same_sum_as_a_matrix_product(long input, long output, long side)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        Tensor images = torch.rand(3, input, side, side), weight = torch.rand(output, input, 3, 3) - 0.5;
        Tensor expected = weight.view(output, -1).matmul(F.unfold(images, 3, padding: 1)).view(3, output, side, side);
        Tensor convolved = F.conv2d(ChannelsLast.Of(images), weight, padding: [1L, 1L]);
        Assert.InRange((convolved - expected).abs().max().item<float>(), 0, 1e-4f);
    }
}
