using Sightline.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>StarNet and Dynamic Tanh against what their papers say.</summary>
public sealed class StarNetTests
{
    [Theory]
    // Table 6. Its 1,075 million for S4 are 20 more than the same count gives, which is exact for the others.
    [InlineData("starnet_s1", 2.9, 425)]
    [InlineData("starnet_s2", 3.7, 547)]
    [InlineData("starnet_s3", 5.8, 757)]
    [InlineData("starnet_s4", 7.5, 1055)]
    public void Counts_are_the_papers(string name, double parameters, double macs)
    {
        NetworkCard card = Networks.Find(name);
        Assert.Equal(parameters, card.Parameters / 1e6, 0.051);
        // The paper's counter takes the outputs of norms and the products along.
        using Classifier network = Networks.Create(name, 1000, 1);
        network.eval();
        long more = 0;
        using var scope = NewDisposeScope();
        using (LayerOutputs.Watch(network, (layer, part, output) => more += part is BatchNorm2d || layer.EndsWith("f2", StringComparison.Ordinal) ? output.numel() : 0))
            network.call(zeros(1, 3, 224, 224));
        Assert.Equal(macs, (card.Macs + more) / 1e6, 1.0);
    }

    [Fact]
    public void Layers_bear_the_names_and_shapes_of_the_papers_code()
    {
        using Classifier network = Networks.Create("starnet_s1", 1000, 1);
        Dictionary<string, Tensor> state = network.state_dict();
        foreach ((string name, long[] shape) in ((string, long[])[])
        [
            ("stem.0.conv.weight", [32, 3, 3, 3]), ("stem.0.bn.weight", [32]), ("stages.0.0.conv.weight", [24, 32, 3, 3]), ("stages.0.1.dwconv.conv.weight", [24, 1, 7, 7]),
            ("stages.0.1.dwconv.bn.weight", [24]), ("stages.0.1.f1.conv.weight", [96, 24, 1, 1]), ("stages.0.1.f2.conv.weight", [96, 24, 1, 1]), ("stages.0.1.g.conv.weight", [24, 96, 1, 1]),
            ("stages.0.1.g.bn.weight", [24]), ("stages.0.1.dwconv2.conv.weight", [24, 1, 7, 7]), ("stages.3.3.g.conv.weight", [192, 768, 1, 1]), ("norm.weight", [192]), ("head.weight", [1000, 192]),
        ])
        {
            Assert.True(state.TryGetValue(name, out Tensor? value), $"{name} among {string.Join(' ', state.Keys.Take(40))}");
            Assert.Equal(shape, value.shape);
        }
        Assert.Equal([2 + 1, 2 + 1, 8 + 1, 3 + 1], Enumerable.Range(0, 4).Select(s => state.Keys.Where(k => k.StartsWith($"stages.{s}.", StringComparison.Ordinal)).Select(k => k.Split('.')[2]).Distinct().Count()));
    }

    [Fact]
    public void Only_the_largest_drops_blocks_as_published()
    {
        using var scope = NewDisposeScope();
        foreach ((string name, bool drops) in ((string, bool)[])[("starnet_s1", false), ("starnet_s4", true)])
        {
            using Classifier network = Networks.Create(name, 3, 1);
            Assert.Equal(drops, network.modules().Any(m => m is StochasticDepth));
        }
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
