using System.Globalization;
using static System.FormattableString;

namespace Sightline.Training.Sweeping;

/// <summary>A range test in words, the same on a terminal and on a page.</summary>
public static class RangeTestText
{
    /// <summary>What it says, sentence by sentence.</summary>
    /// <param name="curve">The curve.</param>
    /// <returns>How the rise ended, where the loss fell and rose, and what to set.</returns>
    public static IReadOnlyList<string> Lines(RangeTestCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        if (curve.Losses.Count == 0)
            return ["No step was taken: the loss was not finite at the first rate. Begin lower."];
        string end = curve.Exploded ? Invariant($"the smoothed loss rose above {RangeTestCurve.Limit} times its minimum")
            : curve.Losses.Count < curve.Steps ? "the loss or a gradient was no longer finite"
            : "that is the end of the range";
        string taken = Invariant($"{curve.Losses.Count} of {curve.Steps} steps, up to a rate of {Written(curve.Rates[^1])}: {end}.");
        if (RateSuggestion.Of(curve) is not { } says)
            return [taken, "Too few steps to say anything. Begin lower, or take more steps."];
        if (says.Steepest is not double steepest)
            return [taken, "The loss never fell, so that nothing can be suggested. Begin lower, or take more steps."];
        List<string> lines =
        [
            taken,
            $"The smoothed loss fell fastest at {Written(steepest)} and was least at {Written(says.Minimum)}.",
            $"Suggested: {Setting(steepest)} (where it fell fastest).",
            $"Or: {Setting(says.BelowMinimum!.Value)} (one order of magnitude below the minimum).",
        ];
        if (says.StillFalling)
            lines.Add("It was still falling at the end of the range: a higher end may show a higher rate.");
        return lines;
    }

    /// <summary>The option that takes a rate.</summary>
    /// <param name="rate">The rate.</param>
    /// <returns>What to type, the rate in two significant digits; more says more than a noisy curve can.</returns>
    public static string Setting(double rate) => $"--set {SweptKey.LearningRate}={Written(rate)}";

    private static string Written(double rate) => double.Parse(rate.ToString("G2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
}
