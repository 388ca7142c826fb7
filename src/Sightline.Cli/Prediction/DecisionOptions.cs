using System.CommandLine;
using System.Globalization;
using Sightline.Runtime;
using Sightline.Training.Evaluation;

namespace Sightline.Cli.Prediction;

/// <summary><c>--prior</c> and <c>--weight</c>: how often classes occur in service, and what missing them costs.</summary>
internal static class DecisionOptions
{
    private const string Uniform = "uniform", Train = "train";

    /// <summary>A fresh <c>--prior</c> option.</summary>
    public static Option<string?> Prior() => new("--prior")
    {
        Description = "The class frequencies in service, in the place of those learnt: uniform, train (those of the training images), or NAME=SHARE,NAME=SHARE… for all classes, summing to 1.",
    };

    /// <summary>A fresh <c>--weight</c> option.</summary>
    public static Option<string?> Weight() => new("--weight")
    {
        Description = "NAME=FACTOR,…: a miss of this class costs so many times as much as one of the others. Of two classes, it is then named from a probability of 1 / (1 + FACTOR) on.",
    };

    /// <summary>Adds what the options say to a network's logits; without any they stay as trained.</summary>
    /// <exception cref="BadInputException">An option cannot be used, or the checkpoint knows too little for it.</exception>
    public static void Apply(TrainedModel model, string? prior, string? weight)
    {
        if (prior is null && weight is null)
            return;
        double[]? shares = prior is null ? null : Shares(model, prior), weights = weight is null ? null : Weights(model.Classes, weight);
        model.Decide(DecisionRule.Of(model, shares, weights));
    }

    /// <summary>A rule as it stands in an exported file.</summary>
    public static ContractDecision? ForContract(DecisionRule? rule) => rule is null ? null : new(rule.Prior, rule.Learnt, rule.Weights, rule.Offsets);

    /// <summary>A rule in sentences.</summary>
    /// <param name="decision">The rule, or null.</param>
    /// <param name="classes">The class names.</param>
    /// <param name="caveats">Why it is not exact.</param>
    public static IEnumerable<string> Lines(ContractDecision? decision, IReadOnlyList<string> classes, IReadOnlyList<string>? caveats = null)
    {
        if (decision is null)
            yield break;
        if (decision is { Prior: { } prior, LearntPrior: { } learnt })
            yield return $"prior: {Listed(classes, prior)} in service; learnt were {Listed(classes, learnt)}";
        if (decision.Weights is { } weights)
        {
            string[] dear = [.. classes.Select((name, k) => (name, Factor: weights[k])).Where(c => c.Factor != 1).Select(c => $"a miss of {c.name} costs {Text(c.Factor)} times as much{Threshold(weights, c.Factor)}")];
            yield return $"weights: {(dear.Length > 0 ? string.Join(", ", dear) : "every miss costs the same")}";
            yield return "with weights, what stands for probabilities are scores to decide by; calibration and likelihood are those of the scores";
        }
        foreach (string caveat in caveats ?? [])
            yield return caveat;
    }

    private static string Threshold(IReadOnlyList<double> weights, double factor) =>
        weights.Count == 2 ? $" (named from a probability of {Text(1 - factor / weights.Sum())} on)" : "";

    private static double[] Shares(TrainedModel model, string prior)
    {
        IReadOnlyList<string> classes = model.Classes;
        if (prior == Uniform)
            return [.. classes.Select(_ => 1.0 / classes.Count)];
        if (prior == Train)
        {
            IReadOnlyList<int> counts = DecisionRule.TrainCounts(model);
            return [.. counts.Select(n => n / (double)counts.Sum())];
        }
        double?[] shares = ByClass("--prior", prior, classes, $"{Uniform}, {Train} or NAME=SHARE,NAME=SHARE…");
        string[] missing = [.. classes.Where((_, k) => shares[k] is null)];
        return missing.Length == 0
            ? [.. shares.Select(s => s!.Value)]
            : throw new BadInputException("usage", $"--prior gives no share for {string.Join(", ", missing.Take(10).Select(m => $"'{m}'"))}{(missing.Length > 10 ? $" and {missing.Length - 10} more" : "")}; every class needs one.");
    }

    private static double[] Weights(IReadOnlyList<string> classes, string weight) => [.. ByClass("--weight", weight, classes, "NAME=FACTOR,…").Select(w => w ?? 1)];

    private static double?[] ByClass(string option, string text, IReadOnlyList<string> classes, string expected)
    {
        var values = new double?[classes.Count];
        for (int at = 0; at < text.Length || at == 0;)
        {
            // The longest class name that stands here: a name may itself hold commas and equals signs.
            int k = Enumerable.Range(0, classes.Count).Where(i => text.AsSpan(at).StartsWith(classes[i] + "=", StringComparison.Ordinal)).OrderByDescending(i => classes[i].Length).FirstOrDefault(-1);
            if (k < 0)
                throw Unknown(option, text[at..].Split(',')[0], classes, expected);
            int start = at + classes[k].Length + 1, end = text.IndexOf(',', start) is >= 0 and int comma ? comma : text.Length;
            string number = text[start..end];
            if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
                throw new BadInputException("usage", $"{option}: '{number}' for '{classes[k]}' is not a number.");
            if (values[k] is not null)
                throw new BadInputException("usage", $"{option} names '{classes[k]}' twice.");
            values[k] = value;
            at = end + 1;
        }
        return values;
    }

    private static BadInputException Unknown(string option, string part, IReadOnlyList<string> classes, string expected)
    {
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            return new BadInputException("usage", $"{option}: '{part}' is not of the form expected: {expected}.");
        string name = part[..equals];
        return new BadInputException("usage", $"{option}: '{name}' is not a class of this network.{(NearestName.Find(name, classes) is { } near ? $" Did you mean '{near}'?" : $" Classes: {string.Join(", ", classes.Take(20))}.")}");
    }

    private static string Listed(IReadOnlyList<string> classes, IReadOnlyList<double> shares) => shares.All(s => Math.Abs(s - shares[0]) < 1e-9)
        ? "equal for all"
        : string.Join(", ", classes.Take(20).Select((name, k) => $"{name} {shares[k].ToString("0.####", CultureInfo.InvariantCulture)}")) + (classes.Count > 20 ? ", …" : "");

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
