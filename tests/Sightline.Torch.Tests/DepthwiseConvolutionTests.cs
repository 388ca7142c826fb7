using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Depthwise convolutions under autocast: right in either number format, and in the one that the plan says.</summary>
public sealed class DepthwiseConvolutionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(24, 3, 1, 14)]
    [InlineData(24, 3, 2, 14)]
    [InlineData(40, 5, 1, 9)]
    [InlineData(16, 7, 1, 8)]
    public void Output_and_gradients_are_those_of_float32_whatever_the_format(int channels, int kernel, int stride, int side)
    {
        if (!Autocast.IsSupported)
            Assert.Skip("autocast is not supported here");
        manual_seed(3);
        Conv2d layer = nn.Conv2d(channels, channels, kernel, stride: stride, padding: kernel / 2, groups: channels);
        ChannelsLast.Apply(layer);
        Tensor values = ChannelsLast.Of(randn(4, channels, side, side));
        Tensor Pass(bool cast, out Tensor dx, out Tensor dw)
        {
            Tensor x = values.detach().requires_grad_(true), y;
            layer.zero_grad();
            if (cast)
            {
                using (Autocast.BFloat16())
                {
                    y = DepthwiseConvolution.Call(layer, x);
                    Assert.True(Autocast.IsOn(DeviceType.CPU));
                }
                Assert.Equal(DepthwisePlan.Of(layer, x).Bf16 ? ScalarType.BFloat16 : ScalarType.Float32, y.dtype);
            }
            else
            {
                y = DepthwiseConvolution.Call(layer, x);
            }
            y.to_type(ScalarType.Float32).square().sum().backward();
            (dx, dw) = (x.grad!.clone(), layer.weight!.grad!.clone());
            return y.to_type(ScalarType.Float32);
        }
        Tensor exact = Pass(cast: false, out Tensor dx, out Tensor dw), mixed = Pass(cast: true, out Tensor dx16, out Tensor dw16);
        Assert.Equal(exact.shape, mixed.shape);
        foreach ((Tensor expected, Tensor actual) in ((Tensor, Tensor)[])[(exact, mixed), (dx, dx16), (dw, dw16)])
            Assert.True(((expected - actual).abs().max() / expected.abs().max()).item<float>() < 0.02);
        if (!DepthwisePlan.Of(layer, values).Bf16)
            Assert.Equal(exact.data<float>().ToArray(), mixed.data<float>().ToArray());
    }

    [Fact]
    public void A_plan_is_measured_once_and_leaves_the_generator_alone()
    {
        Conv2d layer = nn.Conv2d(10, 10, 3, padding: 1, groups: 10);
        Tensor x = ChannelsLast.Of(randn(2, 10, 11, 13));
        manual_seed(7);
        float expected = rand(1).item<float>();
        manual_seed(7);
        DepthwisePlan plan = DepthwisePlan.Of(layer, x);
        Assert.Equal(expected, rand(1).item<float>());
        Assert.Same(plan, DepthwisePlan.Of(layer, x));
        Assert.Equal(plan, DepthwisePlan.Of(nn.Conv2d(10, 10, 3, padding: 1, groups: 10), ChannelsLast.Of(randn(5, 10, 11, 13))));
        Assert.True(plan.Float32Ms > 0 && plan.Bf16Ms > 0);
    }

    [Theory]
    [InlineData(8, 8, 3, true)]
    [InlineData(8, 1, 3, false)]
    [InlineData(8, 2, 3, false)]
    [InlineData(8, 8, 1, false)]
    public void Depthwise_is_a_filter_a_channel(int channels, int groups, int kernel, bool depthwise) =>
        Assert.Equal(depthwise, DepthwiseConvolution.IsDepthwise(nn.Conv2d(channels, channels, kernel, groups: groups)));

    [Fact]
    public void Casting_can_be_left_off_for_a_while()
    {
        if (!Autocast.IsSupported)
            Assert.Skip("autocast is not supported here");
        Tensor a = randn(3, 3);
        using (Autocast.BFloat16())
        {
            Assert.Equal(ScalarType.BFloat16, a.matmul(a).dtype);
            using (Autocast.Off())
            {
                Assert.False(Autocast.IsOn(DeviceType.CPU));
                Assert.Equal(ScalarType.Float32, a.matmul(a).dtype);
            }
            Assert.Equal(ScalarType.BFloat16, a.matmul(a).dtype);
        }
        Assert.False(Autocast.IsOn(DeviceType.CPU));
    }
}
