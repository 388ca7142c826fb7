using Sightline.Torch;
using TorchSharp;

namespace Sightline.Tests;

public sealed class Bf16LayerCheckTests
{
    [Fact]
    public void Agrees_with_a_direct_comparison_and_leaves_the_network_as_it_was()
    {
        using var scope = torch.NewDisposeScope();
        torch.random.manual_seed(3);
        var net = torch.nn.Sequential(("stem", torch.nn.Conv2d(3, 16, 3, padding: 1)), ("bn", torch.nn.BatchNorm2d(16)), ("last", torch.nn.Conv2d(16, 32, 3, stride: 2, padding: 1)));
        ChannelsLast.Apply(net);
        torch.Tensor before = net.parameters().First().clone(), mean = net.named_buffers().First().buffer.clone();
        torch.Tensor x = ChannelsLast.Of(torch.randn(4, 3, 12, 12));

        // Channels-last convolutions of many channels were right on every processor seen.
        Assert.Empty(Bf16LayerCheck.Run(net, x, 1));

        Assert.True(net.training);
        Assert.True(before.eq(net.parameters().First()).all().item<bool>());
        Assert.True(mean.eq(net.named_buffers().First().buffer).all().item<bool>());
        Assert.All(net.parameters(), p => Assert.Null(p.grad));
    }

    [Fact]
    public void Faults_it_reports_are_real()
    {
        using var scope = torch.NewDisposeScope();
        var net = torch.nn.Sequential(("narrow", torch.nn.Conv2d(3, 8, 3, padding: 1, bias: false)));
        torch.Tensor x = torch.randn(2, 3, 8, 8);
        bool reported = Bf16LayerCheck.Run(net, x, 1).Any(f => f is { Layer: "narrow", Quantity: "output" });

        using var noGrad = torch.no_grad();
        torch.Tensor exact = net.call(x), rounded;
        using (Autocast.BFloat16())
            rounded = net.call(x);
        bool wrong = (rounded.to(torch.float32) - exact).abs().max().item<float>() > 0.05 * exact.abs().max().item<float>();
        Assert.Equal(wrong, reported);
    }

    [Fact]
    public void What_could_end_the_process_is_refused_without_trying()
    {
        using var scope = torch.NewDisposeScope();
        var net = torch.nn.Sequential(("wide", torch.nn.Conv2d(8, 1024, 1, bias: false)));
        Bf16Fault fault = Assert.Single(Bf16LayerCheck.Run(net, torch.randn(1, 8, 4, 4), 1));
        Assert.Equal("wide", fault.Layer);
        Assert.Contains("1024", fault.ToString());
    }
}
