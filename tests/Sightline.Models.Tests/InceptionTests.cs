using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>The Inception networks: published counts, auxiliary classifiers, the block against its formulas.</summary>
public sealed class InceptionTests
{
    [Theory]
    [InlineData("googlenet", 13_004_888, 6_624_904, 1.50)]
    [InlineData("googlenet_paper", 13_378_280, 6_998_552, 1.58)]
    [InlineData("inception_v3", 27_161_264, 23_834_568, 5.71)]
    public void Counts_are_the_published_ones_with_and_without_auxiliary_classifiers(string name, long with, long without, double gigaMacs)
    {
        NetworkCard card = Networks.Find(name);
        Assert.Equal((with, without), (card.Parameters, card.Parameters - card.AuxiliaryParameters));
        Assert.Equal(gigaMacs, Math.Round(card.Macs / 1e9, 2));
        using Classifier network = Networks.Create(name, 1000, seed: 1, new() { Auxiliary = false });
        Assert.Equal(without, network.parameters().Sum(p => p.numel()));
        Assert.Equal(card.Macs, MacCounter.Count(network, [3, card.InputSize, card.InputSize]).Sum(l => l.Macs));
    }

    [Theory]
    [InlineData("googlenet", 2, 0.3)]
    [InlineData("googlenet_paper", 2, 0.3)]
    [InlineData("inception_v3", 1, 0.4)]
    [InlineData("cifar_inception", 2, 0.3)]
    public void Auxiliary_classifiers_speak_in_training_only(string name, int count, double weight)
    {
        NetworkCard card = Networks.Find(name);
        using Classifier network = Networks.Create(name, 4, seed: 3, new() { Dropout = 0 });
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor images = FormulaWeights.Images(2, 3, card.SmallestInput, card.SmallestInput);
        TrainingLogits training = TrainingLogits.Of(network, images);
        Assert.Equal((count, weight), (training.Auxiliary.Count, training.AuxiliaryWeight));
        Assert.All(training.Auxiliary, a => Assert.Equal([2, 4], a.shape));
        // What is minimised: the network's own loss, and the weighted others.
        (Tensor own, Tensor total) = training.Loss(l => l.square().mean());
        double expected = training.Logits.square().mean().item<float>() + weight * training.Auxiliary.Sum(a => a.square().mean().item<float>());
        Assert.Equal(training.Logits.square().mean().item<float>(), own.item<float>());
        Assert.Equal(1, total.item<float>() / expected, 1e-5);

        network.eval();
        TrainingLogits use = TrainingLogits.Of(network, images);
        Assert.Empty(use.Auxiliary);
        Assert.True(use.Logits.equal(network.call(images)).all().item<bool>());
        using Classifier without = Networks.Create(name, 4, seed: 3, new() { Auxiliary = false });
        without.train();
        Assert.Empty(TrainingLogits.Of(without, images).Auxiliary);
    }

    [Fact]
    public void Heads_are_the_layers_with_an_output_for_each_class()
    {
        using Classifier network = Networks.Create("googlenet", 4, seed: 1);
        Assert.Equal(["aux1.fc2.bias", "aux1.fc2.weight", "aux2.fc2.bias", "aux2.fc2.weight", "fc.bias", "fc.weight"],
            network.state_dict().Keys.Where(network.IsHead).Order(StringComparer.Ordinal));
        network.ReplaceHead(9, seed: 2);
        Assert.All(network.state_dict().Where(t => network.IsHead(t.Key)), t => Assert.Equal(9, t.Value.shape[0]));
    }

    [Theory]
    [InlineData("googlenet", 14, 40)]
    [InlineData("googlenet_paper", 40, 30)]
    [InlineData("inception_v3", 74, 74)]
    [InlineData("cifar_inception", 3, 3)]
    public void Images_smaller_than_the_network_takes_are_refused(string name, int width, int height)
    {
        using Classifier network = Networks.Create(name, 4, seed: 1);
        var refused = Assert.Throws<BadInputException>(() => network.call(zeros(1, 3, height, width)));
        Assert.Equal("network-input", refused.Code);
        Assert.Contains($"{width} × {height}", refused.Message);
    }

