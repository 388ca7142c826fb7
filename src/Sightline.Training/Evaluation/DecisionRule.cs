using System.Globalization;
using Sightline.Training.Recipes;

namespace Sightline.Training.Evaluation;

/// <summary>
/// What is added to a trained classifier's logits so that it decides for where it works: the class frequencies there instead of those that
/// it has learnt (Saerens, Latinne, Decaestecker: "Adjusting the Outputs of a Classifier to New a Priori Probabilities", 2002, equation 2.4),
/// and what missing each class costs (Elkan: "The Foundations of Cost-Sensitive Learning", IJCAI 2001). The class with the largest sum is
/// the one of least expected cost, if the network's probabilities are right.
/// </summary>
public sealed record DecisionRule
{
    // Shares typed with three digits add up to this.
    private const double SumTolerance = 1e-3;

    private DecisionRule()
    {
    }

    /// <summary>The class frequencies in service, by index of the class, summing to 1; null leaves those learnt.</summary>
    public IReadOnlyList<double>? Prior { get; private init; }

    /// <summary>The class frequencies that the logits contain; null when <see cref="Prior"/> is.</summary>
    public IReadOnlyList<double>? Learnt { get; private init; }

    /// <summary>What a miss of each class costs, relative to the others; null when all cost the same. With weights, what comes out is no
    /// probability but a score to decide by.</summary>
    public IReadOnlyList<double>? Weights { get; private init; }

    /// <summary>What is added to each logit: log(prior / learnt) + log(weight).</summary>
    public IReadOnlyList<double> Offsets { get; private init; } = [];

    /// <summary>Why the correction is not exact, in sentences; empty when nothing in the recipe speaks against it.</summary>
    public IReadOnlyList<string> Caveats { get; private init; } = [];

    /// <summary>The rule for a trained network.</summary>
    /// <param name="model">The network.</param>
    /// <param name="prior">The class frequencies in service, summing to 1; null leaves those learnt.</param>
    /// <param name="weights">What a miss of each class costs; null when all cost the same.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="BadInputException">A number cannot be used (<c>prior</c>, <c>weight</c>), or the checkpoint doesn't know how many
    /// images of each class it was trained on (<c>checkpoint-counts</c>).</exception>
    public static DecisionRule Of(TrainedModel model, IReadOnlyList<double>? prior, IReadOnlyList<double>? weights)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Of(model.Classes, model.Recipe, prior is null ? null : TrainCounts(model), prior, weights);
    }

    /// <summary>The rule for a network trained by a recipe on so many images of each class.</summary>
    /// <param name="classes">The class names.</param>
    /// <param name="recipe">What it was trained with.</param>
    /// <param name="counts">Training images of each class; may be null without <paramref name="prior"/>.</param>
    /// <param name="prior">The class frequencies in service, summing to 1; null leaves those learnt.</param>
    /// <param name="weights">What a miss of each class costs; null when all cost the same.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="BadInputException">A number cannot be used (<c>prior</c>, <c>weight</c>), or a class was never seen (<c>class-empty</c>).</exception>
    public static DecisionRule Of(IReadOnlyList<string> classes, Recipe recipe, IReadOnlyList<int>? counts, IReadOnlyList<double>? prior, IReadOnlyList<double>? weights)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(recipe);
        double[]? learnt = null, service = null;
        if (prior is not null)
        {
            Check(classes, prior, "prior", "the share of");
            if (Math.Abs(prior.Sum() - 1) > SumTolerance * (1 + 1e-9))
                throw new BadInputException("prior", $"The shares of the prior add up to {Text(prior.Sum())}; expected 1.", fix: "Give shares of a whole, e.g. --prior cone=0.7,person=0.3.");
            ArgumentNullException.ThrowIfNull(counts);
            if (classes.Where((_, k) => counts[k] == 0).FirstOrDefault() is { } unseen)
                throw new BadInputException("class-empty", $"Class '{unseen}' had no training image, so its logit holds no share that another could replace.", fix: "Train with images of it, or weigh the classes by --weight alone.");
            learnt = LearntPrior.Of(recipe, counts);
            service = LearntPrior.Normalised([.. prior]);
        }
        if (weights is not null)
            Check(classes, weights, "weight", "the weight of");
        return new DecisionRule
        {
            Prior = service,
            Learnt = learnt,
            Weights = weights,
            Offsets = [.. classes.Select((_, k) => (service is null ? 0 : Math.Log(service[k] / learnt![k])) + (weights is null ? 0 : Math.Log(weights[k])))],
            Caveats = prior is null ? [] : LearntPrior.Caveats(recipe),
        };
    }

    /// <summary>How many images of each class a network was trained on.</summary>
    /// <param name="model">The network.</param>
    /// <returns>The counts by index of the class.</returns>
    /// <exception cref="BadInputException">The checkpoint doesn't know (<c>checkpoint-counts</c>).</exception>
    public static IReadOnlyList<int> TrainCounts(TrainedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.State.Counts?.Train ?? throw new BadInputException("checkpoint-counts",
            "The checkpoint doesn't say how many images of each class it was trained on (it is from before this was kept), so its prior is not known.", model.Path,
            fix: "Train again, or weigh the classes by --weight alone.");
    }

    private static void Check(IReadOnlyList<string> classes, IReadOnlyList<double> values, string code, string what)
    {
        if (values.Count != classes.Count)
            throw new BadInputException(code, $"There are {values.Count} numbers for {classes.Count} classes.");
        for (int k = 0; k < values.Count; k++)
        {
            if (!(values[k] > 0) || !double.IsFinite(values[k]))
                throw new BadInputException(code, $"{char.ToUpperInvariant(what[0])}{what[1..]} '{classes[k]}' is {Text(values[k])}; expected more than 0.", fix: "Leave a class out that never comes, or give it a small number.");
        }
    }

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
