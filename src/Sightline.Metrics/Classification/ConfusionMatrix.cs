namespace Sightline.Metrics;

/// <summary>Counts of decisions by true and predicted class.</summary>
public sealed class ConfusionMatrix
{
    private readonly int[] counts;

    /// <summary>Counts decisions.</summary>
    /// <param name="labels">The true class of each image.</param>
    /// <param name="predicted">The predicted class of each image.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a class lies outside 0 … classes − 1.</exception>
    public ConfusionMatrix(ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        if (labels.Length != predicted.Length)
            throw new ArgumentException($"There are {labels.Length} labels but {predicted.Length} decisions.");
        Classes = classes;
        counts = new int[classes * classes];
        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classes || (uint)predicted[i] >= (uint)classes)
                throw new ArgumentException($"Image {i}: label {labels[i]} or decision {predicted[i]} lies outside 0 … {classes - 1}.");
            counts[labels[i] * classes + predicted[i]]++;
        }
    }

    /// <summary>How many classes there are.</summary>
    public int Classes { get; }

    /// <summary>How many images of class <paramref name="label"/> were decided as <paramref name="predicted"/>.</summary>
    /// <param name="label">The true class.</param>
    /// <param name="predicted">The predicted class.</param>
    public int this[int label, int predicted] => counts[label * Classes + predicted];

    /// <summary>How many images are of class <paramref name="label"/>.</summary>
    /// <param name="label">The true class.</param>
    /// <returns>The row's sum.</returns>
    public int Support(int label)
    {
        int sum = 0;
        for (int p = 0; p < Classes; p++)
            sum += this[label, p];
        return sum;
    }

    /// <summary>How many images were decided as <paramref name="predicted"/>.</summary>
    /// <param name="predicted">The predicted class.</param>
    /// <returns>The column's sum.</returns>
    public int Predicted(int predicted)
    {
        int sum = 0;
        for (int t = 0; t < Classes; t++)
            sum += this[t, predicted];
        return sum;
    }
}
