using Sightline.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>The variants of the networks, and how they start.</summary>
public sealed class VariantTests
{
    // He et al. 2015, section 4.1: A adds nothing; B a projection at each of two changes of shape; C one in every block.
    // By hand for n = 3: a projection has in·out weights and 2·out of its BatchNorm.
    private const long ProjectionsB = 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64;
    private const long ProjectionsC = ProjectionsB + 3 * (16 * 16 + 2 * 16) + 2 * (32 * 32 + 2 * 32) + 2 * (64 * 64 + 2 * 64);

    [Theory]
    [InlineData(Shortcut.A, 0)]
    [InlineData(Shortcut.B, ProjectionsB)]
    [InlineData(Shortcut.C, ProjectionsC)]
    public void Shortcuts_have_the_parameters_of_their_projections(Shortcut shortcut, long more)
    {
        using Classifier network = Networks.Create("cifar_resnet20", 10, 1, new() { Shortcut = shortcut });
        Assert.Equal(269_722 + more, network.parameters().Sum(p => p.numel()));
        network.eval();
        using var scope = NewDisposeScope();
        Assert.True(network.call(FormulaWeights.Images(2, 3, 20, 20)).isfinite().all().item<bool>());
    }

    /// <summary>
    /// Why the zero start costs ResNet-20 five points with shortcut A (docs/guide/11-resnet.md): a new channel is 0 + 0 in front of the
    /// last ReLU, whose derivative at 0 is 0, so neither its scale nor its bias is ever moved.
    /// </summary>
    [Theory]
    [InlineData(Shortcut.A, 16)]
    [InlineData(Shortcut.B, 64)]
    public void A_zero_start_leaves_the_new_channels_of_shortcut_A_without_gradient(Shortcut shortcut, int alive)
    {
        using Classifier network = Networks.Create("cifar_resnet20", 10, 1, new() { Shortcut = shortcut, ZeroInitResidual = true });
        using var sgd = torch.optim.SGD(network.parameters(), 0.1, momentum: 0.9);
        for (int step = 0; step < 3; step++)
        {
            using var scope = NewDisposeScope();
            sgd.zero_grad();
            nn.functional.cross_entropy(network.call(FormulaWeights.Images(8, 3, 32, 32)), arange(8, int64)).backward();
            foreach (string name in (string[])["layer3.0.bn2.weight", "layer3.2.bn2.weight", "layer3.2.bn2.bias"])
                Assert.Equal(alive, network.named_parameters().Single(p => p.name == name).parameter.grad!.ne(0).sum().item<long>());
            sgd.step();
        }
    }

    [Fact]
    public void Shortcut_A_keeps_every_second_pixel_and_adds_channels_of_zeros()
    {
        using var scope = NewDisposeScope();
        using var shortcut = new ZeroPaddedShortcut(2, 5, 2);
        Tensor x = arange(2 * 2 * 5 * 3, float32).reshape(2, 2, 5, 3);
        Tensor y = shortcut.call(x);
        Assert.Equal([2, 5, 3, 2], y.shape);
        for (int n = 0; n < 2; n++)
        {
            for (int c = 0; c < 5; c++)
            {
                for (int i = 0; i < 3; i++)
                {
                    for (int j = 0; j < 2; j++)
                        Assert.Equal(c < 2 ? x[n, c, 2 * i, 2 * j].item<float>() : 0, y[n, c, i, j].item<float>());
                }
            }
        }
    }

    [Theory]
    [InlineData("cifar_resnet20", "bn2", 9)]
    [InlineData("resnet50", "bn3", 16)]
    public void Zero_initialised_last_BatchNorm_makes_every_block_start_as_its_shortcut(string name, string last, int blocks)
    {
        using Classifier network = Networks.Create(name, 10, 1, new() { ZeroInitResidual = true });
        using Classifier usual = Networks.Create(name, 10, 1);
        var state = network.state_dict();
        var zeroed = state.Where(t => t.Key.EndsWith($".{last}.weight", StringComparison.Ordinal)).ToList();
        Assert.Equal(blocks, zeroed.Count);
        Assert.All(zeroed, t => Assert.Equal(0, t.Value.abs().sum().item<float>()));
        Assert.All(usual.state_dict().Where(t => t.Key.EndsWith($".{last}.weight", StringComparison.Ordinal)), t => Assert.Equal(1, t.Value.min().item<float>()));
    }

    [Fact]
    public void A_plain_twin_starts_from_the_weights_of_its_residual_twin()
    {
        using Classifier residual = Networks.Create("cifar_resnet20", 10, 5);
        using Classifier plain = Networks.Create("cifar_plain20", 10, 5);
        var a = residual.state_dict();
        var b = plain.state_dict();
        Assert.Equal(a.Keys, b.Keys);
        Assert.All(a, t => Assert.True(t.Value.equal(b[t.Key]).all().item<bool>(), t.Key));
        residual.eval();
        plain.eval();
        using var scope = NewDisposeScope();
        Tensor images = FormulaWeights.Images(2, 3, 32, 32);
        Assert.True((residual.call(images) - plain.call(images)).abs().max().item<float>() > 1e-3f);
    }

