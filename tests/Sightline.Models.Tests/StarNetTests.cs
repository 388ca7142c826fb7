using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>StarNet and Dynamic Tanh against what their papers say.</summary>
public sealed class StarNetTests
{
    [Theory]
    [InlineData("starnet_s1", 2.87, 425)]
    [InlineData("starnet_s2", 3.68, 547)]
    [InlineData("starnet_s3", 5.76, 757)]
    [InlineData("starnet_s4", 7.48, 1075)]
    public void Counts_are_the_papers(string name, double parameters, double macs)
    {
        NetworkCard card = Networks.Find(name);
        Assert.Equal(parameters, card.Parameters / 1e6, 0.011);
        // The paper's counter takes norms and products along.
        Assert.InRange(card.Macs / 1e6, 0.97 * macs, macs);
    }

    [Fact]
    public void Stars_span_all_products_of_two_features_and_sums_only_the_features()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor x = randn(400, 6, dtype: float64), w1 = randn(6, 100, dtype: float64), w2 = randn(6, 100, dtype: float64);
        Assert.Equal(21, linalg.matrix_rank(x.mm(w1) * x.mm(w2)).item<long>());
        Assert.Equal(6, linalg.matrix_rank(x.mm(w1) + x.mm(w2)).item<long>());
    }

    [Fact]
    public void Dynamic_tanh_is_its_formula_for_tokens_and_for_maps()
    {
        using var scope = NewDisposeScope();
        using var tokens = new DynamicTanh(4);
        using var maps = new DynamicTanh(4, channelsFirst: true);
        Assert.Equal(0.5f, tokens.alpha.item<float>());
        using (no_grad())
        {
            foreach (DynamicTanh layer in (DynamicTanh[])[tokens, maps])
            {
                layer.alpha.fill_(0.7f);
                layer.weight.copy_(tensor([1f, 2f, -1f, 0.5f]));
                layer.bias.copy_(tensor([0f, 0.1f, 0.2f, 0.3f]));
            }
        }
        Tensor x = randn(2, 3, 4), y = tokens.call(x);
        for (int c = 0; c < 4; c++)
        {
            double gamma = tokens.weight[c].item<float>(), beta = tokens.bias[c].item<float>(), value = x[1, 2, c].item<float>();
            Assert.Equal(gamma * Math.Tanh(0.7 * value) + beta, y[1, 2, c].item<float>(), 1e-6);
        }
        Assert.True((maps.call(x.transpose(1, 2).unsqueeze(3)).squeeze(3).transpose(1, 2) - y).abs().max().item<float>() < 1e-6f);
    }

    [Fact]
    public void The_transformer_refuses_other_sizes_and_takes_stochastic_depth()
    {
        using var scope = NewDisposeScope();
        using Classifier vit = Networks.Create("cifar_vit", 5, seed: 1, new NetworkOptions { StochasticDepth = 0.5 });
        Assert.Equal("network-input", Assert.Throws<BadInputException>(() => vit.call(zeros(1, 3, 64, 64))).Code);
        Tensor x = randn(2, 3, 32, 32);
        Assert.False(vit.call(x).eq(vit.call(x)).all().item<bool>());
        vit.eval();
        Assert.True(vit.call(x).eq(vit.call(x)).all().item<bool>());
    }
}
