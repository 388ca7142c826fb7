namespace Sightline.Metrics;

/// <summary>How one class fares.</summary>
/// <param name="Name">The class.</param>
/// <param name="Precision">Of the images decided as this class, the fraction that is; null when none was (undefined).</param>
/// <param name="Recall">Of this class's images, the fraction found; null when the set has none (undefined).</param>
/// <param name="F1">2·TP / (2·TP + FP + FN); 0 when the class occurs and is never found; null when it neither occurs nor is predicted.</param>
/// <param name="Support">How many images of this class there are.</param>
/// <param name="Predicted">How many images were decided as this class.</param>
public sealed record ClassMetrics(string Name, double? Precision, double? Recall, double? F1, int Support, int Predicted)
{
    internal static ClassMetrics Of(string name, int hits, int support, int predicted) => new(
        name,
        predicted == 0 ? null : (double)hits / predicted,
        support == 0 ? null : (double)hits / support,
        support + predicted == 0 ? null : 2.0 * hits / (support + predicted),
        support,
        predicted);
}

/// <summary>
/// Averages over the classes that occur in the set (support above 0). An undefined precision in them counts as 0, as scikit-learn's
/// default does; classes without an image have no recall to average and are left out, where scikit-learn would count zeros.
/// </summary>
/// <param name="Precision">Mean precision.</param>
/// <param name="Recall">Mean recall.</param>
/// <param name="F1">Mean F1.</param>
public sealed record ClassAverages(double Precision, double Recall, double F1)
{
    /// <summary>Every class that occurs counts the same; the macro recall is the balanced accuracy.</summary>
    internal static ClassAverages Macro(IReadOnlyList<ClassMetrics> classes) => Mean(classes, c => c.Support > 0 ? 1 : 0);

    /// <summary>Every class counts by its images; the weighted recall is the top-1 accuracy.</summary>
    internal static ClassAverages Weighted(IReadOnlyList<ClassMetrics> classes) => Mean(classes, c => c.Support);

    private static ClassAverages Mean(IReadOnlyList<ClassMetrics> classes, Func<ClassMetrics, double> weight)
    {
        double precision = 0, recall = 0, f1 = 0, total = 0;
        foreach (ClassMetrics c in classes)
        {
            double w = weight(c);
            total += w;
            precision += w * (c.Precision ?? 0);
            recall += w * (c.Recall ?? 0);
            f1 += w * (c.F1 ?? 0);
        }
        return new ClassAverages(precision / total, recall / total, f1 / total);
    }
}
