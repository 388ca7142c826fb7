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

    public static Value operator *(Value a, Value b) => new(a.Data * b.Data, [a, b], g => [g * b.Data, g * a.Data]);

    public Value Relu() => new(Math.Max(Data, 0), [this], g => [Data > 0 ? g : 0]);

    public Value Tanh()
    {
        double y = Math.Tanh(Data);
        return new(y, [this], g => [g * (1 - y * y)]);
    }

    public void Backward()
    {
        var order = new List<Value>();
        Visit(this, order);
        foreach (Value value in order)
            value.Gradient = 0;
        Gradient = 1;
        order.Reverse();
        foreach (Value value in order)
        {
            double[] each = value.shares?.Invoke(value.Gradient) ?? [];
            for (int i = 0; i < each.Length; i++)
                value.from[i].Gradient += each[i];
        }
    }

    private static void Visit(Value value, List<Value> order)
    {
        if (order.Contains(value))
            return;
        foreach (Value parent in value.from)
            Visit(parent, order);
        order.Add(value);
    }
}
