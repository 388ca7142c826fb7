namespace Sightline.Metrics;

/// <summary>
/// How sure the figures of a <see cref="ClassificationReport"/> are: bootstrap percentile intervals (images drawn with replacement,
/// Efron 1979); for accuracies of few images, or with hardly a mistake, Wilson's (<see cref="Interval.OfProportion"/>).
/// </summary>
/// <remarks>
/// Images are taken as independent. Frames of one drive are not: there the true uncertainty is larger than these intervals say.
/// </remarks>
/// <param name="Top1">Of the top-1 accuracy.</param>
/// <param name="Top5">Of the top-5 accuracy.</param>
/// <param name="MacroF1">Of the macro-averaged F1 (over the classes that occur in each resample); where every decision is right, or none,
/// the bootstrap has nothing to draw from, and this is the accuracy's interval.</param>
/// <param name="BalancedAccuracy">Of the macro-averaged recall; where every decision is right, or none, the accuracy's interval.</param>
/// <param name="Ece">Of the expected calibration error. Resampling biases it upwards, the more the fewer images.</param>
/// <param name="NegativeLogLikelihood">Of the mean negative log-likelihood, in nats.</param>
/// <param name="Replicates">How many resamples were drawn.</param>
public sealed record ClassificationIntervals(
    Interval Top1, Interval Top5, Interval MacroF1, Interval BalancedAccuracy, Interval Ece, Interval NegativeLogLikelihood, int Replicates)
{
    internal static ClassificationIntervals Bootstrap(
        ReadOnlySpan<ClassificationReport.Outcome> outcomes, int classes, ulong seed, int replicates, double level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 1);
        int n = outcomes.Length;
        double[] top1 = new double[replicates], top5 = new double[replicates], f1 = new double[replicates];
        double[] balanced = new double[replicates], ece = new double[replicates], loss = new double[replicates];
        int[] hits = new int[classes], support = new int[classes], predicted = new int[classes];
        int[] binHits = new int[ClassificationReport.CalibrationBins];
        double[] binConfidence = new double[ClassificationReport.CalibrationBins];
        for (int r = 0; r < replicates; r++)
        {
            Array.Clear(hits);
            Array.Clear(support);
            Array.Clear(predicted);
            Array.Clear(binHits);
            Array.Clear(binConfidence);
            var stream = new SeedStream(seed, "bootstrap", r);
            int right = 0, among5 = 0;
            double sumLoss = 0;
            for (int i = 0; i < n; i++)
            {
                ref readonly ClassificationReport.Outcome o = ref outcomes[stream.NextInt(n)];
                support[o.Label]++;
                predicted[o.Predicted]++;
                binConfidence[o.Bin] += o.Confidence;
                sumLoss += o.Loss;
                among5 += o.Rank < 5 ? 1 : 0;
                if (o.Label != o.Predicted)
                    continue;
                right++;
                hits[o.Label]++;
                binHits[o.Bin]++;
            }
            top1[r] = (double)right / n;
            top5[r] = (double)among5 / n;
            loss[r] = sumLoss / n;
            ece[r] = ReliabilityDiagram.Ece(binHits, binConfidence, n);
            (f1[r], balanced[r]) = MacroOf(hits, support, predicted);
        }
        int allRight = 0, allAmong5 = 0;
        foreach (ref readonly ClassificationReport.Outcome o in outcomes)
        {
            allRight += o.Label == o.Predicted ? 1 : 0;
            allAmong5 += o.Rank < 5 ? 1 : 0;
        }
        Interval accuracy = Interval.OfProportion(allRight, n, top1, level);
        bool same = allRight == 0 || allRight == n;
        // With five classes or fewer the label is among five by definition.
        Interval five = classes <= 5 ? new Interval(1, 1, level) : Interval.OfProportion(allAmong5, n, top5, level);
        return new ClassificationIntervals(
            accuracy, five, same ? accuracy : Interval.Percentile(f1, level), same ? accuracy : Interval.Percentile(balanced, level),
            Interval.Percentile(ece, level), Interval.Percentile(loss, level), replicates);
    }

    private static (double F1, double Recall) MacroOf(int[] hits, int[] support, int[] predicted)
    {
        double f1 = 0, recall = 0;
        int occurring = 0;
        for (int c = 0; c < hits.Length; c++)
        {
            if (support[c] == 0)
                continue;
            occurring++;
            f1 += 2.0 * hits[c] / (support[c] + predicted[c]);
            recall += (double)hits[c] / support[c];
        }
        return (f1 / occurring, recall / occurring);
    }
}
