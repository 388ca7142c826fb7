// Exercise 18: write backpropagation on single numbers, then: dotnet run
//
// A Value knows what it was computed from, and a function that turns its own gradient g = ∂L/∂y into one share for each of these:
// by the chain rule g · ∂y/∂a and g · ∂y/∂b. Addition is done; the others and Backward are yours.

public sealed class Value
{
    private readonly Value[] from;
    private readonly Func<double, double[]>? shares;

    public Value(double data)
        : this(data, [], null)
    {
    }

    private Value(double data, Value[] from, Func<double, double[]>? shares) => (Data, this.from, this.shares) = (data, from, shares);

    public double Data { get; }

    public double Gradient { get; private set; }

    public static Value operator +(Value a, Value b) => new(a.Data + b.Data, [a, b], g => [g, g]);

    public static Value operator *(Value a, Value b) => new(a.Data * b.Data, [a, b], g => throw new NotImplementedException("Write the shares of a product."));

    public Value Relu() => new(Math.Max(Data, 0), [this], g => throw new NotImplementedException("Write the share of a ReLU."));

    public Value Tanh() => new(Math.Tanh(Data), [this], g => throw new NotImplementedException("Write the share of a tanh."));

    // Sets the gradient of every value that this one, L, was computed from. Called again, it starts anew.
    public void Backward()
    {
        throw new NotImplementedException("Write Backward: put the values in an order, start with ∂L/∂L, go backwards.");
    }
}
