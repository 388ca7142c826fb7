namespace Sightline.Autograd;

// g is ∂L/∂y of the result y. SumTo undoes broadcasting: what was repeated forward is summed backward.
public sealed partial class Variable
{
    /// <summary>a + b, broadcast.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static Variable operator +(Variable a, Variable b) => Computed("+", [a, b],
        forward: NdArray.Zip(a.Data, b.Data, (x, y) => x + y),
        backward: g => [g.SumTo(a.Shape), g.SumTo(b.Shape)]);

    /// <summary>a − b, broadcast.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static Variable operator -(Variable a, Variable b) => Computed("−", [a, b],
        forward: NdArray.Zip(a.Data, b.Data, (x, y) => x - y),
        backward: g => [g.SumTo(a.Shape), g.Map(v => -v).SumTo(b.Shape)]);

    /// <summary>a · b, number by number, broadcast.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static Variable operator *(Variable a, Variable b) => Computed("×", [a, b],
        forward: NdArray.Zip(a.Data, b.Data, (x, y) => x * y),
        backward: g => [NdArray.Zip(g, b.Data, (v, y) => v * y).SumTo(a.Shape), NdArray.Zip(g, a.Data, (v, x) => v * x).SumTo(b.Shape)]);

    /// <summary>a / b, number by number, broadcast.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static Variable operator /(Variable a, Variable b)
    {
        NdArray quotient = NdArray.Zip(a.Data, b.Data, (x, y) => x / y);
        return Computed("÷", [a, b],
            forward: quotient,
            backward: g =>
            {
                NdArray byA = NdArray.Zip(g, b.Data, (v, y) => v / y);
                return [byA.SumTo(a.Shape), NdArray.Zip(byA, quotient, (v, q) => -v * q).SumTo(b.Shape)];
            });
    }

    /// <summary>The matrix product of <c>[m, k]</c> with <c>[k, n]</c>.</summary>
    /// <param name="other">The second factor.</param>
    /// <returns><c>[m, n]</c>.</returns>
    public Variable MatMul(Variable other) => Computed("matmul", [this, other],
        forward: MatrixProduct.Of(Data, other.Data),
        backward: g => [
            RequiresGradient ? MatrixProduct.WithTransposed(g, other.Data) : null,          // g · otherᵀ
            other.RequiresGradient ? MatrixProduct.OfTransposed(Data, g) : null]);          // thisᵀ · g

    /// <summary>The sum of all numbers.</summary>
    /// <returns>One number.</returns>
    public Variable Sum() => Computed("sum", [this],
        forward: Data.SumTo([]),
        backward: g => [NdArray.Full(g.Item, Shape)]);

    /// <summary>The mean of all numbers.</summary>
    /// <returns>One number.</returns>
    public Variable Mean() => Sum() * Constant(new NdArray([1.0 / Data.Values.Length]));

    /// <summary>The same numbers in another shape.</summary>
    /// <param name="shape">The shape.</param>
    /// <returns>The variable.</returns>
    public Variable Reshape(params int[] shape) => Computed("reshape", [this],
        forward: Data.Reshape(shape),
        backward: g => [g.Reshape([.. Shape])]);
}
