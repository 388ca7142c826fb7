using Sightline.Torch;
using TorchSharp;

namespace Sightline.Tests;

public sealed class NnpackTests
{
    [Fact]
    public void It_can_be_turned_off_and_convolutions_compute_the_same()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        torch.Tensor x = torch.randn(1, 3, 12, 12), w = torch.randn(8, 3, 3, 3);
        torch.Tensor before = torch.nn.functional.conv2d(x, w);
        Assert.True(Nnpack.Disable());
        Assert.True(before.allclose(torch.nn.functional.conv2d(x, w), 1e-4, 1e-5));
    }
}
