using CsCheck;

namespace Sightline.Tests;

public sealed class SeedStreamTests
{
    [Fact]
    public void Equal_arguments_give_equal_streams_and_any_difference_gives_another()
    {
        ulong first = new SeedStream(1, "augmentation", 2, 3).NextUInt64();
        Assert.Equal(first, new SeedStream(1, "augmentation", 2, 3).NextUInt64());
        Assert.NotEqual(first, new SeedStream(2, "augmentation", 2, 3).NextUInt64());
        Assert.NotEqual(first, new SeedStream(1, "shuffling", 2, 3).NextUInt64());
        Assert.NotEqual(first, new SeedStream(1, "augmentation", 3, 2).NextUInt64());
    }

    [Fact]
    public void Integers_are_uniform()
    {
        var stream = new SeedStream(7, "test");
        var counts = new int[10];
        for (int i = 0; i < 100_000; i++)
            counts[stream.NextInt(10)]++;
        // Chi-squared with 9 degrees of freedom: 27.9 is exceeded once in a thousand.
        double chi = counts.Sum(c => (c - 10_000.0) * (c - 10_000.0) / 10_000.0);
        Assert.InRange(chi, 0, 27.9);
    }

    [Fact]
    public void Normal_numbers_have_mean_and_deviation()
    {
        var stream = new SeedStream(7, "normal");
        double[] x = [.. Enumerable.Range(0, 100_000).Select(_ => stream.Normal(3, 2))];
        double mean = x.Average();
        Assert.InRange(mean, 2.97, 3.03);
        Assert.InRange(Math.Sqrt(x.Average(v => (v - mean) * (v - mean))), 1.97, 2.03);
    }

    [Fact]
    public void Shuffling_keeps_every_item() =>
        Gen.Select(Gen.ULong, Gen.Int.Array).Sample((seed, items) =>
        {
            int[] shuffled = [.. items];
            new SeedStream(seed, "shuffle").Shuffle<int>(shuffled);
            return shuffled.Order().SequenceEqual(items.Order());
        });
}
