// The checks of exercise 18. Each graph is the smallest on which one usual mistake gives a number of its own.

Type type = Checklist.Class<Value>(args);

// Whatever class is checked, by its name: a number, its operations, its gradient.
dynamic Of(double data) => Activator.CreateInstance(type, data)!;

return Checklist.Run(
    ("the output itself", Output),
    ("a product", Product),
    ("a chain", Chain),
    ("a ReLU", Relu),
    ("a tanh", Tanh),
    ("a value used twice", UsedTwice),
    ("the order", Order),
    ("a second pass", SecondPass),
    ("differences", Differences));

string? Output()
{
    dynamic a = Of(2), loss = a + Of(3);
    loss.Backward();
    return loss.Gradient == 1 ? null : $"the gradient of L by itself is {loss.Gradient}; it is 1, and everything starts from there.";
}

string? Product()
{
    dynamic a = Of(2), b = Of(5), loss = a * b;
    loss.Backward();
    if (Near(a.Gradient, 5) && Near(b.Gradient, 2))
        return null;
    return Near(a.Gradient, 2) && Near(b.Gradient, 5)
        ? "the product rule is the wrong way round: of a·b the derivative by a is b."
        : $"of 2·5 the gradients are {a.Gradient} and {b.Gradient}, expected 5 and 2.";
}

string? Chain()
{
    dynamic a = Of(2), b = Of(5), loss = (a * b) * Of(10);
    loss.Backward();
    if (Near(a.Gradient, 50) && Near(b.Gradient, 20))
        return null;
    return Near(a.Gradient, 5)
        ? "the gradient that comes from behind is missing: a share is g times the local derivative, not the local derivative alone."
        : $"of (2·5)·10 the gradients of 2 and 5 are {a.Gradient} and {b.Gradient}, expected 50 and 20.";
}

string? Relu()
{
    foreach ((double x, double expected) in ((double, double)[])[(3, 7), (-3, 0)])
    {
        dynamic a = Of(x), loss = a.Relu() * Of(7);
        loss.Backward();
        if (!Near(a.Gradient, expected))
        {
            return x < 0
                ? $"a ReLU that is off lets a gradient through: at x = -3 it is {a.Gradient}, expected 0."
                : $"at x = 3 the gradient through relu(x)·7 is {a.Gradient}, expected 7.";
        }
    }
    return null;
}

string? Tanh()
{
    dynamic a = Of(0.5), loss = a.Tanh() * Of(2);
    loss.Backward();
    double y = Math.Tanh(0.5);
    if (Near(a.Gradient, 2 * (1 - y * y)))
        return null;
    return Near(a.Gradient, 2 * (1 - 0.5 * 0.5))
        ? "tanh' is 1 − tanh(x)², of the output, and not 1 − x²."
        : $"at x = 0.5 the gradient through 2·tanh(x) is {a.Gradient:0.####}, expected {2 * (1 - y * y):0.####}.";
}

string? UsedTwice()
{
    dynamic a = Of(3), b = Of(2), loss = (a * b) + a;
    loss.Backward();
    if (Near(a.Gradient, 3))
        return null;
    return Near(a.Gradient, 1) || Near(a.Gradient, 2)
        ? "a value that is used twice got one share only: shares are added up (+=), not written over."
        : $"of a·2 + a the gradient of a is {a.Gradient}, expected 3.";
}

string? Order()
{
    // h is used by two values of different depth: its shares must all be there before it passes anything on.
    dynamic a = Of(2), h = a * Of(3), deep = (h * Of(1)) * Of(1), loss = deep + h;
    loss.Backward();
    if (Near(a.Gradient, 6))
        return null;
    return (double)a.Gradient > 0
        ? $"a value passed its gradient on before all of it had arrived, or twice: a has {a.Gradient}, expected 6. Go through the values in an order in which each comes after everything that was computed from it."
        : $"a has {a.Gradient}, expected 6.";
}

string? SecondPass()
{
    dynamic a = Of(3), loss = a * a;
    loss.Backward();
    loss.Backward();
    return Near(a.Gradient, 6) ? null : Near(a.Gradient, 12)
        ? "the gradients of the pass before are still in: they start at zero in each."
        : $"after a second pass the gradient of a·a at 3 is {a.Gradient}, expected 6.";
}

string? Differences()
{
    double[] at = [0.7, -1.3, 0.4];
    dynamic Loss(dynamic[] v) => ((v[0] * v[1] + v[2]).Tanh() * v[0] + (v[1] * v[2]).Relu()) * (v[0] + v[2]).Tanh();
    dynamic[] values = [.. at.Select(x => Of(x))];
    dynamic result = Loss(values);
    result.Backward();
    for (int i = 0; i < at.Length; i++)
    {
        double Moved(double by) => Loss([.. at.Select((x, j) => Of(j == i ? x + by : x))]).Data;
        double expected = (Moved(1e-6) - Moved(-1e-6)) / 2e-6, actual = values[i].Gradient;
        if (Math.Abs(expected - actual) > 1e-6)
            return $"by differences ∂L/∂x{i} is {expected:0.######}, by Backward {actual:0.######}.";
    }
    return null;
}

bool Near(double a, double b) => Math.Abs(a - b) < 1e-9;
