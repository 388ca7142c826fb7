using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;

namespace Sightline.Tests.Pipeline;

/// <summary>Samplers against their papers' shares, and what an epoch of them looks like.</summary>
public sealed class SampleSharesTests
{
    private static readonly int[] Labels = [.. Enumerable.Repeat(0, 900), .. Enumerable.Repeat(1, 90), .. Enumerable.Repeat(2, 10)];

    [Theory]
    [InlineData(SamplingName.ClassBalanced, 1000.0 / 2700, 1000.0 / 270, 1000.0 / 30)]
    [InlineData(SamplingName.SquareRoot, 1000 / (42.649112 * 30), 1000 / (42.649112 * 9.486833), 1000 / (42.649112 * 3.162278))] // Σ √n = 42.649112
    [InlineData(SamplingName.RepeatFactor, 1, 1.924501, 5.773503)] // √(1/3 / f), at least 1
    public void Shares_are_the_papers(SamplingName name, double first, double second, double third)
    {
        SampleShares shares = SampleShares.Of(new SamplingRecipe { Name = name }, Labels, 3)!;
        Assert.Equal(first, shares.Shares[0], 1e-5);
        Assert.Equal(second, shares.Shares[900], 1e-5);
        Assert.Equal(third, shares.Shares[999], 1e-5);
        Assert.Equal((int)Math.Floor(shares.Shares.Sum() + 1e-6), shares.Count);
        Assert.True(name == SamplingName.RepeatFactor || shares.Count == Labels.Length);
    }

    [Fact]
    public void An_epoch_gives_each_image_the_whole_number_below_its_share_or_the_one_above_and_on_average_the_share()
    {
        SampleShares shares = SampleShares.Of(new SamplingRecipe { Name = SamplingName.ClassBalanced }, Labels, 3)!;
        const int epochs = 400;
        double[] came = new double[Labels.Length];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            int[] drawn = shares.Draw(new SeedStream(3, "test", 0, epoch).NextDouble());
            Assert.Equal(1000, drawn.Length);
            Assert.Equal(drawn.Order(), drawn);
            foreach (IGrouping<int, int> image in drawn.GroupBy(i => i))
            {
                Assert.InRange(image.Count(), Math.Floor(shares.Shares[image.Key]), Math.Ceiling(shares.Shares[image.Key]));
                came[image.Key] += image.Count() / (double)epochs;
            }
            foreach (int of in (int[])[0, 1, 2])
                Assert.InRange(drawn.Count(i => Labels[i] == of), 332, 335);
        }
        // Of a frequent class, which comes in some epochs only, every image comes in its turn.
        Assert.All(came.Zip(shares.Shares), p => Assert.Equal(p.Second, p.First, 0.15));
    }

    [Fact]
    public void Uniform_has_no_shares_and_an_empty_class_is_refused()
    {
        Assert.Null(SampleShares.Of(new SamplingRecipe(), Labels, 3));
        Assert.Equal("class-empty", Assert.Throws<BadInputException>(() => SampleShares.Of(new SamplingRecipe { Name = SamplingName.SquareRoot }, Labels, 4)).Code);
    }
}
