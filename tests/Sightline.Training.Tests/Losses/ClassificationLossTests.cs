using Sightline.Training.Losses;
using Sightline.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests.Losses;

/// <summary>Each loss against its paper's formula, written out in plain numbers.</summary>
public sealed class ClassificationLossTests : IDisposable
{
    private static readonly int[] Counts = [900, 90, 10];
    private static readonly long[] Labels = [0, 1, 2, 2, 0];

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor logits;
    private readonly double[][] z;

    public ClassificationLossTests()
    {
        manual_seed(4);
        logits = randn(Labels.Length, Counts.Length) * 2;
        z = [.. Enumerable.Range(0, Labels.Length).Select(n => Enumerable.Range(0, Counts.Length).Select(k => (double)logits[n, k].item<float>()).ToArray())];
    }

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Plain_is_torchs_own() => Assert.Equal(nn.functional.cross_entropy(logits, tensor(Labels)).item<float>(), Loss(new LossRecipe()), 0.0);

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void Smoothing_spreads_its_share_over_all_classes(double smoothing) // Szegedy et al. 2016, section 7
    {
        double Spread(int n) => Enumerable.Range(0, Counts.Length).Sum(k => -Math.Log(P(z[n], k)) / Counts.Length);
        Assert.Equal(Mean((n, k) => (1 - smoothing) * -Math.Log(P(z[n], k)) + smoothing * Spread(n)), Loss(new LossRecipe { LabelSmoothing = smoothing }), 1e-5);

        // Of mixed labels likewise.
        using var loss = new ClassificationLoss(new LossRecipe { LabelSmoothing = smoothing }, Counts);
        Tensor shares = tensor(new float[] { 0.25f, 0.75f, 0 }).expand(Labels.Length, 3);
        double expected = Enumerable.Range(0, Labels.Length).Average(n => (1 - smoothing) * (0.25 * -Math.Log(P(z[n], 0)) + 0.75 * -Math.Log(P(z[n], 1))) + smoothing * Spread(n));
        Assert.Equal(expected, loss.Mean(logits, tensor(Labels), shares).item<float>(), 1e-5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(5)]
    public void Focal_counts_by_the_power_of_what_is_missing(double gamma) => // Lin et al. 2017, equation 4
        Assert.Equal(Mean((n, k) => Math.Pow(1 - P(z[n], k), gamma) * -Math.Log(P(z[n], k))), Loss(new LossRecipe { Name = LossName.Focal, FocalGamma = gamma }), 1e-5);

    [Fact]
    public void Inverse_frequency_lets_every_class_count_the_same()
    {
        double[] w = ClassWeights.Of(new LossRecipe { ClassWeights = ClassWeighting.InverseFrequency }, Counts)!;
        Assert.Equal([1000.0 / 2700, 1000.0 / 270, 1000.0 / 30], w.Select(v => Math.Round(v, 12)), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(Mean((n, k) => w[k] * -Math.Log(P(z[n], k))), Loss(new LossRecipe { ClassWeights = ClassWeighting.InverseFrequency }), 1e-5);
        // torch's weighted loss is the same but for its own scale: it divides by the batch's weights.
        double torchs = nn.functional.cross_entropy(logits, tensor(Labels), weight: tensor(w, float32)).item<float>(), scale = Labels.Average(k => w[k]);
        Assert.Equal(torchs * scale, Loss(new LossRecipe { ClassWeights = ClassWeighting.InverseFrequency }), 1e-4);
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.99)]
    [InlineData(0.9999)]
    public void Effective_numbers_are_the_papers(double beta) // Cui et al. 2019, equations 2 and 4
    {
        Assert.Equal(1, ClassWeights.EffectiveNumber(1, beta), 12);
        Assert.Equal((1 - Math.Pow(beta, 90)) / (1 - beta), ClassWeights.EffectiveNumber(90, beta), 12);
        double[] w = ClassWeights.Of(new LossRecipe { ClassWeights = ClassWeighting.EffectiveNumber, EffectiveBeta = beta }, Counts)!;
        Assert.Equal((1 - Math.Pow(beta, 10)) / (1 - Math.Pow(beta, 900)), w[0] / w[2], 9);
        Assert.Equal(1, Counts.Zip(w, (n, v) => n * v).Sum() / Counts.Sum(), 9);
    }

    [Fact]
    public void Effective_numbers_lie_between_none_and_inverse_frequency()
    {
        double[] Of(double beta) => ClassWeights.Of(new LossRecipe { ClassWeights = ClassWeighting.EffectiveNumber, EffectiveBeta = beta }, Counts)!;
        Assert.All(Of(0), v => Assert.Equal(1, v, 9));
        double[] inverse = ClassWeights.Of(new LossRecipe { ClassWeights = ClassWeighting.InverseFrequency }, Counts)!;
        Assert.All(Of(0.9999999).Zip(inverse), p => Assert.Equal(p.Second, p.First, 0.01));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void Logit_adjustment_adds_the_prior(double tau) => // Menon et al. 2021, equation 10
        Assert.Equal(Mean((n, k) => -Math.Log(P([.. z[n].Select((v, j) => v + tau * Math.Log(Counts[j] / 1000.0))], k))), Loss(new LossRecipe { LogitAdjustment = tau }), 1e-5);

    [Fact]
    public void At_one_it_is_balanced_softmax() => // Ren et al. 2020, equation 4
        Assert.Equal(Mean((n, k) => -Math.Log(Counts[k] * Math.Exp(z[n][k]) / z[n].Select((v, j) => Counts[j] * Math.Exp(v)).Sum())), Loss(new LossRecipe { LogitAdjustment = 1 }), 1e-5);

    [Fact]
    public void Everything_together_and_soft_targets_follow_the_formula()
    {
        var recipe = new LossRecipe { Name = LossName.Focal, FocalGamma = 1.5, LabelSmoothing = 0.1, LogitAdjustment = 1, Weights = [1, 2, 5] };
        double[] w = ClassWeights.Of(recipe, Counts)!;
        double Expected(Func<int, int, double> target) => Enumerable.Range(0, Labels.Length).Average(n => Enumerable.Range(0, Counts.Length).Sum(k =>
        {
            double p = P([.. z[n].Select((v, j) => v + Math.Log(Counts[j] / 1000.0))], k);
            return (0.9 * target(n, k) + 0.1 / Counts.Length) * w[k] * Math.Pow(1 - p, 1.5) * -Math.Log(p);
        }));
        Assert.Equal(Expected((n, k) => Labels[n] == k ? 1 : 0), Loss(recipe), 1e-4);
        Tensor soft = nn.functional.softmax(randn(Labels.Length, Counts.Length), 1);
        Assert.Equal(Expected((n, k) => soft[n, k].item<float>()), Loss(recipe, soft), 1e-4);
        // Labels as soft targets are the same as labels.
        Assert.Equal(Loss(recipe), Loss(recipe, nn.functional.one_hot(tensor(Labels), Counts.Length).to(float32)), 1e-5);
    }

    [Fact]
    public void Gradients_are_finite_where_a_probability_is_one()
    {
        using Tensor sure = tensor([40f, 0f, 0f], [1, 3], requires_grad: true);
        using var loss = new ClassificationLoss(new LossRecipe { Name = LossName.Focal, FocalGamma = 0.5 }, Counts);
        loss.Mean(sure, tensor([0L])).backward();
        Assert.True(sure.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Empty_classes_and_other_numbers_of_weights_are_refused()
    {
        foreach (LossRecipe recipe in (LossRecipe[])[new() { ClassWeights = ClassWeighting.InverseFrequency }, new() { ClassWeights = ClassWeighting.EffectiveNumber }, new() { LogitAdjustment = 1 }])
            Assert.Equal("class-empty", Assert.Throws<BadInputException>(() => new ClassificationLoss(recipe, [3, 0, 5]).Dispose()).Code);
        Assert.Equal("class-weights", Assert.Throws<BadInputException>(() => new ClassificationLoss(new LossRecipe { Weights = [1, 2] }, Counts).Dispose()).Code);
    }

    private double Loss(LossRecipe recipe, Tensor? soft = null)
    {
        using var loss = new ClassificationLoss(recipe, Counts);
        return loss.Mean(logits, tensor(Labels), soft).item<float>();
    }

    private static double Mean(Func<int, int, double> ofLabel) => Enumerable.Range(0, Labels.Length).Average(n => ofLabel(n, (int)Labels[n]));

    private static double P(double[] row, int k) => Math.Exp(row[k]) / row.Sum(Math.Exp);
}
