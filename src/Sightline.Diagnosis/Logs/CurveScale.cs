namespace Sightline.Diagnosis;

/// <summary>Brings accuracies to fractions: out of percent, out of error rates. Losses stay on their own scale.</summary>
internal static class CurveScale
{
    // No fraction is above 1; a little room for rounding and for what a plot's smoothing adds.
    private const double LargestFraction = 1.5;
    private const double LargestPercentage = 100.01;

    internal static IReadOnlyList<EpochPoint> Apply(IReadOnlyList<EpochPoint> points, ChosenColumns choice, List<string> notes)
    {
        double train = Largest(points, p => p.TrainAccuracy), val = Largest(points, p => p.ValAccuracy);
        // A log has one scale: an accuracy of 1 beside one of 85 is one percent.
        bool isPercent = Math.Max(train, val) > LargestFraction;
        if (isPercent)
            notes.Add($"Accuracies rise to {RowOrder.Text(Math.Max(train, val))}: they are in percent, and are read as fractions.");
        double scale = isPercent ? 0.01 : 1;
        bool trainFits = Fits(points, p => p.TrainAccuracy, scale, CurveRole.TrainAccuracy, notes), valFits = Fits(points, p => p.ValAccuracy, scale, CurveRole.ValAccuracy, notes);
        bool trainError = choice[CurveRole.TrainAccuracy]?.IsErrorRate ?? false, valError = choice[CurveRole.ValAccuracy]?.IsErrorRate ?? false;
        if (!isPercent && trainFits && valFits && !trainError && !valError)
            return points;
        if (trainError || valError)
            notes.Add("Error rates are read as accuracies: 1 − error.");
        return
        [
            .. points.Select(p => p with
            {
                TrainAccuracy = trainFits ? Fraction(p.TrainAccuracy, isPercent, trainError) : double.NaN,
                ValAccuracy = valFits ? Fraction(p.ValAccuracy, isPercent, valError) : double.NaN,
            }),
        ];
    }

    private static double Fraction(double value, bool isPercent, bool isError)
    {
        double fraction = isPercent ? value / 100 : value;
        return isError ? 1 - fraction : fraction;
    }

    private static double Largest(IReadOnlyList<EpochPoint> points, Func<EpochPoint, double> value)
    {
        double largest = double.NegativeInfinity;
        foreach (EpochPoint point in points)
            largest = Math.Max(largest, double.IsFinite(value(point)) ? value(point) : largest);
        // Above that it is no percentage either, but a count of images.
        return largest > LargestPercentage ? double.NegativeInfinity : largest;
    }

    private static bool Fits(IReadOnlyList<EpochPoint> points, Func<EpochPoint, double> value, double scale, CurveRole role, List<string> notes)
    {
        foreach (EpochPoint point in points)
        {
            double fraction = value(point) * scale;
            if (fraction is > 1.0001 or < -0.0001)
            {
                notes.Add($"The {role.Words()} holds {RowOrder.Text(value(point))}, which is neither a fraction nor a percentage; it is left out.");
                return false;
            }
        }
        return true;
    }
}
