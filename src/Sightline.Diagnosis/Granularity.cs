namespace Sightline.Diagnosis;

/// <summary>How many images an accuracy was measured on, told by the steps in which it moves: with n images it is a multiple of 1/n.</summary>
internal static class Granularity
{
    // Below, logs that keep four digits can tell neighbouring numbers apart.
    private const int Most = 200;
    private const int FewestValues = 5;

    /// <summary>The smallest number of images that explains all values.</summary>
    /// <param name="accuracies">Fractions.</param>
    /// <returns>The number; null when none up to 200 does, or when there are too few different values to tell.</returns>
    internal static int? Images(IReadOnlyList<double> accuracies)
    {
        ArgumentNullException.ThrowIfNull(accuracies);
        double[] values = [.. accuracies.Where(v => v is > 0 and < 1).Distinct()];
        if (values.Length < FewestValues)
            return null;
        const double off = 6e-5;
        for (int n = 2; n <= Most; n++)
        {
            if (Array.TrueForAll(values, v => Math.Abs(v * n - Math.Round(v * n)) <= off * n))
                return n;
        }
        return null;
    }
}
