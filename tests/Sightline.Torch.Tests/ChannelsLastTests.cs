using Sightline.Torch;
using TorchSharp;

namespace Sightline.Tests;

public sealed class ChannelsLastTests
{
    [Fact]
    public void Values_stay_and_strides_change()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = torch.randn(2, 3, 4, 5);
        torch.Tensor y = ChannelsLast.Of(x);
        Assert.Equal([60L, 1, 15, 3], y.stride());
        Assert.True(ChannelsLast.Has(y));
        Assert.False(ChannelsLast.Has(x));
        Assert.True(x.eq(y).all().item<bool>());
    }

    [Fact]
    public void Parameters_stay_the_same_leaves_and_the_network_computes_the_same()
    {
        using var scope = torch.NewDisposeScope();
        var net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding: 1), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.Conv2d(8, 4, 3));
        net.eval();
        torch.Tensor x = torch.randn(2, 3, 9, 7);
        torch.Tensor before = net.call(x);
        nint[] handles = [.. net.parameters().Select(p => p.Handle)];
        ChannelsLast.Apply(net);
        Assert.Equal(handles, net.parameters().Select(p => p.Handle));
        Assert.All(net.parameters().Where(p => p.dim() == 4), p => Assert.True(ChannelsLast.Has(p)));
        torch.Tensor after = net.call(ChannelsLast.Of(x));
        Assert.True(ChannelsLast.Has(after));
        Assert.True(before.allclose(after, 1e-4, 1e-5));
        after.sum().backward();
        Assert.All(net.parameters(), p => Assert.NotNull(p.grad));
    }
}
