namespace Sightline.Training.Sweeping;

/// <summary>What a range test says about the learning rate.</summary>
/// <param name="Steepest">The rate at which the smoothed loss fell fastest over the logarithm of the rate; null when it never fell.</param>
/// <param name="Minimum">The rate at which it was least.</param>
/// <param name="StillFalling">Whether it was least at the very end, so that higher rates may do as well.</param>
public sealed record RateSuggestion(double? Steepest, double Minimum, bool StillFalling)
{
    /// <summary>One order of magnitude below the minimum, where a training is stable for sure; null when the loss never fell.</summary>
    public double? BelowMinimum => Steepest is null ? null : Minimum / 10;

    /// <summary>Reads a curve.</summary>
    /// <param name="curve">The curve.</param>
    /// <returns>What it says; null when it has too few steps to say anything.</returns>
    public static RateSuggestion? Of(RangeTestCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        IReadOnlyList<double> loss = curve.Smoothed;
        // Slopes are taken to either side as far as the smoothing looks back: of neighbours they are noise. So are they at the beginning,
        // where the mean is of few steps.
        int reach = curve.Averaged, begin = 2 * curve.Averaged;
        // A loss that is no number ends the curve before it.
        int count = loss.TakeWhile(double.IsFinite).Count();
        if (count < begin + 2 * reach + 1)
            return null;
        int least = begin;
        for (int i = begin + 1; i < count; i++)
            least = loss[i] < loss[least] ? i : least;
        (double slope, int at) = (0, -1);
        for (int i = begin + reach; i <= Math.Min(least, count - 1 - reach); i++)
        {
            double here = (loss[i + reach] - loss[i - reach]) / Math.Log(curve.Rates[i + reach] / curve.Rates[i - reach]);
            (slope, at) = here < slope ? (here, i) : (slope, at);
        }
        return new RateSuggestion(at < 0 ? null : curve.Rates[at], curve.Rates[least], least >= count - 1 - reach && !curve.Exploded);
    }
}
