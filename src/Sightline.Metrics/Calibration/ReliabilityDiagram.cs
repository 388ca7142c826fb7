namespace Sightline.Metrics;

/// <summary>One bar of a reliability diagram: the decisions whose confidence lies in (<see cref="Low"/>, <see cref="High"/>].</summary>
/// <param name="Low">The lower end of the confidences, excluded (0 is included in the first bin).</param>
/// <param name="High">The upper end, included.</param>
/// <param name="Count">How many decisions fell in here.</param>
/// <param name="Confidence">Their mean confidence; null when there are none.</param>
/// <param name="Accuracy">The fraction of them that was right; null when there are none.</param>
public sealed record ReliabilityBin(double Low, double High, int Count, double? Confidence, double? Accuracy);

/// <summary>
/// How far a classifier's confidence can be believed (Guo, Pleiss, Sun, Weinberger 2017, "On Calibration of Modern Neural Networks",
/// section 2): of the decisions with confidence 0.8, four in five should be right.
/// </summary>
/// <param name="Bins">Equal-width bins of confidence, from low to high.</param>
/// <param name="ExpectedCalibrationError">Σ |B| / n · |accuracy(B) − confidence(B)| over the bins (equation 3 there).</param>
/// <param name="MaximumCalibrationError">The largest |accuracy(B) − confidence(B)| of a bin that is not empty (equation 5 there).</param>
public sealed record ReliabilityDiagram(IReadOnlyList<ReliabilityBin> Bins, double ExpectedCalibrationError, double MaximumCalibrationError)
{
    /// <summary>Bins decisions by confidence.</summary>
    /// <param name="confidences">The probability given to each decision, 0–1.</param>
    /// <param name="right">Whether each decision was right.</param>
    /// <param name="bins">How many bins; 15 as in the paper.</param>
    /// <returns>The diagram.</returns>
    /// <exception cref="ArgumentException">The spans are empty or their lengths differ.</exception>
    public static ReliabilityDiagram Of(ReadOnlySpan<float> confidences, ReadOnlySpan<bool> right, int bins = 15)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        if (confidences.Length != right.Length || confidences.Length == 0)
            throw new ArgumentException($"There must be one outcome for each confidence, at least one; got {confidences.Length} and {right.Length}.");
        var count = new int[bins];
        var hits = new int[bins];
        var sum = new double[bins];
        for (int i = 0; i < confidences.Length; i++)
        {
            int b = BinOf(confidences[i], bins);
            count[b]++;
            hits[b] += right[i] ? 1 : 0;
            sum[b] += confidences[i];
        }
        var list = new ReliabilityBin[bins];
        double largest = 0;
        for (int b = 0; b < bins; b++)
        {
            list[b] = new ReliabilityBin((double)b / bins, (double)(b + 1) / bins, count[b],
                count[b] == 0 ? null : sum[b] / count[b], count[b] == 0 ? null : (double)hits[b] / count[b]);
            if (count[b] > 0)
                largest = Math.Max(largest, Math.Abs(hits[b] - sum[b]) / count[b]);
        }
        return new ReliabilityDiagram(list, Ece(hits, sum, confidences.Length), largest);
    }

    /// <summary>The bin (b / bins, (b + 1) / bins] that holds <paramref name="confidence"/>.</summary>
    internal static int BinOf(float confidence, int bins) => Math.Clamp((int)Math.Ceiling((double)confidence * bins) - 1, 0, bins - 1);

    internal static double Ece(ReadOnlySpan<int> hits, ReadOnlySpan<double> confidence, int n)
    {
        double ece = 0;
        for (int b = 0; b < hits.Length; b++)
            ece += Math.Abs(hits[b] - confidence[b]) / n;
        return ece;
    }
}
