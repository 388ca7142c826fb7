using static System.FormattableString;

namespace Sightline.Training.Comparison;

/// <summary>A comparison's verdicts in words, the same on a terminal and on a page.</summary>
public static class ComparisonText
{
    /// <summary>A sentence for each pair of runs and of settings.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <returns>The sentences; one that says so when nothing could be held against anything.</returns>
    public static IReadOnlyList<string> Verdicts(RunComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        string[] lines =
        [
            .. comparison.Pairs.Select(p => Invariant($"{p.Second} against {p.First} on the same {p.Images.Images} {(p.Part == "val" ? "validation" : "test")} images: {Points(p.Images.Difference)} points [{Points(p.Images.DifferenceInterval.Low)}, {Points(p.Images.DifferenceInterval.High)}]; right alone {p.Images.OnlySecond} and {p.Images.OnlyFirst} times. {Words(p.Verdict, p.Second, "these two networks")}")),
            .. comparison.Settings.Select(s => Invariant($"{string.Join(", ", s.Second)} against {string.Join(", ", s.First)}, {(s.Paired ? "paired by seed" : "by their means")}: {Points(s.Difference)} points [{Points(s.DifferenceInterval.Low)}, {Points(s.DifferenceInterval.High)}]. {Words(s.Verdict, "The second setting", "these settings")}")),
        ];
        return lines.Length > 0 ? lines : ["Nothing could be held against anything: see the notes, and compare by the curves."];
    }

    private static string Words(DifferenceVerdict verdict, string second, string both) => verdict switch
    {
        DifferenceVerdict.Better => $"{second} is better by more than chance.",
        DifferenceVerdict.Worse => $"{second} is worse by more than chance.",
        _ => $"Chance alone may part {both} as far.",
    };

    private static string Points(double fraction) => (100 * fraction).ToString("+0.0;-0.0;0.0", System.Globalization.CultureInfo.InvariantCulture);
}
