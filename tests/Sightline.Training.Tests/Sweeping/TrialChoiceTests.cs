using System.Globalization;
using CsCheck;
using Sightline.Training.Recipes;
using Sightline.Training.Sweeping;

namespace Sightline.Tests;

/// <summary>Which trials there are, and how far each is trained.</summary>
public sealed class TrialChoiceTests
{
    [Fact]
    public void A_grid_has_every_combination_in_order()
    {
        IReadOnlyList<Trial> trials = TrialChoice.Grid(Over("lr=0.1,0.2", "optimiser.name=sgd,adamw", "wd=0"));
        Assert.Equal([1, 2, 3, 4], trials.Select(t => t.Number));
        Assert.Equal(["0.1 sgd 0", "0.1 adamw 0", "0.2 sgd 0", "0.2 adamw 0"], trials.Select(t => string.Join(' ', t.Values.Select(v => v.Value))));
    }

    [Fact]
    public void Chance_repeats_by_its_seed_and_more_trials_begin_with_the_same()
    {
        SweptValues[] over = Over("lr=1e-4..1:log", "momentum=0.5..0.9:linear", "optimiser.name=sgd,adamw");
        IReadOnlyList<Trial> few = TrialChoice.Random(over, 5, seed: 3), many = TrialChoice.Random(over, 400, seed: 3);
        Assert.Equal(few, many.Take(5));
        Assert.NotEqual(few, TrialChoice.Random(over, 5, seed: 4));
        Assert.Equal(400, many.Select(t => t.Description).Distinct().Count());
        double[] Of(int k) => [.. many.Select(t => double.Parse(t.Values[k].Value, CultureInfo.InvariantCulture))];
        // Half of a log-uniform draw over four decades lies below the second, and half of a uniform one below the middle; four deviations wide.
        Assert.InRange(Of(0).Count(v => v < 1e-2), 160, 240);
        Assert.InRange(Of(1).Count(v => v < 0.7), 160, 240);
        Assert.InRange(many.Count(t => t.Values[2].Value == "sgd"), 160, 240);
    }

    [Fact]
    public void There_are_no_more_trials_than_combinations()
    {
        SweptValues[] over = Over("lr=0.1,0.2", "batch=8..9:linear");
        Assert.Equal(TrialChoice.Grid(over).Select(t => t.Description).Order(), TrialChoice.Random(over, 4, 1).Select(t => t.Description).Order());
        BadInputException error = Assert.Throws<BadInputException>(() => TrialChoice.Random(over, 5, 1));
        Assert.Contains("4 different combinations", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(27, 81, 3, 1, "27x1 9x3 3x9 1x81")] // Hyperband's table (Li et al. 2018, table 1, s = 4) begins 81 trials at 1; of 27 three halvings leave one
    [InlineData(81, 81, 3, 1, "81x1 27x3 9x9 3x27 1x81")]
    [InlineData(9, 9, 3, null, "9x1 3x3 1x9")]
    [InlineData(8, 30, 2, null, "8x3 4x6 2x12 1x30")]
    [InlineData(4, 10, 3, 2, "4x2 1x10")]
    [InlineData(10, 4, 3, 4, "10x4")]
    [InlineData(1, 5, 3, null, "1x5")]
    [InlineData(20, 2, 3, null, "20x1 6x2")]
    public void Halving_has_these_rungs(int trials, int epochs, int eta, int? minEpochs, string rungs)
    {
        IReadOnlyList<Rung> schedule = HalvingSchedule.Rungs(trials, epochs, eta, minEpochs);
        Assert.Equal(rungs, string.Join(' ', schedule.Select(r => $"{r.Trials}x{r.Epochs}")));
    }

    [Fact]
    public void Every_halving_rises_to_the_recipes_epochs_and_trains_no_more_than_a_grid() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 200], Gen.Int[2, 6]).Sample((trials, epochs, eta) =>
        {
            IReadOnlyList<Rung> rungs = HalvingSchedule.Rungs(trials, epochs, eta);
            Assert.Equal((trials, epochs), (rungs[0].Trials, rungs[^1].Epochs));
            Assert.All(rungs.Zip(rungs.Skip(1)), p => Assert.True(p.First.Epochs < p.Second.Epochs && p.First.Trials > p.Second.Trials && p.Second.Trials >= 1));
            Assert.InRange(HalvingSchedule.TotalEpochs(rungs), epochs, (long)trials * epochs);
        });

    private static SweptValues[] Over(params string[] over) => [.. over.Select(SweptValues.Parse)];
}
