using Sightline.Onnx.Graph;
using Sightline.Verification;

namespace Sightline.Tests;

/// <summary>Ranges of activations against what is known of the distributions they are drawn from.</summary>
public sealed class ActivationHistogramTests
{
    [Fact]
    public void All_is_kept_by_min_and_max()
    {
        ActivationRange range = Of(RangeMethod.MinMax, [-1, 0.5f, 3]);
        Assert.Equal((-1f, 3f), (range.Low, range.High));
        Assert.Equal(4 / 255f, range.Scale, 1e-7f);
        Assert.Equal(64, range.ZeroPoint);
    }

    [Fact]
    public void Zero_has_a_level_of_its_own()
    {
        Assert.Equal(((byte)0, 7 / 255f), (new ActivationRange(2, 7).ZeroPoint, new ActivationRange(2, 7).Scale));
        Assert.Equal(255, new ActivationRange(-7, -2).ZeroPoint);
        Assert.Equal(0, Of(RangeMethod.Entropy, [5, 5, 5]).ZeroPoint);
        Assert.True(Of(RangeMethod.MeanSquaredError, [0, 0]).Scale > 0);
    }

    // Of 100,000 numbers the 10 outermost at either end are 0.01 %.
    [Fact]
    public void A_percentile_cuts_one_in_ten_thousand()
    {
        float[] values = [.. Enumerable.Range(0, 99_980).Select(i => i / 99_980f), .. Enumerable.Repeat(100f, 10), .. Enumerable.Repeat(-100f, 10)];
        ActivationRange range = Of(RangeMethod.Percentile, values);
        Assert.InRange(range.High, 1, 1.1f);
        Assert.InRange(range.Low, -0.1f, 0);
    }

    // Of a normal distribution the best clipping for 8 bits lies near 4 deviations (Banner et al. 2019, table 1: 3.92 σ for 8 bits).
    [Theory]
    [InlineData(RangeMethod.MeanSquaredError, 3.3, 4.6)]
    [InlineData(RangeMethod.Entropy, 2.5, 5.2)]
    public void A_normal_distribution_is_cut_near_four_deviations(RangeMethod method, double least, double most)
    {
        var stream = new SeedStream(1, "normal");
        float[] values = new float[200_000];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)stream.Normal();
        values[0] = 6;
        values[1] = -6;
        ActivationRange range = Of(method, values);
        Assert.InRange(range.High, least, most);
        Assert.InRange(-range.Low, least, most);
    }

    // No cut helps a distribution without tails.
    [Fact]
    public void A_uniform_distribution_is_kept()
    {
        float[] values = [.. Enumerable.Range(0, 100_000).Select(i => i / 100_000f)];
        Assert.InRange(Of(RangeMethod.MeanSquaredError, values).High, 0.98, 1.0);
    }

    private static ActivationRange Of(RangeMethod method, float[] values)
    {
        var histogram = new ActivationHistogram();
        histogram.Extend(values);
        histogram.Count(values);
        return histogram.Range(method);
    }
}
