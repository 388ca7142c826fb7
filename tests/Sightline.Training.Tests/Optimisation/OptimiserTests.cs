using Sightline.Models;
using Sightline.Training.Optimisation;
using Sightline.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;
using AdamW = Sightline.Training.Optimisation.AdamW;
using Parameter = TorchSharp.Modules.Parameter;

namespace Sightline.Tests;

/// <summary>Our optimisers against torch's own, on the same gradients.</summary>
public sealed class OptimiserTests
{
    [Theory]
    [InlineData(0, false, 0)]
    [InlineData(0.9, false, 0)]
    [InlineData(0.9, true, 0)]
    [InlineData(0.9, true, 0.05)]
    public void Sgd_is_torchs(double momentum, bool nesterov, double decay) => Compare(
        p => new Sgd([new OptimisedParameter("w", p, decay, 1)], momentum, nesterov),
        p => optim.SGD([p], 0.1, momentum: momentum, weight_decay: decay, nesterov: nesterov));

    [Theory]
    [InlineData(0.9, 0.999, 0)]
    [InlineData(0.8, 0.95, 0.1)]
    public void AdamW_is_torchs(double beta1, double beta2, double decay) => Compare(
        p => new AdamW([new OptimisedParameter("w", p, decay, 1)], beta1, beta2, 1e-8),
        p => optim.AdamW([p], 0.1, beta1, beta2, 1e-8, decay));

    [Theory]
    [InlineData(0.9, 0.999, 0)]
    [InlineData(0.8, 0.95, 0.1)]
    public void Adam_with_a_penalty_is_torchs(double beta1, double beta2, double decay) => Compare(
        p => new AdamW([new OptimisedParameter("w", p, decay, 1)], beta1, beta2, 1e-8, decoupled: false),
        p => optim.Adam([p], 0.1, beta1, beta2, 1e-8, decay));

    [Fact]
    public void An_L1_penalty_adds_the_sign_and_drives_weights_to_zero()
    {
        using Parameter a = Weights();
        float[] before = a.data<float>().ToArray();
        using var sgd = new Sgd([new OptimisedParameter("w", a, 0, 1, L1: 0.5)], 0, false);
        a.grad = zeros_like(a);
        sgd.Step(0.1);
        Assert.All(a.data<float>().ToArray().Zip(before), p => Assert.Equal(p.Second - 0.05f * Math.Sign(p.Second), p.First, 1e-6f));
        using Models.Classifier network = Models.Networks.Create("cifar_resnet8", 3, 1);
        IReadOnlyList<OptimisedParameter> treated = OptimisedParameter.Of(network, new OptimiserRecipe { L1 = 0.2 });
        Assert.All(treated, p => Assert.Equal(p.Value.dim() >= 2 ? 0.2 : 0, p.L1));
    }

