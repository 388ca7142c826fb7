using Sightline.Metrics;
using Sightline.Training.Comparison;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;

namespace Sightline.Tests;

[Collection(nameof(OneAtATime))]
public sealed class ComparisonTests : IDisposable
{
    private readonly TinyImageFolder tiny = new(perClass: 30);

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Runs_are_held_against_the_first_on_the_same_images()
    {
        string a = Trained("a"), b = Trained("b", "optimiser.learningRate=1e-9"), twin = Trained("twin");
        RunComparison comparison = RunComparer.Compare([a, b, twin]);
        Assert.Equal(["a", "b", "twin"], comparison.Runs.Select(r => r.Name));
        RecipeDifference difference = Assert.Single(comparison.Differences);
        Assert.Equal("optimiser.learningRate", difference.Key);
        Assert.Equal(["0.05", "1E-09", "0.05"], difference.Values);
        Assert.Equal(["b", "twin"], comparison.Pairs.Select(p => p.Second));
        Assert.All(comparison.Pairs, p => Assert.Equal(("a", "val", 18), (p.First, p.Part, p.Images.Images)));
        // Equal runs decide every image alike; a network that has learnt nothing is worse than one that has.
        Assert.Equal((0, 0, 0.0, DifferenceVerdict.CannotTell), (comparison.Pairs[1].Images.OnlyFirst, comparison.Pairs[1].Images.OnlySecond, comparison.Pairs[1].Images.Difference, comparison.Pairs[1].Verdict));
        Assert.True(comparison.Pairs[0].Images.Difference < 0);
        Assert.Equal(comparison.Runs[0].Best!.ValTop1, (comparison.Pairs[0].Images.BothRight + comparison.Pairs[0].Images.OnlyFirst) / 18.0, 1e-9);
        Assert.Empty(comparison.Settings);
        Assert.Empty(comparison.Notes);

        string html = ComparisonPage.Html(comparison);
        Assert.Contains("optimiser.learningRate", html, StringComparison.Ordinal);
        Assert.All(ComparisonText.Verdicts(comparison), line => Assert.Contains(System.Net.WebUtility.HtmlEncode(line), html, StringComparison.Ordinal));
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_split_is_no_common_ground()
    {
        string a = Trained("a"), other = Trained("other", "seed=2");
        RunComparison comparison = RunComparer.Compare([a, other]);
        Assert.Empty(comparison.Pairs);
        Assert.Contains("other was validated on other images than a", Assert.Single(comparison.Notes), StringComparison.Ordinal);
        Assert.Empty(RunComparer.Compare([a, other], images: false).Notes);
    }

    [Fact]
    public void Settings_with_several_seeds_are_paired_by_seed_or_compared_by_their_means()
    {
        ComparedRun Run(string name, ulong seed, double rate, double top1) => new(name, name,
            RecipeFile.Parse("data: {path: x}\nnetwork: {name: resnet18}\n", "r", [$"seed={seed}", FormattableString.Invariant($"optimiser.learningRate={rate}"), FormattableString.Invariant($"preprocessing.mean=[0.5, 0.5, 0.{seed}]")]),
            [new EpochMetrics(1, 10, rate, 1, 0.5, 1, top1 - 0.1, 1, 1, 1), new EpochMetrics(2, 20, rate, 1, 0.5, 1, top1, 1, 1, 1), new EpochMetrics(3, 30, rate, 1, 0.5, 2, top1, 1, 1, 1)]);
        ComparedRun[] first = [Run("a1", 1, 0.1, 0.70), Run("a2", 2, 0.1, 0.74), Run("a3", 3, 0.1, 0.69)];
        ComparedRun[] second = [Run("b1", 1, 0.2, 0.72), Run("b2", 2, 0.2, 0.765), Run("b3", 3, 0.2, 0.71)];
        Assert.Equal(2, first[0].Best!.Epoch);

        // By hand: differences 0.02, 0.025, 0.02; mean 0.021667, deviation 0.0028868, t of 2 degrees 4.303.
        SettingPair paired = Assert.Single(RunComparison.SettingsOf([.. first, .. second]));
        Assert.True(paired.Paired);
        Assert.Equal((0.0216667, 0.0216667 - 4.303 * 0.0028868 / Math.Sqrt(3)), (paired.Difference, paired.DifferenceInterval.Low), (x, y) => Math.Abs(x.Item1 - y.Item1) < 1e-6 && Math.Abs(x.Item2 - y.Item2) < 1e-5);
        Assert.Equal(DifferenceVerdict.Better, paired.Verdict);

        // Other seeds: Welch's interval, far wider, since seeds differ more than settings.
        SettingPair apart = Assert.Single(RunComparison.SettingsOf([.. first, .. second.Select((r, i) => r with { Recipe = r.Recipe with { Seed = (ulong)(7 + i) } })]));
        Assert.False(apart.Paired);
        Assert.Equal(paired.Difference, apart.Difference, 1e-12);
        Assert.Equal(DifferenceVerdict.CannotTell, apart.Verdict);
        double u = 0.0007 / 3, v = (Square(0.72) + Square(0.765) + Square(0.71)) / 2 / 3;
        double Square(double y) => (y - (0.72 + 0.765 + 0.71) / 3) * (y - (0.72 + 0.765 + 0.71) / 3);
        int freedom = (int)((u + v) * (u + v) / (u * u / 2 + v * v / 2));
        Assert.Equal(StudentQuantile.TwoSided95(freedom) * Math.Sqrt(u + v), apart.DifferenceInterval.High - apart.Difference, 1e-9);

        Assert.Empty(RunComparison.SettingsOf([first[0], .. second]));
    }

    [Fact]
    public void What_cannot_be_compared_is_told()
    {
        string a = Trained("a");
        Assert.Equal("usage", Assert.Throws<BadInputException>(() => RunComparer.Compare([a])).Code);
        Assert.Equal("run-twice", Assert.Throws<BadInputException>(() => RunComparer.Compare([a, a + "/"])).Code);
        Assert.Equal("run-missing", Assert.Throws<BadInputException>(() => RunComparer.Compare([a, tiny.PathOf("nowhere")])).Code);
        string empty = tiny.PathOf("deep/a");
        Directory.CreateDirectory(empty);
        File.Copy(Path.Combine(a, "recipe.yaml"), Path.Combine(empty, "recipe.yaml"));
        BadInputException error = Assert.Throws<BadInputException>(() => RunComparer.Compare([a, empty]));
        Assert.Equal(("run-empty", empty), (error.Code, error.Path));
        File.Copy(Path.Combine(a, "metrics.csv"), Path.Combine(empty, "metrics.csv"));
        Assert.Equal("deep/a", RunComparer.Compare([a, empty], images: false).Runs[1].Name);
    }

    private string Trained(string name, params string[] overrides) =>
        TrainingRun.Start(RecipeFile.Read(tiny.Recipe("", "epochs: 6, batchSize: 16, precision: float32, determinism: exact"), overrides), tiny.PathOf(name)).Folder;
}
