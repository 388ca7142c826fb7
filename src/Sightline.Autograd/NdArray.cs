namespace Sightline.Autograd;

/// <summary>A dense array of float64 numbers, row-major. Nothing here knows of derivatives.</summary>
public sealed class NdArray
{
    /// <summary>An array over given numbers.</summary>
    /// <param name="values">The numbers, row by row; kept, not copied.</param>
    /// <param name="shape">How many along each dimension; none for a single number.</param>
    /// <exception cref="ArgumentException">The shape takes another count of numbers.</exception>
    public NdArray(double[] values, params ReadOnlySpan<int> shape)
    {
        ArgumentNullException.ThrowIfNull(values);
        Values = values;
        Shape = shape.ToArray();
        if (Count(Shape) != values.Length)
            throw new ArgumentException($"{values.Length} numbers do not fill [{string.Join(", ", Shape)}].", nameof(values));
    }

    /// <summary>How many numbers lie along each dimension.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The numbers, row by row.</summary>
    public double[] Values { get; }

    /// <summary>The only number of an array of one.</summary>
    /// <exception cref="InvalidOperationException">There are more.</exception>
    public double Item => Values.Length == 1 ? Values[0] : throw new InvalidOperationException($"[{string.Join(", ", Shape)}] is not one number.");

    /// <summary>An array filled with one number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="shape">The shape.</param>
    /// <returns>The array.</returns>
    public static NdArray Full(double value, IReadOnlyList<int> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        double[] values = new double[Count(shape)];
        Array.Fill(values, value);
        return new NdArray(values, [.. shape]);
    }

    /// <summary>A function of every number.</summary>
    /// <param name="function">The function.</param>
    /// <returns>An array of the same shape.</returns>
    public NdArray Map(Func<double, double> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        double[] result = new double[Values.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = function(Values[i]);
        OperationCount.Add(result.Length);
        return new NdArray(result, [.. Shape]);
    }

    /// <summary>A function of two arrays, number by number. Dimensions of one are repeated, as in NumPy and torch (broadcasting).</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <param name="function">The function.</param>
    /// <returns>An array of the shape that both fit into.</returns>
    /// <exception cref="ArgumentException">They fit into none.</exception>
    public static NdArray Zip(NdArray a, NdArray b, Func<double, double, double> function)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(function);
        int[] shape = Common(a.Shape, b.Shape);
        double[] result = new double[Count(shape)];
        if (a.Values.Length == result.Length && b.Values.Length == result.Length) // nothing is repeated
        {
            for (int i = 0; i < result.Length; i++)
                result[i] = function(a.Values[i], b.Values[i]);
        }
        else
        {
            int[] fromA = Broadcast(a.Shape, shape), fromB = Broadcast(b.Shape, shape);
            for (int i = 0; i < result.Length; i++)
                result[i] = function(a.Values[fromA[i]], b.Values[fromB[i]]);
        }
        OperationCount.Add(result.Length);
        return new NdArray(result, shape);
    }

    /// <summary>Sums what broadcasting repeated: the reverse of <see cref="Zip"/>'s repetition.</summary>
    /// <param name="shape">A shape that broadcasts to this one.</param>
    /// <returns>An array of that shape.</returns>
    public NdArray SumTo(IReadOnlyList<int> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (Shape.SequenceEqual(shape))
            return this;
        double[] result = new double[Count(shape)];
        int[] to = Broadcast(shape, Shape);
        for (int i = 0; i < Values.Length; i++)
            result[to[i]] += Values[i];
        OperationCount.Add(Values.Length);
        return new NdArray(result, [.. shape]);
    }

    /// <summary>The same numbers in another shape.</summary>
    /// <param name="shape">The shape.</param>
    /// <returns>An array over the same numbers.</returns>
    /// <exception cref="ArgumentException">It takes another count of numbers.</exception>
    public NdArray Reshape(params ReadOnlySpan<int> shape) => new(Values, shape);

    /// <summary>How many numbers a shape takes.</summary>
    internal static int Count(IReadOnlyList<int> shape) => shape.Aggregate(1, (n, side) => checked(n * side));

    private static int[] Common(IReadOnlyList<int> a, IReadOnlyList<int> b)
    {
        int[] shape = new int[Math.Max(a.Count, b.Count)];
        for (int d = 1; d <= shape.Length; d++) // from the last dimension on
        {
            int x = d <= a.Count ? a[^d] : 1, y = d <= b.Count ? b[^d] : 1;
            if (x != y && x != 1 && y != 1)
                throw new ArgumentException($"[{string.Join(", ", a)}] and [{string.Join(", ", b)}] do not fit each other.");
            shape[^d] = Math.Max(x, y);
        }
        return shape;
    }

    // For each number of the large shape, the place of the one of the small shape that is repeated there.
    private static int[] Broadcast(IReadOnlyList<int> small, IReadOnlyList<int> large)
    {
        int[] places = new int[Count(large)], strides = new int[large.Count];
        for (int d = 1, stride = 1; d <= small.Count; stride *= small[^d], d++)
            strides[^d] = small[^d] == 1 ? 0 : stride;
        for (int i = 0; i < places.Length; i++)
        {
            for (int d = large.Count - 1, rest = i; d >= 0; rest /= large[d], d--)
                places[i] += rest % large[d] * strides[d];
        }
        return places;
    }
}
