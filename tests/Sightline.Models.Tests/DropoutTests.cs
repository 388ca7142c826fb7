using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Every way of dropping against its closed form: of q·x kept, expectation and variance over many draws.</summary>
public sealed class DropoutTests
{
    private const int Draws = 200_000;

    [Theory]
    [InlineData(0.5, DropoutScaling.Inverted, 1, 1, 1)] // variance x²·p/q
    [InlineData(0.5, DropoutScaling.Classic, 0.5, 0.25, 0.5)] // variance x²·p·q
    [InlineData(0.5, DropoutScaling.Missing, 0.5, 0.25, 1)]
    [InlineData(0.75, DropoutScaling.Inverted, 1, 3, 1)]
    [InlineData(0.75, DropoutScaling.Classic, 0.25, 0.1875, 0.25)]
    [InlineData(0, DropoutScaling.Classic, 1, 0, 1)]
    public void Expectation_and_variance_are_those_of_the_closed_form(double drop, DropoutScaling scaling, double mean, double variance, double inUse)
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var layer = new ScaledDropout(drop, scaling);
        Tensor x = full(Draws, 2.0f);
        Tensor y = layer.call(x);
        double deviation = 2 * Math.Sqrt(variance), error = 5 * deviation / Math.Sqrt(Draws) + 1e-6;
        Assert.InRange(y.mean().item<float>(), 2 * mean - error, 2 * mean + error);
        Assert.Equal(4 * variance, y.var().item<float>(), 0.05 * 4 * Math.Max(variance, 0.01));
        Assert.True(y.eq(0).logical_or(y.eq(scaling == DropoutScaling.Inverted ? 2 / (1 - drop) : 2)).all().item<bool>());
        layer.eval();
        Assert.Equal(2 * inUse, layer.call(x).max().item<float>(), 1e-6);
        Assert.Equal(2 * inUse, layer.call(x).min().item<float>(), 1e-6);
    }

    [Fact]
    public void Spatial_dropout_drops_whole_channels_and_stochastic_depth_whole_images()
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        Tensor x = ones(400, 50, 3, 3);
        using var spatial = new SpatialDropout(0.25);
        Tensor channels = spatial.call(x).flatten(2);
        Assert.True(channels.amax([2]).eq(channels.amin([2])).all().item<bool>());
        Assert.Equal(0.25, channels.eq(0).to(float32).mean().item<float>(), 0.02);
        Assert.Equal(1, channels.mean().item<float>(), 0.02);

        using var depth = new StochasticDepth(0.2);
        Tensor images = depth.call(x).flatten(1);
        Assert.True(images.amax([1]).eq(images.amin([1])).all().item<bool>());
        Assert.Equal(0.2, images.select(1, 0).eq(0).to(float32).mean().item<float>(), 0.08);
        Assert.Equal(1.25f, images.max().item<float>());
        Assert.Equal([0.1, 0.2, 0.3, 0.4], Enumerable.Range(0, 4).Select(b => Math.Round(StochasticDepth.Linear(b, 4, 0.4), 12)));

        foreach (nn.Module<Tensor, Tensor> layer in (nn.Module<Tensor, Tensor>[])[spatial, depth])
        {
            layer.eval();
            Assert.True(layer.call(x).eq(x).all().item<bool>());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void A_dropout_of_all_or_of_less_than_nothing_is_refused(double drop)
    {
        foreach (Func<nn.Module> make in (Func<nn.Module>[])[() => new ScaledDropout(drop), () => new SpatialDropout(drop), () => new StochasticDepth(drop)])
            Assert.Equal("dropout-probability", Assert.Throws<BadInputException>(() => { using nn.Module made = make(); }).Code);
        Assert.Equal("network-option", Assert.Throws<BadInputException>(() => Networks.Create("mlp", 10, 1, new NetworkOptions { Dropout = drop })).Code);
    }
}
