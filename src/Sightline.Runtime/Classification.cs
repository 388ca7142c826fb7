namespace Sightline.Runtime;

/// <summary>A class and how probable it is.</summary>
/// <param name="Index">Index into the model's classes.</param>
/// <param name="Label">The class name.</param>
/// <param name="Probability">Its softmax probability, 0–1.</param>
public readonly record struct ClassProbability(int Index, string Label, double Probability);

/// <summary>What a classifier says about one image.</summary>
/// <param name="Label">The most probable class.</param>
/// <param name="Probability">Its softmax probability, 0–1.</param>
/// <param name="Top">The most probable classes, best first.</param>
/// <param name="Logits">The network's output, one for each class.</param>
public sealed record Classification(string Label, double Probability, IReadOnlyList<ClassProbability> Top, IReadOnlyList<float> Logits)
{
    /// <summary>Reads logits: softmax in double precision, ties to the lower index.</summary>
    /// <param name="logits">One for each class.</param>
    /// <param name="classes">The class names.</param>
    /// <param name="topK">How many classes <see cref="Top"/> holds at most; at least 1.</param>
    /// <returns>The classification.</returns>
    /// <exception cref="InvalidDataException">A logit is not finite: the model or its input is broken.</exception>
    public static Classification FromLogits(ReadOnlySpan<float> logits, IReadOnlyList<string> classes, int topK)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentOutOfRangeException.ThrowIfLessThan(topK, 1);
        if (logits.Length != classes.Count)
            throw new ArgumentException($"There are {logits.Length} logits for {classes.Count} classes.", nameof(logits));
        double max = double.NegativeInfinity;
        foreach (float logit in logits)
        {
            if (!float.IsFinite(logit))
                throw new InvalidDataException($"The model gave {logit} as a logit; its weights or its input are broken.");
            max = Math.Max(max, logit);
        }
        double[] probabilities = new double[logits.Length];
        double sum = 0;
        for (int i = 0; i < probabilities.Length; i++)
            sum += probabilities[i] = Math.Exp(logits[i] - max);
        float[] copy = logits.ToArray();
        int[] order = [.. Enumerable.Range(0, copy.Length).OrderByDescending(i => copy[i]).ThenBy(i => i).Take(topK)];
        ClassProbability[] top = [.. order.Select(i => new ClassProbability(i, classes[i], probabilities[i] / sum))];
        return new Classification(top[0].Label, top[0].Probability, top, copy);
    }
}
