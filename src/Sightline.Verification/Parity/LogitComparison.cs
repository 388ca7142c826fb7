namespace Sightline.Verification;

/// <summary>Two sets of logits of the same inputs, compared number by number and decision by decision.</summary>
public sealed class LogitComparison
{
    private readonly List<float> differences = [];

    /// <summary>Largest absolute difference; NaN once a logit was not finite.</summary>
    public double Max { get; private set; }

    /// <summary>Whether every exported logit was a finite number.</summary>
    public bool Finite { get; private set; } = true;

    /// <summary>Adds one input's logits.</summary>
    /// <param name="trained">From the trained network.</param>
    /// <param name="exported">From the exported file.</param>
    public void Add(ReadOnlySpan<float> trained, ReadOnlySpan<float> exported)
    {
        for (int i = 0; i < trained.Length; i++)
        {
            double difference = Math.Abs((double)trained[i] - exported[i]);
            Finite &= float.IsFinite(exported[i]);
            Max = double.IsNaN(difference) || double.IsNaN(Max) ? double.NaN : Math.Max(Max, difference);
            differences.Add((float)difference);
        }
    }

    /// <summary>A percentile of the absolute differences (nearest rank).</summary>
    /// <param name="share">Which, 0–1.</param>
    public double Percentile(double share)
    {
        if (differences.Count == 0)
            return 0;
        float[] sorted = [.. differences];
        Array.Sort(sorted); // NaN sorts first
        return float.IsNaN(sorted[0]) ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>The decision: the largest logit, ties to the lower index; −1 when one is not a number.</summary>
    /// <param name="logits">One for each class.</param>
    public static int Decision(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (float.IsNaN(logits[i]))
                return -1;
            if (logits[i] > logits[best])
                best = i;
        }
        return best;
    }

    /// <summary>By how much the best logit leads the second.</summary>
    /// <param name="logits">One for each class.</param>
    public static double Margin(ReadOnlySpan<float> logits)
    {
        double best = double.NegativeInfinity, second = double.NegativeInfinity;
        foreach (float logit in logits)
        {
            if (logit > best)
                (best, second) = (logit, best);
            else if (logit > second)
                second = logit;
        }
        return best - second;
    }
}
