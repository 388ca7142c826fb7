using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Datasets;
using Sightline.Metrics;
using Sightline.Models;
using Sightline.Training.Evaluation;
using Sightline.Training.Losses;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests;

/// <summary>Prior and weights against Bayes' rule where it is known, and against the lab's own correction.</summary>
[Collection(nameof(OneAtATime))]
public sealed class DecisionRuleTests
{
    private static readonly string[] Two = ["rare", "frequent"];

    private static readonly Recipe Plain = new() { Data = new DataRecipe { Path = "none" }, Network = new NetworkRecipe { Name = "none" } };

    /// <summary>What is learnt from, and the ways to learn: x is normal about +1 in one image of ten, about −1 in the others.</summary>
    public static TheoryData<string> Ways => [.. Recipes.Keys];

    private static Dictionary<string, Recipe> Recipes { get; } = new()
    {
        ["as they come"] = Plain,
        ["logit adjustment by a half"] = Plain with { Loss = new LossRecipe { LogitAdjustment = 0.5 } },
        ["balanced softmax"] = Plain with { Loss = new LossRecipe { LogitAdjustment = 1 } },
        ["inverse frequency"] = Plain with { Loss = new LossRecipe { ClassWeights = ClassWeighting.InverseFrequency } },
        ["effective number"] = Plain with { Loss = new LossRecipe { ClassWeights = ClassWeighting.EffectiveNumber, EffectiveBeta = 0.999 } },
        ["weights by hand"] = Plain with { Loss = new LossRecipe { Weights = [3, 1] } },
        ["class-balanced sampling"] = Sampled(SamplingName.ClassBalanced),
        ["square-root sampling"] = Sampled(SamplingName.SquareRoot),
        ["repeat-factor sampling"] = Sampled(SamplingName.RepeatFactor),
        ["balanced twice"] = Sampled(SamplingName.ClassBalanced) with { Loss = new LossRecipe { LogitAdjustment = 1 } },
    };

    private static Recipe Sampled(SamplingName name) => Plain with { Data = Plain.Data with { Sampling = new SamplingRecipe { Name = name } } };

    [Theory]
    [MemberData(nameof(Ways))]
    public void However_it_was_trained_the_boundary_is_Bayes_under_the_prior_of_service(string way)
    {
        Recipe recipe = Recipes[way];
        int[] counts = [800, 7200];
        (double slope, double intercept) = Fit(recipe, counts);
        Assert.Equal(2, slope, 0.1);

        // The network's own boundary is Bayes' for what it has learnt; then for any other prior, with and without costs.
        double[] learnt = LearntPrior.Of(recipe, counts);
        Assert.Equal(Bayes(learnt[0], 1), -intercept / slope, 0.03);
        foreach ((double share, double cost) in ((double, double)[])[(0.5, 1), (0.1, 1), (0.02, 1), (0.5, 4), (0.1, 20)])
        {
            DecisionRule rule = DecisionRule.Of(Two, recipe, counts, [share, 1 - share], cost == 1 ? null : [cost, 1]);
            Assert.Equal(Bayes(share, cost), -(intercept + rule.Offsets[0] - rule.Offsets[1]) / slope, 0.03);
        }

        // p(x | rare) · share · cost = p(x | frequent) · (1 − share), where log p(x | rare) − log p(x | frequent) is 2x.
        static double Bayes(double share, double cost) => -Math.Log(share * cost / (1 - share)) / 2;
    }

