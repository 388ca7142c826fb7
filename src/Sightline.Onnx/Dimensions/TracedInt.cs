namespace Sightline.Onnx.Dimensions;

/// <summary>An integer of the program as each trace saw it: equal everywhere, or a function of the free dimensions.</summary>
/// <param name="Values">One value a trace.</param>
internal readonly record struct TracedInt(long[] Values)
{
    /// <summary>Whether all traces agree.</summary>
    public bool IsConstant => Array.TrueForAll(Values, AgreesWithFirst);

    /// <summary>The first trace's value.</summary>
    public long First => Values[0];

    /// <summary>The same number in every trace.</summary>
    /// <param name="value">The number.</param>
    /// <param name="traces">How many traces.</param>
    /// <returns>The constant.</returns>
    public static TracedInt Constant(long value, int traces)
    {
        var values = new long[traces];
        Array.Fill(values, value);
        return new TracedInt(values);
    }

    /// <summary>One dimension of shapes.</summary>
    /// <param name="shapes">A shape a trace.</param>
    /// <param name="axis">The dimension.</param>
    /// <returns>Its sizes.</returns>
    public static TracedInt Dimension(long[][] shapes, int axis) => new([.. shapes.Select(shape => shape[axis])]);

    /// <summary>Applies a function trace by trace.</summary>
    /// <param name="other">The second argument.</param>
    /// <param name="combine">The function.</param>
    /// <returns>Its values.</returns>
    public TracedInt With(TracedInt other, Func<long, long, long> combine) => new([.. Values.Zip(other.Values, combine)]);

    /// <summary>Whether the values are the same trace by trace.</summary>
    /// <param name="other">The other number.</param>
    /// <returns>True if so.</returns>
    public bool Equals(TracedInt other) => Values.AsSpan().SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() => Values.Aggregate(17, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => IsConstant ? $"{First}" : string.Join("/", Values);

    private bool AgreesWithFirst(long value) => value == Values[0];
}
