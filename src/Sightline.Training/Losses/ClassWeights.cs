using Sightline.Training.Recipes;

namespace Sightline.Training.Losses;

/// <summary>What an image of each class counts in the loss.</summary>
/// <remarks>Weights are scaled so that a training image counts 1 on average: the loss keeps its size, and with it the learning rate its meaning.
/// Papers scale to a sum of K instead (Cui et al. 2019) or not at all.</remarks>
public static class ClassWeights
{
    /// <summary>The weights of a recipe.</summary>
    /// <param name="recipe">The rule, or the weights themselves.</param>
    /// <param name="counts">Training images of each class.</param>
    /// <returns>One weight a class, or null when all count the same.</returns>
    /// <exception cref="BadInputException">A class has no images (<c>class-empty</c>), or the list is not one weight a class (<c>class-weights</c>).</exception>
    public static double[]? Of(LossRecipe recipe, IReadOnlyList<int> counts)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(counts);
        if (recipe.Weights.Count > 0)
        {
            if (recipe.Weights.Count != counts.Count)
            {
                throw new BadInputException("class-weights", $"loss.weights holds {recipe.Weights.Count} weight{(recipe.Weights.Count == 1 ? "" : "s")}, and the set has {counts.Count} classes.",
                    fix: "Give one for each class, in the order that sightline data info prints.");
            }
            return Scaled([.. recipe.Weights], counts);
        }
        return recipe.ClassWeights switch
        {
            ClassWeighting.None => null,
            ClassWeighting.InverseFrequency => Scaled([.. Filled(counts).Select(n => 1.0 / n)], counts),
            ClassWeighting.EffectiveNumber => Scaled([.. Filled(counts).Select(n => 1 / EffectiveNumber(n, recipe.EffectiveBeta))], counts),
            _ => throw new NotSupportedException($"class weights {recipe.ClassWeights}"),
        };
    }

    /// <summary>How many images a class's images are worth when each new one may repeat what is known: (1 − βⁿ) / (1 − β) (Cui, Jia,
    /// Lin, Song, Belongie: "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019, equation 2).</summary>
    /// <param name="images">n, at least 1.</param>
    /// <param name="beta">β in [0, 1): at 0 every class is worth one image, towards 1 it is worth n.</param>
    /// <returns>The effective number.</returns>
    public static double EffectiveNumber(int images, double beta) => (1 - Math.Pow(beta, images)) / (1 - beta);

    /// <summary>Makes sure that every class has images.</summary>
    internal static IReadOnlyList<int> Filled(IReadOnlyList<int> counts)
    {
        int empty = -1;
        for (int k = 0; k < counts.Count && empty < 0; k++)
            empty = counts[k] == 0 ? k : -1;
        return empty < 0 ? counts : throw new BadInputException("class-empty", $"Class number {empty} (from 0, in the order of data info) has no training image, so nothing can be balanced by its frequency.", fix: "Leave the class out, or balance by loss.weights.");
    }

    private static double[] Scaled(double[] weights, IReadOnlyList<int> counts)
    {
        double images = counts.Sum(), mean = 0;
        for (int k = 0; k < weights.Length; k++)
            mean += weights[k] * counts[k] / images;
        return Array.ConvertAll(weights, w => w / mean);
    }
}