    [Fact]
    public void What_was_learnt_is_what_loss_and_sampler_leave()
    {
        int[] counts = [60, 30, 10];
        double[] p = [0.6, 0.3, 0.1], third = [1 / 3.0, 1 / 3.0, 1 / 3.0];
        Near(p, LearntPrior.Of(Plain, counts));
        Near(third, LearntPrior.Of(Recipes["balanced softmax"], counts));
        Near(third, LearntPrior.Of(Recipes["class-balanced sampling"], counts));
        Near(third, LearntPrior.Of(Recipes["inverse frequency"], counts));
        double roots = p.Sum(Math.Sqrt);
        Near([.. p.Select(x => Math.Sqrt(x) / roots)], LearntPrior.Of(Recipes["square-root sampling"], counts));
        Near([.. p.Select(x => Math.Sqrt(x) / roots)], LearntPrior.Of(Recipes["logit adjustment by a half"], counts));
        double inverse = p.Sum(x => 1 / x);
        Near([.. p.Select(x => 1 / x / inverse)], LearntPrior.Of(Recipes["balanced twice"], counts));
        // A rule for the prior that was learnt changes nothing.
        Near([0, 0, 0], [.. DecisionRule.Of(["a", "b", "c"], Plain, counts, p, null).Offsets]);
        Near([0, 0, 0], [.. DecisionRule.Of(["a", "b", "c"], Recipes["balanced softmax"], counts, third, null).Offsets]);
        Assert.Equal("class-empty", Assert.Throws<BadInputException>(() => LearntPrior.Of(Plain, [3, 0])).Code);
        static void Near(double[] expected, double[] actual) => Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void For_two_classes_a_weight_is_a_threshold()
    {
        DecisionRule rule = DecisionRule.Of(Two, Plain, null, null, [5, 1]);
        foreach (double p in (double[])[0.01, 1 / 6.0 - 1e-9, 1 / 6.0 + 1e-9, 0.5, 0.9])
            Assert.Equal(p > 1.0 / (1 + 5), Math.Log(p) + rule.Offsets[0] > Math.Log(1 - p) + rule.Offsets[1]);
        Assert.Null(rule.Prior);
        Assert.Null(rule.Learnt);
    }

    [Theory]
    [InlineData(new[] { 0.5, 0.4 }, null, "The shares of the prior add up to 0.9; expected 1")]
    [InlineData(new[] { 1.0, 0.0 }, null, "The share of 'frequent' is 0; expected more than 0")]
    [InlineData(new[] { 1.5, -0.5 }, null, "The share of 'frequent' is -0.5")]
    [InlineData(null, new[] { 0.0, 1.0 }, "The weight of 'rare' is 0; expected more than 0")]
    [InlineData(null, new[] { 1.0, double.PositiveInfinity }, "The weight of 'frequent' is")]
    [InlineData(new[] { 1.0 }, null, "1 numbers for 2 classes")]
    public void Numbers_that_cannot_be_used_are_refused(double[]? prior, double[]? weights, string says) =>
        Assert.Contains(says, Assert.Throws<BadInputException>(() => DecisionRule.Of(Two, Plain, [1, 9], prior, weights)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_class_that_was_never_seen_has_no_prior()
    {
        BadInputException error = Assert.Throws<BadInputException>(() => DecisionRule.Of(Two, Plain, [0, 9], [0.5, 0.5], null));
        Assert.Equal("class-empty", error.Code);
        Assert.Contains("'rare' had no training image", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shares_typed_with_three_digits_are_shares() =>
        Assert.Equal(1, DecisionRule.Of(["a", "b", "c"], Plain, [1, 1, 1], [0.333, 0.333, 0.333], null).Prior!.Sum(), 1e-12);

    [Fact]
    public void What_makes_a_correction_inexact_is_said()
    {
        Assert.Empty(LearntPrior.Caveats(Plain));
        Assert.Contains("focal", Assert.Single(LearntPrior.Caveats(Plain with { Loss = new LossRecipe { Name = LossName.Focal } })), StringComparison.Ordinal);
        Assert.Contains("label smoothing", Assert.Single(LearntPrior.Caveats(Plain with { Loss = new LossRecipe { LabelSmoothing = 0.1 } })), StringComparison.Ordinal);
        Assert.Contains("by heart", Assert.Single(LearntPrior.Caveats(Recipes["class-balanced sampling"])), StringComparison.Ordinal);
        Assert.Empty(DecisionRule.Of(Two, Recipes["class-balanced sampling"], null, null, [5, 1]).Caveats);
    }

    [Fact]
    public void A_run_is_corrected_as_the_lab_does_it()
    {
        using var tiny = new TinyImageFolder();
        string run = TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", "epochs: 3, batchSize: 16, precision: float32"), ["data.split.imbalance=8"]), tiny.PathOf("run")).Folder;
        using TrainedModel model = TrainedModel.Load(run);
        (IReadOnlyList<ImageSample> samples, string part, string root) = EvaluationImages.Of(model, null, "val");
        int[] labels = [.. samples.Select(s => s.Label)];
        float[] plain = Evaluator.Logits(model, samples);
        IReadOnlyList<int> counts = DecisionRule.TrainCounts(model);
        Assert.True(counts[0] >= 7 * counts[2], string.Join(", ", counts));

        string fingerprint = model.Fingerprint;
        double third = 1 / 3.0;
        model.Decide(DecisionRule.Of(model, [third, third, third], null));
        float[] shifted = Evaluator.Logits(model, samples);
        Assert.Equal(fingerprint, model.Fingerprint);
        // labs/UnbalancedLab.cs: log of the share is taken from each logit.
        float[] lab = [.. plain.Select((z, i) => (float)(z - Math.Log(counts[i % 3] / (double)counts.Sum())))];
        for (int i = 0; i < shifted.Length; i++)
            Assert.Equal(plain[i] + model.Decision!.Offsets[i % 3], shifted[i], 1e-4);
        Assert.Equal(LogitScore.Of(lab, labels, 3).Top1, LogitScore.Of(shifted, labels, 3).Top1);
        Assert.Equal(LogitScore.Of(lab, labels, 3).Loss, LogitScore.Of(shifted, labels, 3).Loss, 1e-5);
        Assert.NotEqual(LogitScore.Of(plain, labels, 3).Loss, LogitScore.Of(shifted, labels, 3).Loss, 1e-3);
        Assert.Throws<InvalidOperationException>(() => model.Decide(model.Decision!));

        Evaluator.Softmax(shifted, 3);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            EvaluationDocument.Write(json, ClassificationReport.From(shifted, labels, model.Classes, 1), model, root, part);
            json.WriteEndObject();
        }
        JsonNode decision = JsonNode.Parse(Encoding.UTF8.GetString(buffer.ToArray()))!["decision"]!;
        Assert.Equal(third, decision["prior"]!["cone"]!.GetValue<double>(), 1e-12);
        Assert.Equal(counts[0] / (double)counts.Sum(), decision["learntPrior"]!["cone"]!.GetValue<double>(), 1e-12);
        Assert.Null(decision["weights"]);
        Assert.Equal("probabilities", decision["outputs"]!.GetValue<string>());
        Assert.Null(JsonNode.Parse(File.ReadAllText(Path.Combine(run, "evaluation.json")))!["decision"]);

        string last = Path.Combine(run, "checkpoints", "last.safetensors");
        using (StoredWeights stored = Safetensors.Read(last))
            Safetensors.Write(last, stored.Tensors, stored.Metadata.ToDictionary(m => m.Key, m => m.Value.Replace("\"Counts\":", "\"Kounts\":", StringComparison.Ordinal)));
        using TrainedModel old = TrainedModel.Load(last);
        BadInputException error = Assert.Throws<BadInputException>(() => DecisionRule.Of(old, [third, third, third], null));
        Assert.Equal("checkpoint-counts", error.Code);
        Assert.Contains("how many images of each class", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(DecisionRule.Of(old, null, [2, 1, 1]).Offsets);
    }

    // Logistic regression by the recipe's own loss and sampler, on the quantiles of both densities.
    private static (double Slope, double Intercept) Fit(Recipe recipe, int[] counts)
    {
        int[] labels = [.. counts.SelectMany((n, k) => Enumerable.Repeat(k, n))];
        float[] x = [.. counts.SelectMany((n, k) => Enumerable.Range(0, n).Select(i => (float)(Quantile((i + 0.5) / n) + (k == 0 ? 1 : -1))))];
        int[] drawn = SampleShares.Of(recipe.Data.Sampling, labels, 2)?.Draw(0.5) ?? [.. Enumerable.Range(0, x.Length)];
        using DisposeScope scope = NewDisposeScope();
        using var loss = new ClassificationLoss(recipe.Loss, counts);
        Tensor inputs = tensor([.. drawn.Select(i => x[i])]).reshape(-1, 1), classes = tensor([.. drawn.Select(i => (long)labels[i])]);
        using var line = nn.Linear(1, 2);
        using optim.Optimizer sgd = optim.SGD(line.parameters(), 1, momentum: 0.9);
        for (int step = 0; step < 400; step++)
        {
            using DisposeScope pass = NewDisposeScope();
            line.zero_grad();
            loss.Mean(line.call(inputs), classes).backward();
            sgd.step();
        }
        float[] w = line.weight.data<float>().ToArray(), b = line.bias!.data<float>().ToArray();
        return (w[0] - w[1], b[0] - b[1]);
    }

    // The normal distribution's quantile.
    private static double Quantile(double p)
    {
        using Tensor at = tensor(2 * p - 1, dtype: float64), inverse = at.erfinv();
        return Math.Sqrt(2) * inverse.item<double>();
    }
}
