namespace Sightline.Metrics;

/// <summary>
/// Quantiles of the standard normal distribution: the rational approximation of Acklam (2003, relative error below 1.2e-9), then one
/// step of Halley's method on the complementary error function, which brings it to about 1e-15.
/// </summary>
internal static class NormalQuantile
{
    private static readonly double[] A =
        [-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00];

    private static readonly double[] B =
        [-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01];

    private static readonly double[] C =
        [-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00];

    private static readonly double[] D = [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00];

    /// <summary>The x with Φ(x) = <paramref name="p"/>.</summary>
    /// <param name="p">A probability inside (0, 1).</param>
    /// <returns>The quantile.</returns>
    internal static double Of(double p)
    {
        double x;
        if (p is < 0.02425 or > 1 - 0.02425)
        {
            double q = Math.Sqrt(-2 * Math.Log(Math.Min(p, 1 - p)));
            x = Horner(C, q) / (Horner(D, q) * q + 1);
            if (p > 0.5)
                x = -x;
        }
        else
        {
            double q = p - 0.5;
            double r = q * q;
            x = Horner(A, r) * q / (Horner(B, r) * r + 1);
        }
        double error = 0.5 * Erfc(-x / Math.Sqrt(2)) - p;
        double u = error * Math.Sqrt(2 * Math.PI) * Math.Exp(x * x / 2);
        return x - u / (1 + x * u / 2);
    }

    private static double Horner(double[] coefficients, double x)
    {
        double sum = 0;
        foreach (double c in coefficients)
            sum = sum * x + c;
        return sum;
    }

    /// <summary>erfc by its Taylor series near zero and by its continued fraction (Lentz) elsewhere.</summary>
    private static double Erfc(double x)
    {
        double a = Math.Abs(x);
        double result;
        if (a < 2)
        {
            double term = a, sum = a;
            for (int n = 1; Math.Abs(term) > 1e-17 * sum && n < 200; n++)
            {
                term *= -a * a / n;
                sum += term / (2 * n + 1);
            }
            result = 1 - 2 / Math.Sqrt(Math.PI) * sum;
        }
        else
        {
            double f = a, c = a, d = 0;
            for (int n = 1; n < 500; n++)
            {
                double k = n / 2.0;
                d = 1 / (a + k * d);
                c = a + k / c;
                double delta = c * d;
                f *= delta;
                if (Math.Abs(delta - 1) < 1e-16)
                    break;
            }
            result = Math.Exp(-a * a) / (f * Math.Sqrt(Math.PI));
        }
        return x < 0 ? 2 - result : result;
    }
}
