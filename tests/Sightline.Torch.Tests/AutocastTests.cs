using Sightline.Torch;
using TorchSharp;

namespace Sightline.Tests;

public sealed class AutocastTests
{
    [Fact]
    public void Products_are_bfloat16_inside_and_float32_outside_also_when_nested()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor a = torch.randn(8, 8);
        using (Autocast.BFloat16())
        {
            Assert.Equal(torch.ScalarType.BFloat16, a.mm(a).dtype);
            using (Autocast.BFloat16())
                Assert.Equal(torch.ScalarType.BFloat16, a.mm(a).dtype);
            Assert.Equal(torch.ScalarType.BFloat16, a.mm(a).dtype);
            Assert.Equal(torch.ScalarType.Float32, torch.nn.functional.log_softmax(a, 1).dtype);
        }
        Assert.Equal(torch.ScalarType.Float32, a.mm(a).dtype);
    }

    [Fact]
    public void Gradients_reach_the_float32_masters()
    {
        using var scope = torch.NewDisposeScope();
        var conv = torch.nn.Conv2d(3, 16, 3, padding: 1);
        // Channels-last: contiguous bfloat16 convolutions are wrong on some processors (Bf16LayerCheck).
        ChannelsLast.Apply(conv);
        torch.Tensor x = ChannelsLast.Of(torch.randn(2, 3, 8, 8)), reference;
        conv.call(x).square().mean().backward();
        reference = conv.weight!.grad!.clone();
        conv.zero_grad();
        torch.Tensor y;
        using (Autocast.BFloat16())
            y = conv.call(x);
        y.to(torch.float32).square().mean().backward();
        Assert.Equal(torch.ScalarType.Float32, conv.weight.grad!.dtype);
        // bfloat16 keeps 8 bits: 2 % of the largest gradient is generous and still catches a wrong one.
        Assert.InRange((conv.weight.grad - reference).abs().max().item<float>() / reference.abs().max().item<float>(), 0, 0.02);
    }

    private static void FailingForward()
    {
        using (Autocast.BFloat16())
            throw new InvalidOperationException("forward failed");
    }

    [Fact]
    public void The_scope_is_restored_when_the_forward_throws()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Throws<InvalidOperationException>(FailingForward);
        Assert.Equal(torch.ScalarType.Float32, torch.ones(2, 2).mm(torch.ones(2, 2)).dtype);
    }
}
