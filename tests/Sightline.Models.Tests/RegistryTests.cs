using Sightline.Models;
using Sightline.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Runs over every registered network: a new one is tested by being registered.</summary>
public sealed class RegistryTests
{
    private const long LargestInFull = 30_000_000;

    public static TheoryData<string> All => [.. Networks.Cards.Select(c => c.Name)];

    public static TheoryData<string> UpTo30Million => [.. Networks.Cards.Where(c => c.Parameters <= LargestInFull).Select(c => c.Name)];

    // One network for all that asks for no other: building it takes longer than most of these checks.
    [Theory]
    [MemberData(nameof(All))]
    public void A_network_is_what_its_card_says(string name)
    {
        NetworkCard card = Networks.Find(name);
        using Classifier network = Networks.Create(name, card.Classes, seed: 1);
        Assert.True(network.training);
        using var scope = NewDisposeScope();
        Counts(card, network);
        network.eval();
        Takes_the_smallest_and_the_published_size(card, network);
        if (card.Parameters > LargestInFull)
            return;
        network.train();
        Gives_every_trainable_parameter_a_gradient(card, network);
        network.eval();
        Agrees_in_channels_last_and_bfloat16(card, network);
    }

    private static void Counts(NetworkCard card, Classifier network)
    {
        Assert.Equal(card.Classes, network.Classes);
        Assert.Equal(card.Parameters, network.parameters().Where(p => p.requires_grad).Sum(p => p.numel()));
        Assert.Equal(card.AuxiliaryParameters, network.named_parameters().Where(p => p.name.StartsWith("aux", StringComparison.OrdinalIgnoreCase)).Sum(p => p.parameter.numel()));
        Assert.Equal(card.Macs, MacCounter.Count(network, [card.Channels, card.InputSize, card.InputSize]).Sum(l => l.Macs));
    }