    [Theory]
    [InlineData("cifar_plain20")]
    [InlineData("airbench94")]
    public void A_network_without_shortcuts_refuses_their_variants(string name)
    {
        Assert.Equal("network-option", Assert.Throws<BadInputException>(() => Networks.Create(name, 10, 1, new() { Shortcut = Shortcut.B })).Code);
        Assert.Equal("network-option", Assert.Throws<BadInputException>(() => Networks.Create(name, 10, 1, new() { ZeroInitResidual = true })).Code);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Whatever_drops_takes_a_probability(double drop)
    {
        foreach ((string key, NetworkOptions options) in ((string, NetworkOptions)[])[("dropout", new() { Dropout = drop }), ("spatialDropout", new() { SpatialDropout = drop }), ("stochasticDepth", new() { StochasticDepth = drop })])
        {
            var error = Assert.Throws<BadInputException>(() => Networks.Create("resnet18", 10, 1, options));
            Assert.Equal("network-option", error.Code);
            Assert.Contains($"network.options.{key} is", error.Message);
            Assert.Contains("probability of keeping", error.Fix);
        }
    }

    [Theory]
    [InlineData("cifar_resnet8")]
    [InlineData("airbench94")]
    public void Dropout_acts_in_training_only(string name)
    {
        using Classifier network = Networks.Create(name, 10, 1, new() { Dropout = 0.5 });
        using Classifier without = Networks.Create(name, 10, 1);
        using var scope = NewDisposeScope();
        Tensor images = FormulaWeights.Images(4, 3, 32, 32);
        Assert.False(network.call(images).equal(network.call(images)).all().item<bool>());
        Assert.Equal(without.state_dict().Keys, network.state_dict().Keys);
        without.call(images);
        without.call(images);
        network.eval();
        without.eval();
        Assert.True(network.call(images).equal(without.call(images)).all().item<bool>());
    }

    [Theory]
    [InlineData("cifar_resnet8", "layer1.0.conv2")]
    [InlineData("cifar_preact_resnet20", "layer1.0.conv2")]
    [InlineData("resnet50", "layer1.0.bn3")]
    public void Spatial_dropout_empties_whole_channels_inside_each_block(string name, string behind)
    {
        using Classifier network = Networks.Create(name, 10, 1, new() { SpatialDropout = 0.5 });
        using var scope = NewDisposeScope();
        manual_seed(3);
        double Empty()
        {
            double share = double.NaN;
            var layer = (nn.Module<Tensor, Tensor>)network.named_modules().First(m => m.name == behind[..behind.LastIndexOf('.')] + ".dropout").module;
            var hook = layer.register_forward_hook((_, _, y) =>
            {
                share = y.abs().amax([2, 3]).eq(0).to(float32).mean().item<float>();
                return y;
            });
            network.call(FormulaWeights.Images(8, 3, 32, 32));
            hook.remove();
            return share;
        }
        Assert.InRange(Empty(), 0.3, 0.7);
        network.eval();
        Assert.InRange(Empty(), 0, 0.2);
    }

    [Fact]
    public void Convolutions_start_with_variance_two_over_fan_out()
    {
        using Classifier network = Networks.Create("resnet34", 1000, 3);
        foreach ((string name, Tensor weight) in network.state_dict().Where(t => t.Value.dim() == 4))
        {
            double variance = 2.0 / (weight.shape[0] * weight.shape[2] * weight.shape[3]);
            double n = weight.numel(), found = weight.to(float64).square().mean().item<double>();
            // The mean square of n normal numbers has deviation variance·√(2/n): six of them.
            Assert.True(Math.Abs(found - variance) < 6 * variance * Math.Sqrt(2 / n), $"{name}: {found} instead of {variance}");
        }
    }

    [Fact]
    public void Whitening_decorrelates_the_patches_of_its_images()
    {
        using Classifier network = Networks.Create("airbench94", 10, 1);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // Smooth images: neighbouring pixels and the three colours are strongly correlated.
        using var generator = new Generator(7, CPU);
        Tensor noise = randn([64, 1, 36, 36], generator: generator) + 0.3 * randn([64, 3, 36, 36], generator: generator);
        Tensor images = nn.functional.avg_pool2d(noise, 5, 1) * 5;
        ((IPreparedFromImages)network).PrepareFrom(images);

        Tensor weight = network.state_dict()["whiten.weight"];
        Assert.True((weight.narrow(0, 0, 12) + weight.narrow(0, 12, 12)).abs().max().item<float>() == 0, "the second half is the first's negative");
        Tensor output = nn.functional.conv2d(images, weight).transpose(0, 1).reshape(24, -1).narrow(0, 0, 12).to(float64);
        Tensor covariance = output.mm(output.t()) / output.shape[1];
        // Each variance v comes out as v / (v + 5e-4), and the largest is near 1.
        Tensor beside = covariance - diag(covariance.diagonal());
        Assert.True(beside.abs().max().item<double>() < 1e-3, $"correlation {beside.abs().max().item<double>()}");
        Tensor variances = covariance.diagonal();
        Assert.True(variances.max().item<double>() is > 0.98 and < 1.001, "the largest is near 1");
        Assert.True((variances.narrow(0, 0, 11) - variances.narrow(0, 1, 11)).min().item<double>() > -1e-3, "largest first");
    }

    [Fact]
    public void Airbenchs_convolutions_start_as_partial_identities()
    {
        using Classifier network = Networks.Create("airbench94", 10, 1);
        Tensor weight = network.state_dict()["group2.conv1.weight"];
        using var scope = NewDisposeScope();
        for (int i = 0; i < 64; i += 9)
        {
            Assert.Equal(1, weight[i].sum().item<float>());
            Assert.Equal(1, weight[i, i, 1, 1].item<float>());
        }
        Assert.NotEqual(1, weight[100].sum().item<float>());
    }
}
