using Sightline.Training.Losses;
using Sightline.Training.Recipes;

namespace Sightline.Training.Pipeline;

/// <summary>
/// How often each image comes in an epoch. A share of 2.3 comes twice in most epochs and three times in the others; a share of 0.4 in
/// four epochs of ten. Every epoch has the same length.
/// </summary>
public sealed class SampleShares
{
    private readonly double[] upTo;

    private SampleShares(double[] shares)
    {
        Shares = shares;
        upTo = new double[shares.Length];
        double sum = 0;
        for (int i = 0; i < shares.Length; i++)
            upTo[i] = sum += shares[i];
        // A sum a hair below a whole number is that number.
        Count = checked((int)Math.Floor(sum + 1e-6));
    }

    /// <summary>How often each image comes in an epoch, on average.</summary>
    public IReadOnlyList<double> Shares { get; }

    /// <summary>Images in an epoch.</summary>
    public int Count { get; }

    /// <summary>The shares of a recipe.</summary>
    /// <param name="recipe">The rule.</param>
    /// <param name="labels">The images' classes.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <returns>The shares, or null when every image comes once.</returns>
    /// <exception cref="BadInputException">A class has no images (<c>class-empty</c>).</exception>
    public static SampleShares? Of(SamplingRecipe recipe, IReadOnlyList<int> labels, int classes)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(labels);
        if (recipe.Name == SamplingName.Uniform)
            return null;
        int[] counts = new int[classes];
        foreach (int label in labels)
            counts[label]++;
        double[] ofClass = OfClasses(recipe, counts);
        return new SampleShares([.. labels.Select(l => ofClass[l])]);
    }

    /// <summary>How often an image of each class comes in an epoch, on average.</summary>
    /// <param name="recipe">The rule.</param>
    /// <param name="counts">The images of each class.</param>
    /// <returns>One share a class.</returns>
    /// <exception cref="BadInputException">A class has no images (<c>class-empty</c>).</exception>
    public static double[] OfClasses(SamplingRecipe recipe, IReadOnlyList<int> counts)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(counts);
        if (recipe.Name == SamplingName.Uniform)
            return [.. counts.Select(_ => 1.0)];
        ClassWeights.Filled(counts);
        int classes = counts.Count;
        double images = counts.Sum(), threshold = recipe.Threshold ?? 1.0 / classes, roots = counts.Sum(n => Math.Sqrt(n));
        return [.. counts.Select(n => recipe.Name switch
        {
            SamplingName.ClassBalanced => images / (classes * (double)n),
            SamplingName.SquareRoot => images / (roots * Math.Sqrt(n)),
            SamplingName.RepeatFactor => Math.Max(1, Math.Sqrt(threshold * images / n)),
            _ => throw new NotSupportedException($"sampling {recipe.Name}"),
        })];
    }

    /// <summary>The images of an epoch, in the order of their indices, those that come several times one after the other.</summary>
    /// <param name="start">Where the first falls, in [0, 1): a new one each epoch decides what a fraction of a share becomes.</param>
    /// <returns>Indices, <see cref="Count"/> of them.</returns>
    internal int[] Draw(double start)
    {
        // Systematic sampling: one point every whole step along the shares laid end to end. Each image gets the whole number below its
        // share or the one above, and the sum is the same whatever the start.
        int[] drawn = new int[Count];
        int image = 0;
        for (int i = 0; i < drawn.Length; i++)
        {
            while (image < upTo.Length - 1 && upTo[image] <= start + i)
                image++;
            drawn[i] = image;
        }
        return drawn;
    }
}
