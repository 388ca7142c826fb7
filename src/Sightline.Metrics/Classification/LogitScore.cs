namespace Sightline.Metrics;

/// <summary>What rows of logits are worth against their labels.</summary>
/// <param name="Loss">Mean cross-entropy.</param>
/// <param name="Top1">Accuracy, a fraction.</param>
/// <param name="ConfidentlyWrong">Share of the images for which another class than the label's got a probability of 0.9 or more.</param>
/// <param name="LossMedian">The median of the images' losses.</param>
/// <param name="LossP90">The loss that nine of ten images stay below: far above the median where labels are wrong.</param>
/// <param name="Predictions">How many images were taken for each class.</param>
public sealed record LogitScore(double Loss, double Top1, double ConfidentlyWrong, double LossMedian, double LossP90, IReadOnlyList<int> Predictions)
{
    private const double Confident = 0.9;

    /// <summary>Scores rows of logits.</summary>
    /// <param name="logits">Row-major <c>[N, K]</c>.</param>
    /// <param name="labels">N labels, at least one.</param>
    /// <param name="classes">K.</param>
    /// <returns>The score; of equal logits the first counts.</returns>
    public static LogitScore Of(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classes)
    {
        double[] losses = new double[labels.Length];
        int correct = 0, wrong = 0;
        int[] predictions = new int[classes];
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<float> row = logits.Slice(i * classes, classes);
            int best = 0;
            for (int k = 1; k < row.Length; k++)
                best = row[k] > row[best] ? k : best;
            double sum = 0;
            foreach (float v in row)
                sum += Math.Exp(v - (double)row[best]);
            losses[i] = row[best] + Math.Log(sum) - row[labels[i]];
            predictions[best]++;
            correct += best == labels[i] ? 1 : 0;
            wrong += best != labels[i] && 1 / sum >= Confident ? 1 : 0;
        }
        double mean = losses.Average();
        Array.Sort(losses);
        return new LogitScore(mean, (double)correct / labels.Length, (double)wrong / labels.Length, Quantile(losses, 0.5), Quantile(losses, 0.9), predictions);
    }

    // Between the two values around it, as numpy does.
    private static double Quantile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at;
        return sorted[below] + (at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }
}