    // Per pixel: 1×1 costs in·out, k×k in·out·k². With reduction the large window meets the few channels only.
    [Theory]
    [InlineData(16, 8, Factorisation.None, 64 * 16 + 64 * 16 + 16 * 32 * 9 + 64 * 8 + 8 * 8 * 25 + 64 * 8)]
    [InlineData(0, 0, Factorisation.None, 64 * 16 + 64 * 32 * 9 + 64 * 8 * 25 + 64 * 8)]
    [InlineData(16, 8, Factorisation.TwoThrees, 64 * 16 + 64 * 16 + 16 * 32 * 9 + 64 * 8 + 8 * 8 * 9 + 8 * 8 * 9 + 64 * 8)]
    [InlineData(16, 8, Factorisation.Asymmetric, 64 * 16 + 64 * 16 + 16 * 16 * 3 + 16 * 32 * 3 + 64 * 8 + 8 * 8 * 5 + 8 * 8 * 5 + 64 * 8)]
    public void A_block_costs_what_its_windows_say(int threeReduced, int fiveReduced, Factorisation factorisation, long macsPerPixel)
    {
        using var block = new InceptionBlock(64, new InceptionWidths(16, threeReduced, 32, fiveReduced, 8, 8), factorisation: factorisation);
        IReadOnlyList<LayerMacs> layers = MacCounter.Count(block, [64, 6, 5]);
        Assert.Equal(30 * macsPerPixel, layers.Sum(l => l.Macs));
        using var scope = NewDisposeScope();
        Assert.Equal([2, 64, 6, 5], block.call(rand(2, 64, 6, 5)).shape);
    }

    [Theory]
    [InlineData(24, 0, 0, 0)]
    [InlineData(0, 24, 0, 0)]
    [InlineData(0, 0, 24, 0)]
    [InlineData(0, 0, 0, 24)]
    public void A_branch_without_channels_is_left_out(int one, int three, int five, int pool)
    {
        using var block = new InceptionBlock(8, new InceptionWidths(one, 4, three, 4, five, pool));
        string branch = one > 0 ? "branch1" : three > 0 ? "branch2" : five > 0 ? "branch3" : "branch4";
        Assert.All(block.named_parameters(), p => Assert.StartsWith(branch + ".", p.name, StringComparison.Ordinal));
        using var scope = NewDisposeScope();
        Assert.Equal([2, 24, 7, 7], block.call(rand(2, 8, 7, 7)).shape);
        Assert.Throws<ArgumentOutOfRangeException>(() => new InceptionBlock(8, default));
    }

    /// <summary>Krizhevsky et al. 2012, section 3.3: divided by (k + α/n · Σ of squares of n neighbouring channels) to the power β.</summary>
    [Theory]
    [InlineData(5, 1e-4, 0.75, 1)]
    [InlineData(3, 0.5, 0.75, 2)]
    [InlineData(4, 2, 0.5, 1)]
    public void Local_response_normalisation_is_its_formula(long size, double alpha, double beta, double k)
    {
        using var scope = NewDisposeScope();
        using var norm = nn.LocalResponseNorm(size, alpha, beta, k);
        Tensor x = randn(2, 7, 3, 2), y = norm.call(x);
        for (int c = 0; c < 7; c++)
        {
            // For an even size one more channel before than behind.
            long first = Math.Max(0, c - size / 2), last = Math.Min(6, c + (size - 1) / 2);
            Tensor sum = x.slice(1, first, last + 1, 1).square().sum(1);
            Tensor expected = x.select(1, c) / (sum * (alpha / size) + k).pow(beta);
            Assert.True((y.select(1, c) - expected).abs().max().item<float>() < 1e-5f, $"channel {c}");
        }
    }

    [Fact]
    public void Without_BatchNorm_the_signal_keeps_its_size_through_the_blocks()
    {
        using Classifier network = Networks.Create("googlenet_paper", 10, seed: 1);
        network.eval();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        float size = network.Features(randn(2, 3, 64, 64)).square().mean().sqrt().item<float>();
        Assert.InRange(size, 0.05f, 20f);
    }
}
