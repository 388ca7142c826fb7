using Sightline.Training.Sweeping;

namespace Sightline.Tests;

/// <summary>What is read off a loss over a rising learning rate.</summary>
public sealed class RangeTestTests
{
    [Fact]
    public void Smoothing_is_an_exponential_mean_corrected_for_its_beginning()
    {
        // By hand: of 100 steps a fifth of each is new. (0.8 · 0.2 · 1 + 0.2 · 2) / 0.36 = 1.5556; with 4: (0.64 · 0.2 + 0.8 · 0.4 + 0.8) / 0.488 = 2.5574.
        Assert.Equal([1, 1.5556, 2.5574], new RangeTestCurve(100, [1, 2, 3], [1, 2, 4]).Smoothed.Select(v => Math.Round(v, 4)));
        Assert.All(new RangeTestCurve(100, Rates(100, 1e-4, 1), [.. Enumerable.Repeat(2.5, 100)]).Smoothed, v => Assert.Equal(2.5, v, 1e-12));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(400)]
    public void The_suggestion_lies_where_the_loss_falls_fastest(int steps)
    {
        // A drop from 2.3 to 0.3 around 1e-2 over the logarithm, and a rise from 1 on.
        RangeTestCurve curve = Curve(steps, 1e-5, 10, rate => 0.3 + 2 / (1 + Math.Pow(rate / 1e-2, 2)) + 0.2 * Math.Pow(rate, 2));
        RateSuggestion says = RateSuggestion.Of(curve)!;
        // Smoothing looks back over a twentieth of the steps: 0.3 of six decades.
        Assert.InRange(says.Steepest!.Value, 0.01, 0.025);
        Assert.InRange(says.Minimum, 0.1, 1);
        Assert.Equal(says.Minimum / 10, says.BelowMinimum);
        Assert.False(says.StillFalling);
        Assert.Contains($"Suggested: {RangeTestText.Setting(says.Steepest.Value)} (", string.Join('\n', RangeTestText.Lines(curve)), StringComparison.Ordinal);
    }

    [Fact]
    public void Noise_moves_the_suggestion_little()
    {
        var noise = new SeedStream(5, "noise");
        RangeTestCurve curve = Curve(100, 1e-5, 10, rate => 0.3 + 2 / (1 + Math.Pow(rate / 1e-2, 2)) + 0.2 * Math.Pow(rate, 2) + noise.Normal(0, 0.1));
        Assert.InRange(RateSuggestion.Of(curve)!.Steepest!.Value, 0.004, 0.05);
    }

    [Fact]
    public void The_first_losses_suggest_nothing()
    {
        // A batch that was hard by chance begins: the fall from it is the steepest of all, and says nothing.
        RangeTestCurve curve = Curve(100, 1e-5, 10, rate => (rate < 1.1e-5 ? 5 : 0.3) + 2 / (1 + Math.Pow(rate / 1e-2, 2)) + 0.2 * Math.Pow(rate, 2));
        Assert.InRange(RateSuggestion.Of(curve)!.Steepest!.Value, 0.005, 0.025);
    }

    [Fact]
    public void A_loss_above_four_times_its_minimum_ends_the_rise()
    {
        RangeTestCurve curve = Curve(100, 1e-4, 10, rate => 1 + 50 * Math.Max(0, rate - 1));
        Assert.True(curve.Exploded && curve.Over);
        int end = Enumerable.Range(1, 100).First(n => new RangeTestCurve(100, [.. curve.Rates.Take(n)], [.. curve.Losses.Take(n)]).Over);
        Assert.InRange(curve.Rates[end - 1], 1.0, 1.5);
        var cut = new RangeTestCurve(100, [.. curve.Rates.Take(end)], [.. curve.Losses.Take(end)]);
        Assert.True(cut.Smoothed[^1] > 4 * cut.Smoothed.Min() && cut.Smoothed[^2] <= 4 * cut.Smoothed.Min());
        Assert.Contains($"{end} of 100 steps", RangeTestText.Lines(cut)[0], StringComparison.Ordinal);
        Assert.Contains("rose above 4 times its minimum", RangeTestText.Lines(cut)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void What_says_nothing_suggests_nothing()
    {
        RangeTestCurve rising = Curve(100, 1e-4, 1, rate => 1 + rate);
        Assert.Null(RateSuggestion.Of(rising)!.Steepest);
        Assert.Null(RateSuggestion.Of(rising)!.BelowMinimum);
        Assert.Contains("never fell", RangeTestText.Lines(rising)[^1], StringComparison.Ordinal);
        Assert.Null(RateSuggestion.Of(new RangeTestCurve(100, [1, 2], [3, 2])));
        Assert.Contains("Too few steps", RangeTestText.Lines(new RangeTestCurve(100, [1, 2], [3, 2]))[^1], StringComparison.Ordinal);
        Assert.Contains("No step was taken", Assert.Single(RangeTestText.Lines(new RangeTestCurve(100, [], []))), StringComparison.Ordinal);
        Assert.Contains("no longer finite", RangeTestText.Lines(new RangeTestCurve(100, [1, 2], [3, 2]))[0], StringComparison.Ordinal);

        RangeTestCurve falling = Curve(100, 1e-4, 1e-2, rate => 2 - 50 * rate);
        Assert.True(RateSuggestion.Of(falling)!.StillFalling);
        Assert.Contains("still falling at the end", RangeTestText.Lines(falling)[^1], StringComparison.Ordinal);
    }

    private static RangeTestCurve Curve(int steps, double low, double high, Func<double, double> loss)
    {
        double[] rates = Rates(steps, low, high);
        return new RangeTestCurve(steps, rates, [.. rates.Select(loss)]);
    }

    private static double[] Rates(int steps, double low, double high) => [.. Enumerable.Range(0, steps).Select(i => low * Math.Pow(high / low, i / (steps - 1.0)))];
}
