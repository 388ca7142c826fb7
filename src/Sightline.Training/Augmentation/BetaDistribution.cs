namespace Sightline.Training.Augmentation;

/// <summary>Draws from the Beta distribution.</summary>
internal static class BetaDistribution
{
    /// <summary>X / (X + Y) with X, Y from Gamma(α).</summary>
    internal static double Symmetric(double alpha, ref SeedStream stream)
    {
        double logX = LogGamma(alpha, ref stream), logY = LogGamma(alpha, ref stream);
        // In logarithms: for small α both draws underflow together.
        return 1 / (1 + Math.Exp(logY - logX));
    }

    /// <summary>ln of a draw from Gamma(α, 1) (Marsaglia and Tsang 2000; below 1 by Gamma(α + 1) · U^(1/α)).</summary>
    private static double LogGamma(double alpha, ref SeedStream stream)
    {
        if (alpha < 1)
            return LogGamma(alpha + 1, ref stream) + Math.Log(1 - stream.NextDouble()) / alpha;
        double d = alpha - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = stream.Normal(), v = 1 + c * x;
            if (v <= 0)
                continue;
            v = v * v * v;
            if (Math.Log(1 - stream.NextDouble()) < 0.5 * x * x + d - d * v + d * Math.Log(v))
                return Math.Log(d) + Math.Log(v);
        }
    }
}
