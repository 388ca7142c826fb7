namespace Sightline.Autograd;

// y = f(x), number by number: ∂L/∂x = ∂L/∂y · f′(x). Where f′ is simpler in y than in x, y is what is kept.
public sealed partial class Variable
{
    /// <summary>max(x, 0).</summary>
    /// <returns>The variable.</returns>
    public Variable Relu() => Computed("relu", [this],
        forward: Data.Map(x => Math.Max(x, 0)),
        backward: g => [NdArray.Zip(g, Data, (v, x) => x > 0 ? v : 0)]);

    /// <summary>1 / (1 + e⁻ˣ); its derivative y(1 − y) is at most a quarter.</summary>
    /// <returns>The variable.</returns>
    public Variable Sigmoid() => InItself("sigmoid", x => 1 / (1 + Math.Exp(-x)), y => y * (1 - y));

    /// <summary>tanh x; its derivative 1 − y² is at most 1.</summary>
    /// <returns>The variable.</returns>
    public Variable Tanh() => InItself("tanh", Math.Tanh, y => 1 - y * y);

    /// <summary>eˣ, its own derivative.</summary>
    /// <returns>The variable.</returns>
    public Variable Exp() => InItself("exp", Math.Exp, y => y);

    /// <summary>The natural logarithm.</summary>
    /// <returns>The variable.</returns>
    public Variable Log() => Computed("log", [this],
        forward: Data.Map(Math.Log),
        backward: g => [NdArray.Zip(g, Data, (v, x) => v / x)]);

    /// <summary>
    /// The mean cross-entropy of the softmax of logits against labels. Together they have a simple gradient: what the network believes
    /// minus what is so, (softmax(x) − one-hot) / N.
    /// </summary>
    /// <param name="labels">The class of each row.</param>
    /// <returns>One number.</returns>
    /// <exception cref="ArgumentException">These are not as many rows of logits as labels.</exception>
    public Variable CrossEntropy(IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (Shape is not [var rows, var classes] || rows != labels.Count)
            throw new ArgumentException($"[{string.Join(", ", Shape)}] are not logits for {labels.Count} labels.", nameof(labels));
        NdArray softmax = Data.Map(x => x);
        double loss = 0;
        for (int i = 0; i < rows; i++)
        {
            Span<double> row = softmax.Values.AsSpan(i * classes, classes);
            double largest = double.NegativeInfinity, sum = 0;
            foreach (double x in row)
                largest = Math.Max(largest, x); // taken off, so that no exponential overflows
            foreach (ref double x in row)
                sum += x = Math.Exp(x - largest);
            foreach (ref double x in row)
                x /= sum;
            loss -= (Data.Values[i * classes + labels[i]] - largest - Math.Log(sum)) / rows;
        }
        OperationCount.Add(3L * softmax.Values.Length);
        return Computed("cross-entropy", [this],
            forward: new NdArray([loss]),
            backward: g =>
            {
                NdArray gradient = softmax.Map(p => p * g.Item / rows);
                for (int i = 0; i < rows; i++)
                    gradient.Values[i * classes + labels[i]] -= g.Item / rows;
                return [gradient];
            });
    }

    private Variable InItself(string name, Func<double, double> function, Func<double, double> derivativeInResult)
    {
        NdArray result = Data.Map(function);
        return Computed(name, [this],
            forward: result,
            backward: g => [NdArray.Zip(g, result, (v, y) => v * derivativeInResult(y))]);
    }
}
