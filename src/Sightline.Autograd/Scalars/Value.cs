// The same on single numbers: every node of the graph is one, so that it can be drawn and followed by hand.

namespace Sightline.Autograd.Scalars;

/// <summary>One number in a computation that can be differentiated.</summary>
public sealed class Value
{
    private readonly Func<double, double[]>? backward;

    /// <summary>A given number.</summary>
    /// <param name="data">The number.</param>
    /// <param name="name">What to call it in a drawing.</param>
    public Value(double data, string name = "")
        : this(name, [], data, null)
    {
    }

    private Value(string name, Value[] parents, double data, Func<double, double[]>? backward) =>
        (Name, Parents, Data, this.backward) = (name, parents, data, backward);

    /// <summary>The number.</summary>
    public double Data { get; set; }

    /// <summary>∂L/∂x after <see cref="Backward"/> of L.</summary>
    public double Gradient { get; private set; }

    /// <summary>Its name, or the operation that computed it.</summary>
    public string Name { get; }

    /// <summary>What it was computed from.</summary>
    public IReadOnlyList<Value> Parents { get; }

    /// <summary>a + b.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static Value operator +(Value a, Value b) => new("+", [a, b], a.Data + b.Data, g => [g, g]);

    /// <summary>a − b.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static Value operator -(Value a, Value b) => new("−", [a, b], a.Data - b.Data, g => [g, -g]);

    /// <summary>a · b.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static Value operator *(Value a, Value b) => new("×", [a, b], a.Data * b.Data, g => [g * b.Data, g * a.Data]);

    /// <summary>a / b.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static Value operator /(Value a, Value b) => new("÷", [a, b], a.Data / b.Data, g => [g / b.Data, -g * a.Data / (b.Data * b.Data)]);

    /// <summary>max(x, 0).</summary>
    /// <returns>The value.</returns>
    public Value Relu() => new("relu", [this], Math.Max(Data, 0), g => [Data > 0 ? g : 0]);

    /// <summary>tanh x.</summary>
    /// <returns>The value.</returns>
    public Value Tanh()
    {
        double y = Math.Tanh(Data);
        return new("tanh", [this], y, g => [g * (1 - y * y)]);
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    /// <returns>The value.</returns>
    public Value Sigmoid()
    {
        double y = 1 / (1 + Math.Exp(-Data));
        return new("sigmoid", [this], y, g => [g * y * (1 - y)]);
    }

    /// <summary>eˣ.</summary>
    /// <returns>The value.</returns>
    public Value Exp()
    {
        double y = Math.Exp(Data);
        return new("exp", [this], y, g => [g * y]);
    }

    /// <summary>The natural logarithm.</summary>
    /// <returns>The value.</returns>
    public Value Log() => new("log", [this], Math.Log(Data), g => [g / Data]);

    /// <summary>Works out the gradient of this number by every one that it was computed from.</summary>
    public void Backward()
    {
        IReadOnlyList<Value> order = InOrder();
        foreach (Value value in order)
            value.Gradient = 0;
        Gradient = 1; // ∂L/∂L
        for (int i = order.Count - 1; i >= 0; i--)
        {
            double[] shares = order[i].backward?.Invoke(order[i].Gradient) ?? [];
            for (int p = 0; p < shares.Length; p++)
                order[i].Parents[p].Gradient += shares[p];
        }
    }

    /// <summary>Everything that this was computed from, and itself, each after its own parents.</summary>
    /// <returns>The values, this one last.</returns>
    public IReadOnlyList<Value> InOrder() => GraphOrder.Of(this, node => node.Parents);
}