    private static void Takes_the_smallest_and_the_published_size(NetworkCard card, Classifier network)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor wrong = Images(2, Math.Max(32, card.InputSize), card.Channels == 3 ? 1 : 3);
        Assert.Contains($"takes images [N, {card.Channels}, H, W]", Assert.Throws<BadInputException>(() => network.Features(wrong)).Message);
        if (card.OneInputSize)
            Assert.Equal("network-input", Assert.Throws<BadInputException>(() => network.call(Images(2, card.InputSize + 5, card.Channels))).Code);
        foreach (int side in card.OneInputSize ? [card.InputSize] : (int[])[card.SmallestInput, card.Name == "resnet18_imagenet" ? 64 : card.SmallestInput + 5, Math.Max(32, card.SmallestInput)])
        {
            Tensor logits = network.call(Images(2, side, card.Channels));
            Assert.Equal([2, card.Classes], logits.shape);
            Assert.Equal(float32, logits.dtype);
            Assert.True(logits.isfinite().all().item<bool>(), $"not finite at {side}");
        }
        Tensor features = network.Features(Images(2, card.SmallestInput, card.Channels));
        Assert.Equal([2, features.shape[1]], features.shape);
        if (card.OneInputSize)
            return;
        // Nothing smaller than the total stride is taken: of it, the last map would show less than one place.
        int large = Math.Max(64, 2 * card.SmallestInput);
        long last = large;
        using (LayerOutputs.Watch(network, (_, _, map) => last = map.dim() == 4 && map.shape[2] > 1 ? Math.Min(last, map.shape[2]) : last))
            network.call(Images(1, large, card.Channels));
        Assert.True(card.SmallestInput >= large / (last + 1) && (card.SmallestInput > 64 || card.SmallestInput >= large / last), $"takes {card.SmallestInput}, and {large} become {last}");
    }

    // A depthwise convolution that is slow or wrong in bfloat16 here has to be called so that it runs in float32.
    private static List<Action> WatchDepthwise(Classifier network)
    {
        var unhook = new List<Action>();
        foreach ((string name, nn.Module child) in network.named_modules())
        {
            if (child is not TorchSharp.Modules.Conv2d layer || !DepthwiseConvolution.IsDepthwise(layer))
                continue;
            unhook.Add(layer.register_forward_pre_hook((_, x) =>
            {
                Assert.True(Autocast.IsOn(DeviceType.CPU) == DepthwisePlan.Of(layer, x).Bf16, $"{name} is not called through DepthwiseConvolution");
                return x;
            }).remove);
        }
        return unhook;
    }

    private static void Agrees_in_channels_last_and_bfloat16(NetworkCard card, Classifier network)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor images = Images(2, Math.Max(32, card.SmallestInput), card.Channels), expected = network.call(images).clone();
        float largest = expected.abs().max().item<float>();
        ChannelsLast.Apply(network);
        Tensor last = network.call(ChannelsLast.Of(images));
        Assert.True((last - expected).abs().max().item<float>() < 1e-4f * largest, "channels-last differs");
        Tensor half;
        List<Action> unhook = WatchDepthwise(network);
        using (Autocast.BFloat16())
            half = network.call(ChannelsLast.Of(images));
        unhook.ForEach(remove => remove());
        float difference = (half.to(float32) - expected).abs().max().item<float>() / largest;
        if (difference < 0.1f)
            return;
        // On machines with wrong bfloat16 kernels training finds that out and goes without.
        using var grad = enable_grad();
        Assert.True(Bf16LayerCheck.Run(network, ChannelsLast.Of(images), seed: 1).Count > 0, $"bfloat16 differs by {difference} of the largest logit, and no layer by itself");
    }

    private static void Gives_every_trainable_parameter_a_gradient(NetworkCard card, Classifier network)
    {
        using var scope = NewDisposeScope();
        // In training mode a BatchNorm needs more than one value a channel: the batch gives it.
        int side = Math.Max(card.SmallestInput, 16);
        Tensor labels = tensor([0L, 2L]);
        TrainingLogits.Of(network, Images(2, side, card.Channels)).Loss(logits => nn.functional.cross_entropy(logits, labels)).Total.backward();
        foreach ((string parameter, TorchSharp.Modules.Parameter value) in network.named_parameters())
        {
            if (!value.requires_grad)
                continue;
            Assert.True(value.grad is not null, $"{parameter} got no gradient");
            Assert.True(value.grad!.isfinite().all().item<bool>(), $"{parameter}'s gradient is not finite");
        }
    }

    [Fact]
    public void Bottlenecks_train_channels_last_at_an_ordinary_batch_size()
    {
        // With oneDNN's own 1×1 convolutions the values are wrong or the process ends on some processors; at batch 2 all is well.
        using Classifier network = Networks.Create("resnet50", 7, seed: 9), plain = Networks.Create("resnet50", 7, seed: 9);
        using var scope = NewDisposeScope();
        Tensor images = Images(32, 32), labels = arange(32, int64) % 7;
        ChannelsLast.Apply(network);
        // Batch statistics of a fresh network amplify rounding; the convolutions are the same without them.
        network.eval();
        plain.eval();
        Tensor loss = nn.functional.cross_entropy(network.call(ChannelsLast.Of(images)), labels);
        Tensor expected = nn.functional.cross_entropy(plain.call(images), labels);
        loss.backward();
        expected.backward();
        Assert.Equal(expected.item<float>(), loss.item<float>(), 1e-4f);
        foreach (((string name, TorchSharp.Modules.Parameter one), (string _, TorchSharp.Modules.Parameter two)) in network.named_parameters().Zip(plain.named_parameters()))
        {
            // Rounding flips single ReLUs, so single values may differ; a wrong kernel is off by a third as a whole.
            float length = two.grad!.norm().item<float>(), off = (one.grad! - two.grad!).norm().item<float>();
            Assert.True(off <= 0.05f * length, $"{name}'s gradient is off by {off} of {length}");
        }
        using var noGrad = no_grad();
        Tensor logits = plain.call(images), half;
        using (Autocast.BFloat16())
            half = network.call(ChannelsLast.Of(images));
        Assert.True((half.to(float32) - logits).abs().max().item<float>() < 0.05f * logits.abs().max().item<float>(), "bfloat16 differs");
    }

    [Theory]
    [MemberData(nameof(UpTo30Million))]
    public void A_network_is_built_by_its_seed_and_its_options(string name)
    {
        NetworkCard card = Networks.Find(name);
        manual_seed(11);
        using Classifier network = Networks.Create(name, 4, seed: 4);
        float next = rand(1).item<float>();
        manual_seed(12);
        using Classifier wanted = Networks.Create(name, 6, seed: 4);
        manual_seed(11);
        Assert.Equal(rand(1).item<float>(), next);
        Has_the_same_weights_whatever_the_global_generator_held_with_a_head_replaced_too(card, network, wanted);
        Takes_constants_onto_its_logits(card, network);
        Has_the_variants_of_its_card_and_refuses_the_others(card, wanted);
    }

    private static void Has_the_same_weights_whatever_the_global_generator_held_with_a_head_replaced_too(NetworkCard card, Classifier network, Classifier wanted)
    {
        Assert.Equal(4, network.Classes);
        network.ReplaceHead(6, seed: 4);
        Assert.Equal(6, network.Classes);
        // Same seed, same names: everything before the head is the same, and what is replaced is what would have been built.
        AssertSameState(wanted, network);
        network.eval();
        using var scope = NewDisposeScope();
        Assert.Equal([2, 6], network.call(Images(2, card.SmallestInput, card.Channels)).shape);
        network.ReplaceHead(6, seed: 5);
        Assert.False(wanted.state_dict()[network.HeadName + ".weight"].equal(network.state_dict()[network.HeadName + ".weight"]).all().item<bool>());
    }

    private static void Takes_constants_onto_its_logits(NetworkCard card, Classifier network)
    {
        network.eval();
        using var scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        double[] by = [0, -2.5, 1, 3, 0.25, -0.125];
        Tensor images = Images(2, card.SmallestInput, card.Channels), before = network.call(images);
        network.ShiftLogits(by);
        Assert.True(allclose(before + tensor(by, dtype: float32), network.call(images), rtol: 1e-4, atol: 1e-4));
        network.ShiftLogits([.. by.Select(b => -b)]);
        Assert.True(allclose(before, network.call(images), rtol: 1e-4, atol: 1e-4));
        Assert.Throws<ArgumentException>(() => network.ShiftLogits([1]));
    }

    private static void Has_the_variants_of_its_card_and_refuses_the_others(NetworkCard card, Classifier published)
    {
        foreach ((NetworkVariants variant, NetworkOptions options) in Asked)
        {
            if (card.Variants.HasFlag(variant))
            {
                using Classifier built = Networks.Create(card.Name, published.Classes, seed: 4, options);
                built.train();
                published.train();
                using var scope = NewDisposeScope();
                // Something of it shows: in the weights, in their first values, or in what training computes.
                Assert.True(Differs(published, built, Math.Max(card.SmallestInput, 16)), $"{variant} changes nothing");
            }
            else
            {
                var refused = Assert.Throws<BadInputException>(() => Networks.Create(card.Name, published.Classes, seed: 4, options));
                Assert.Equal("network-option", refused.Code);
                Assert.Contains(char.ToLowerInvariant($"{variant}"[0]) + $"{variant}"[1..], refused.Message);
            }
        }
    }

    private static IEnumerable<(NetworkVariants, NetworkOptions)> Asked =>
    [
        (NetworkVariants.Dropout, new NetworkOptions { Dropout = 0.9 }),
        (NetworkVariants.SpatialDropout, new NetworkOptions { SpatialDropout = 0.9 }),
        (NetworkVariants.DropoutScaling, new NetworkOptions { DropoutScaling = DropoutScaling.Missing, Dropout = 0.9 }),
        (NetworkVariants.Shortcut, new NetworkOptions { Shortcut = Shortcut.C }),
        (NetworkVariants.ZeroInitResidual, new NetworkOptions { ZeroInitResidual = true }),
        (NetworkVariants.StochasticDepth, new NetworkOptions { StochasticDepth = 0.9 }),
        (NetworkVariants.Width, new NetworkOptions { Width = 0.5 }),
        (NetworkVariants.Norm, new NetworkOptions { Norm = NormKind.DynamicTanh }),
        (NetworkVariants.Auxiliary, new NetworkOptions { Auxiliary = false }),
    ];

    private static bool Differs(Classifier one, Classifier two, int side)
    {
        Dictionary<string, Tensor> a = one.state_dict(), b = two.state_dict();
        if (!a.Keys.SequenceEqual(b.Keys) || a.Any(t => !t.Value.shape.SequenceEqual(b[t.Key].shape) || !t.Value.eq(b[t.Key]).all().item<bool>()))
            return true;
        manual_seed(1);
        Tensor first = one.call(Images(4, side));
        manual_seed(1);
        return !first.eq(two.call(Images(4, side))).all().item<bool>();
    }

    [Fact]
    public void Another_seed_gives_other_weights()
    {
        using Classifier one = Networks.Create("cifar_resnet20", 10, seed: 1);
        using Classifier two = Networks.Create("cifar_resnet20", 10, seed: 2);
        foreach (string name in (string[])["conv1.weight", "layer3.2.conv2.weight", "fc.weight", "fc.bias"])
            Assert.False(one.state_dict()[name].equal(two.state_dict()[name]).all().item<bool>(), name);
    }

    [Theory]
    [InlineData("ResNet-20", "cifar_resnet20")]
    [InlineData("plain-56", "cifar_plain56")]
    [InlineData("resnet18", "resnet18")]
    [InlineData("CIFAR-ResNet18", "cifar_resnet18")]
    public void Names_are_found_as_people_write_them(string typed, string meant) => Assert.Equal(meant, Networks.Find(typed).Name);

    [Fact]
    public void An_unknown_name_gets_the_nearest()
    {
        var error = Assert.Throws<BadInputException>(() => Networks.Create("resnet81", 10, 0));
        Assert.Equal("network-unknown", error.Code);
        Assert.Contains("resnet", error.Fix);
    }

    private static Tensor Images(long n, long side, long channels = 3) => linspace(-1, 1, n * channels * side * side).sin().reshape(n, channels, side, side);

    private static void AssertSameState(nn.Module expected, nn.Module actual)
    {
        Dictionary<string, Tensor> a = expected.state_dict(), b = actual.state_dict();
        Assert.Equal(a.Keys, b.Keys);
        foreach (string name in a.Keys)
            Assert.True(a[name].shape.SequenceEqual(b[name].shape) && a[name].equal(b[name]).all().item<bool>(), $"{name} differs");
    }
}
