using System.Globalization;
using System.Text.RegularExpressions;
using Sightline.Labs;

namespace Sightline.Cli.Guide.Writing;

/// <summary>
/// Whether an expectation that was written before a run held, worked out from the results, so that a page cannot go on claiming what the
/// numbers contradict. Forms: <c>A &lt; 0.1</c>, <c>A - B &gt; 0.05</c>, <c>|A - B| &lt; 0.015</c>, <c>A / B &lt; 10</c>, where A and B are
/// LAB/GROUP/METRIC.
/// </summary>
internal static partial class Verdict
{
    /// <summary>Works it out.</summary>
    /// <param name="expression">The expectation.</param>
    /// <param name="numbers">The results.</param>
    /// <returns>E.g. <c>held (8.1 points)</c>, <c>failed (ratio 159)</c>, <c>not yet run</c>.</returns>
    /// <exception cref="BadInputException">The expression has another form.</exception>
    public static string Of(string expression, LabNumbers numbers)
    {
        Match m = Form().Match(expression);
        if (!m.Success)
            throw new BadInputException("bad-verdict", $"'{expression}' is none of: A < x, A - B > x, |A - B| < x, A / B < x.");
        SeedStatistics? a = numbers.Find(m.Groups["a"].Value);
        SeedStatistics? b = m.Groups["b"].Success ? numbers.Find(m.Groups["b"].Value) : null;
        if (a is null || (m.Groups["b"].Success && b is null))
            return LabNumbers.NotYetRun;
        string sign = m.Groups["op"].Value;
        double value = sign switch { "-" => a.Mean - b!.Mean, "/" => a.Mean / b!.Mean, _ => a.Mean };
        if (m.Groups["abs"].Value == "|")
            value = Math.Abs(value);
        double bound = double.Parse(m.Groups["x"].Value, CultureInfo.InvariantCulture);
        bool held = m.Groups["than"].Value == "<" ? value < bound : value > bound;
        // A difference of rates is told in points, a rate in percent.
        bool rate = sign != "/" && a.IsRate;
        string shown = rate ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + (sign == "-" ? " points" : " %") : value.ToString("0.00", CultureInfo.InvariantCulture);
        return $"{(held ? "held" : "failed")} ({shown})";
    }

    [GeneratedRegex(@"^(?<abs>\|?)\s*(?<a>[\w./-]+?)(?:\s+(?<op>[-/])\s+(?<b>[\w./-]+?))?\s*\|?\s*(?<than>[<>])\s*(?<x>-?[0-9.]+)$")]
    private static partial Regex Form();
}
