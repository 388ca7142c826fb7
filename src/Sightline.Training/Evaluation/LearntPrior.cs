// A network trained by cross-entropy gives log p(image | class) + log π(class), up to a constant, where π are the class frequencies that its
// loss saw. From class k with nₖ images, drawn rₖ times an epoch each, counting wₖ each, the loss saw nₖ · rₖ · wₖ. Logit adjustment by τ
// adds τ · log pₖ to the logits in training (pₖ = nₖ / Σ n), so this much is missing in those that the network gives:
//
//   πₖ ∝ nₖ · rₖ · wₖ / pₖ^τ
//
//   as the images come         πₖ = pₖ
//   logit adjustment           πₖ ∝ pₖ^(1 − τ), equal for all at τ = 1 (balanced softmax)
//   class-balanced sampling    equal for all, and so with weights by inverse frequency

using Sightline.Training.Losses;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;

namespace Sightline.Training.Evaluation;

/// <summary>The class frequencies that a training leaves in its network's logits.</summary>
public static class LearntPrior
{
    /// <summary>The frequencies by loss, sampler and images.</summary>
    /// <param name="recipe">What the network was trained with.</param>
    /// <param name="counts">Training images of each class.</param>
    /// <returns>One share a class, summing to 1.</returns>
    /// <exception cref="BadInputException">A class has no images (<c>class-empty</c>).</exception>
    public static double[] Of(Recipe recipe, IReadOnlyList<int> counts)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(counts);
        double images = ClassWeights.Filled(counts).Sum();
        double[] drawn = SampleShares.OfClasses(recipe.Data.Sampling, counts);
        double[]? weights = ClassWeights.Of(recipe.Loss, counts);
        return Normalised([.. counts.Select((n, k) => n * drawn[k] * (weights?[k] ?? 1) / Math.Pow(n / images, recipe.Loss.LogitAdjustment))]);
    }

    /// <summary>What in a recipe makes its network's outputs no exact probabilities, so that a correction of the prior isn't exact.</summary>
    /// <param name="recipe">What the network was trained with.</param>
    /// <returns>One sentence each.</returns>
    public static IReadOnlyList<string> Caveats(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var caveats = new List<string>();
        if (recipe.Loss.Name == LossName.Focal && recipe.Loss.FocalGamma > 0)
            caveats.Add("Trained with focal loss, whose outputs are less certain than probabilities: the correction of the prior is approximate.");
        if (recipe.Loss.LabelSmoothing > 0 || recipe.Augmentation.MixesLabels)
            caveats.Add($"Trained on softened targets ({(recipe.Loss.LabelSmoothing > 0 ? "label smoothing" : "MixUp or CutMix")}), which a network's outputs follow: the correction of the prior is approximate.");
        if (recipe.Data.Sampling.Name != SamplingName.Uniform || recipe.Loss.ClassWeights != ClassWeighting.None || recipe.Loss.Weights.Count > 0)
            caveats.Add("The frequencies that were learnt are reckoned from the sampler and the class weights; a network that has learnt its training images by heart follows neither.");
        return caveats;
    }

    /// <summary>Shares of a sum.</summary>
    internal static double[] Normalised(double[] values)
    {
        double sum = values.Sum();
        return Array.ConvertAll(values, v => v / sum);
    }
}
