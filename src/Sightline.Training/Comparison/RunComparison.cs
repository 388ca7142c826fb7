using Sightline.Metrics;
using Sightline.Training.Recipes;

namespace Sightline.Training.Comparison;

/// <summary>What an interval says of a difference.</summary>
public enum DifferenceVerdict
{
    /// <summary>The second is better: the interval lies above 0.</summary>
    Better,

    /// <summary>The second is worse: the interval lies below 0.</summary>
    Worse,

    /// <summary>The interval holds 0: what is seen may be chance.</summary>
    CannotTell,
}

/// <summary>A key in which recipes differ.</summary>
/// <param name="Key">The dotted key.</param>
/// <param name="Values">Its value in each run, as YAML.</param>
public sealed record RecipeDifference(string Key, IReadOnlyList<string> Values);

/// <summary>Two runs on the same images.</summary>
/// <param name="First">The run that all others are held against.</param>
/// <param name="Second">The other.</param>
/// <param name="Part">Which images: <c>val</c> or <c>test</c>.</param>
/// <param name="Images">Their decisions, paired by image.</param>
public sealed record RunPair(string First, string Second, string Part, PairedComparison Images)
{
    /// <summary>What the interval over images says.</summary>
    public DifferenceVerdict Verdict => RunComparison.VerdictOf(Images.DifferenceInterval);
}

/// <summary>Two settings, each trained with several seeds.</summary>
/// <param name="First">The runs of the first.</param>
/// <param name="Second">The runs of the second.</param>
/// <param name="Difference">Mean best validation accuracy of the second less that of the first, a fraction.</param>
/// <param name="DifferenceInterval">Its 95 % interval over seeds, by Student's t.</param>
/// <param name="Paired">Whether runs of equal seeds were paired, which removes what a seed does to both.</param>
public sealed record SettingPair(IReadOnlyList<string> First, IReadOnlyList<string> Second, double Difference, Interval DifferenceInterval, bool Paired)
{
    /// <summary>What the interval over seeds says.</summary>
    public DifferenceVerdict Verdict => RunComparison.VerdictOf(DifferenceInterval);
}

/// <summary>Runs beside each other.</summary>
/// <param name="Runs">The runs; the first is what the others are held against.</param>
/// <param name="Differences">The keys in which their recipes differ.</param>
/// <param name="Pairs">The first with each other run, image by image; none where images were not asked for, or differ.</param>
/// <param name="Settings">The first's setting with each other that was trained with two seeds or more.</param>
/// <param name="Notes">What could not be compared, and why.</param>
public sealed record RunComparison(
    IReadOnlyList<ComparedRun> Runs, IReadOnlyList<RecipeDifference> Differences, IReadOnlyList<RunPair> Pairs, IReadOnlyList<SettingPair> Settings, IReadOnlyList<string> Notes)
{
    /// <summary>The keys in which recipes differ.</summary>
    /// <param name="runs">The runs.</param>
    /// <returns>In the order of a recipe.</returns>
    public static IReadOnlyList<RecipeDifference> DifferencesOf(IReadOnlyList<ComparedRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        Dictionary<string, string>[] leaves = [.. runs.Select(r => RecipeWriter.Leaves(r.Recipe).ToDictionary(l => l.Path, l => l.Value))];
        IEnumerable<string> keys = leaves.SelectMany(l => l.Keys).Distinct();
        return [.. keys.Select(k => new RecipeDifference(k, [.. leaves.Select(l => l.GetValueOrDefault(k, "null"))])).Where(d => d.Values.Distinct().Count() > 1)];
    }

    /// <summary>Settings that were trained with several seeds, held against the first run's.</summary>
    /// <param name="runs">The runs.</param>
    /// <returns>One for each other setting; none when the first's has one run only.</returns>
    public static IReadOnlyList<SettingPair> SettingsOf(IReadOnlyList<ComparedRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ComparedRun[][] settings = [.. runs.Where(r => r.Best is not null).GroupBy(r => RecipeWriter.Write(r.Setting)).Select(g => g.ToArray())];
        if (settings.Length < 2 || settings[0].Length < 2)
            return [];
        return [.. settings.Skip(1).Where(s => s.Length > 1).Select(s => Between(settings[0], s))];
    }

    internal static DifferenceVerdict VerdictOf(Interval interval) =>
        interval.Low > 0 ? DifferenceVerdict.Better : interval.High < 0 ? DifferenceVerdict.Worse : DifferenceVerdict.CannotTell;

    private static SettingPair Between(ComparedRun[] first, ComparedRun[] second)
    {
        string[] a = [.. first.Select(r => r.Name)], b = [.. second.Select(r => r.Name)];
        double[] x = [.. first.Select(r => r.Best!.ValTop1)], y = [.. second.Select(r => r.Best!.ValTop1)];
        double[] differences = [.. first.Join(second, r => r.Recipe.Seed, r => r.Recipe.Seed, (f, s) => s.Best!.ValTop1 - f.Best!.ValTop1)];
        bool paired = differences.Length == first.Length && differences.Length == second.Length;
        double difference = y.Average() - x.Average(), half;
        if (paired)
        {
            half = StudentQuantile.TwoSided95(differences.Length - 1) * Math.Sqrt(Variance(differences) / differences.Length);
        }
        else
        {
            // Welch 1947: each setting's own variance, and as many degrees of freedom as they are worth together.
            double u = Variance(x) / x.Length, v = Variance(y) / y.Length, sum = u + v;
            double freedom = sum > 0 ? sum * sum / (u * u / (x.Length - 1) + v * v / (y.Length - 1)) : x.Length + y.Length - 2;
            half = StudentQuantile.TwoSided95(Math.Max(1, (int)freedom)) * Math.Sqrt(sum);
        }
        return new SettingPair(a, b, difference, new Interval(Math.Max(-1, difference - half), Math.Min(1, difference + half), 0.95), paired);
    }

    private static double Variance(double[] values)
    {
        double mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
    }
}