    [Theory]
    [InlineData(OptimiserName.Sgd)]
    [InlineData(OptimiserName.Adam)]
    [InlineData(OptimiserName.AdamW)]
    public void A_restored_state_goes_on_bit_for_bit(OptimiserName name)
    {
        var recipe = new OptimiserRecipe { Name = name };
        using Parameter a = Weights(), b = Weights();
        using Optimiser whole = Optimiser.Create(recipe, [new OptimisedParameter("w", a, 0.01, 1)]);
        using Optimiser first = Optimiser.Create(recipe, [new OptimisedParameter("w", b, 0.01, 1)]);
        for (int i = 0; i < 3; i++)
        {
            Step(whole, a, i);
            Step(first, b, i);
        }
        using Optimiser second = Optimiser.Create(recipe, [new OptimisedParameter("w", b, 0.01, 1)]);
        second.Restore(first.State);
        for (int i = 3; i < 6; i++)
        {
            Step(whole, a, i);
            Step(second, b, i);
        }
        Assert.Equal(a.data<float>().ToArray(), b.data<float>().ToArray());
        BadInputException error = Assert.Throws<BadInputException>(() => second.Restore(new Dictionary<string, Tensor>()));
        Assert.Contains("lacks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_without_a_gradient_is_left_alone()
    {
        using Parameter w = Weights();
        float[] before = w.data<float>().ToArray();
        using var sgd = new Sgd([new OptimisedParameter("w", w, 0.5, 1)], 0.9, true);
        sgd.Step(1);
        Assert.Equal(before, w.data<float>().ToArray());
    }

    [Fact]
    public void Norms_and_biases_do_not_decay_unless_asked()
    {
        using Models.Classifier network = Models.Networks.Create("cifar_resnet20", 10, 1);
        IReadOnlyList<OptimisedParameter> treated = OptimisedParameter.Of(network, new OptimiserRecipe { WeightDecay = 0.1, NormRate = 4 }, 0.25);
        Assert.Equal(network.named_parameters().Count(), treated.Count);
        Assert.All(treated, p => Assert.Equal(p.Value.dim() >= 2 ? 0.1 : 0, p.WeightDecay));
        Assert.All(treated, p => Assert.Equal((p.Name.Contains("bn", StringComparison.Ordinal) || p.Name.Contains("downsample.1", StringComparison.Ordinal) ? 4 : 1) * (p.Name.StartsWith("fc.", StringComparison.Ordinal) ? 1 : 0.25), p.Rate));
        Assert.All(OptimisedParameter.Of(network, new OptimiserRecipe { WeightDecay = 0.1, DecayNormsAndBiases = true }), p => Assert.Equal(0.1, p.WeightDecay));
        IReadOnlyList<OptimisedParameter> own = OptimisedParameter.Of(network, new OptimiserRecipe { WeightDecay = 0.1, NormDecay = 0.3 });
        Assert.Equal(0.3, own.Single(p => p.Name == "bn1.bias").WeightDecay);
        Assert.Equal(0.1, own.Single(p => p.Name == "conv1.weight").WeightDecay);
        Assert.Equal(0, own.Single(p => p.Name == "fc.bias").WeightDecay);
    }

    [Fact]
    public void Clipping_is_torchs()
    {
        using Parameter a = Weights(), b = Weights();
        SetGradient(a, 1);
        SetGradient(b, 1);
        IReadOnlyList<OptimisedParameter> parameters = [new("a", a, 0, 1)];
        double norm = GradientNorm.Of(parameters);
        GradientNorm.Clip(parameters, norm, 0.5);
        double torchs = nn.utils.clip_grad_norm_([b], 0.5);
        Assert.Equal(torchs, norm, 1e-5);
        using Tensor ga = a.grad!, gb = b.grad!;
        Assert.True(allclose(ga, gb));
        Assert.Equal(0.5, GradientNorm.Of(parameters), 1e-4);
    }

    [Theory]
    [InlineData("convnext_tiny", "features.1.0.layer_scale", "features.0.1.weight")]
    [InlineData("cifar_vit", "pos_embed", "norm.weight")]
    public void Scales_of_channels_and_learnt_positions_decay_as_little_as_biases(string name, string scale, string norm)
    {
        using Classifier network = Networks.Create(name, 10, 1);
        IReadOnlyList<OptimisedParameter> treated = OptimisedParameter.Of(network, new OptimiserRecipe { WeightDecay = 0.1, L1 = 0.01, NormDecay = 0.3, NormRate = 4 });
        Assert.Equal((0, 0, 1), treated.Where(p => p.Name == scale).Select(p => (p.WeightDecay, p.L1, p.Rate)).Single());
        Assert.Equal((0.3, 4), treated.Where(p => p.Name == norm).Select(p => (p.WeightDecay, p.Rate)).Single());
        Assert.All(treated.Where(p => p.Value.dim() is 2 or 4), p => Assert.Equal((0.1, 0.01), (p.WeightDecay, p.L1)));
    }

    [Fact]
    public void The_moving_average_follows_its_formula()
    {
        using var module = nn.Linear(2, 1, hasBias: false);
        using (no_grad())
            module.weight.fill_(0);
        using var average = new ExponentialAverage(module, 0.9);
        double expected = 0;
        for (int n = 1; n <= 100; n++)
        {
            using (no_grad())
                module.weight.fill_(n);
            average.Update();
            double kept = Math.Min(0.9, (1.0 + n) / (10 + n));
            expected = kept * expected + (1 - kept) * n;
        }
        Assert.Equal(expected, average.Average["weight"][0, 0].item<float>(), 1e-3);
        Assert.Equal(100, average.Updates);
    }

    private static void Compare(Func<Parameter, Optimiser> ours, Func<Parameter, optim.Optimizer> torchs)
    {
        using Parameter a = Weights(), b = Weights();
        using Optimiser own = ours(a);
        using optim.Optimizer reference = torchs(b);
        for (int i = 0; i < 10; i++)
        {
            SetGradient(b, i);
            reference.step();
            Step(own, a, i);
        }
        float[] x = a.data<float>().ToArray(), y = b.data<float>().ToArray();
        for (int i = 0; i < x.Length; i++)
            Assert.True(Math.Abs(x[i] - y[i]) <= 1e-5 * Math.Max(1, Math.Abs(y[i])), $"weight {i}: {x[i]}, torch's {y[i]}");
    }

    private static void Step(Optimiser optimiser, Parameter parameter, int i)
    {
        SetGradient(parameter, i);
        optimiser.Step(0.1);
    }

    private static Parameter Weights() => new(arange(24, dtype: float32).reshape(4, 6).div(10).sub(1).DetachFromDisposeScope());

    private static void SetGradient(Parameter parameter, int i)
    {
        using Tensor values = arange(24, dtype: float32).reshape(4, 6).mul(0.37f * (i + 1)).sin().DetachFromDisposeScope();
        parameter.grad = values;
    }
}
