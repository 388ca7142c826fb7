using Sightline.Onnx.Writing;

namespace Sightline.Onnx.Dimensions;

/// <summary>
/// Expresses integers that differ between traces by sizes that the graph knows when it runs. Tried in this order: a size of a tensor
/// computed earlier; a multiple of one, plus an offset; a multiple of a product of two; the floor of a fraction of one.
/// </summary>
/// <remarks>
/// Each form is a guess that all traces support; what finite traces can't tell apart is caught by running the written file on sizes
/// that weren't traced. Two traces can't bear an offset: any two points lie on a line.
/// </remarks>
internal sealed class DimensionTable(GraphBuilder graph, int traces)
{
    private const int LargestDivisor = 64;
    private const int SmallestOffset = -8;

    private readonly List<(TracedInt Size, string Tensor, int Axis)> sizes = [];
    private readonly HashSet<TracedInt> known = [];

    /// <summary>Notes a tensor's sizes that differ between traces.</summary>
    /// <param name="tensor">Its name in the graph.</param>
    /// <param name="shapes">Its shape in each trace.</param>
    public void Register(string tensor, long[][] shapes)
    {
        for (int axis = 0; axis < shapes[0].Length; axis++)
        {
            TracedInt size = TracedInt.Dimension(shapes, axis);
            if (!size.IsConstant && known.Add(size)) sizes.Add((size, tensor, axis));
        }
    }

    /// <summary>An int64 tensor of one element that holds the number when the graph runs.</summary>
    /// <param name="number">The number.</param>
    /// <returns>The tensor's name; null if the number can't be expressed.</returns>
    public string? Express(TracedInt number)
    {
        if (number.IsConstant) return graph.Int64s(number.First);
        return Size(number) ?? Affine(number) ?? Product(number) ?? Fraction(number);
    }

    /// <summary>An int64 vector of numbers.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <returns>The tensor's name; null if one can't be expressed.</returns>
    public string? Express(IReadOnlyList<TracedInt> numbers)
    {
        if (numbers.All(number => number.IsConstant)) return graph.Int64s([.. numbers.Select(number => number.First)]);
        var parts = new List<string>();
        foreach (TracedInt number in numbers)
        {
            if (Express(number) is not { } part) return null;
            parts.Add(part);
        }

        return parts.Count == 1 ? parts[0] : graph.Emit("Concat", parts, ("axis", 0));
    }

    /// <summary>The size of a dimension when the graph runs, as an int64 vector of one element.</summary>
    /// <param name="tensor">The tensor's name.</param>
    /// <param name="axis">The dimension.</param>
    /// <returns>The vector's name.</returns>
    public string SizeOf(string tensor, int axis) => graph.Emit("Gather", [graph.Emit("Shape", [tensor]), graph.Int64s(axis)], ("axis", 0));

    private string? Size(TracedInt number) =>
        sizes.FirstOrDefault(entry => entry.Size.Equals(number)) is { Tensor: not null } found ? SizeOf(found.Tensor, found.Axis) : null;

    private string? Affine(TracedInt number)
    {
        foreach ((TracedInt size, string tensor, int axis) in sizes)
        {
            int other = Array.FindIndex(size.Values, value => value != size.First);
            long run = size.Values[other] - size.First, rise = number.Values[other] - number.First;
            if (rise % run != 0) continue;
            long factor = rise / run, offset = number.First - (factor * size.First);
            if (offset != 0 && traces < 3) continue;
            if (!Holds(number, size, value => (factor * value) + offset)) continue;
            string scaled = factor == 1 ? SizeOf(tensor, axis) : graph.Emit("Mul", [SizeOf(tensor, axis), graph.Int64s(factor)]);
            return offset == 0 ? scaled : graph.Emit("Add", [scaled, graph.Int64s(offset)]);
        }

        return null;
    }

    private string? Product(TracedInt number)
    {
        foreach ((TracedInt a, string tensorA, int axisA) in sizes)
        {
            foreach ((TracedInt b, string tensorB, int axisB) in sizes)
            {
                long area = a.First * b.First;
                if (area == 0 || number.First % area != 0) continue;
                long factor = number.First / area;
                if (factor <= 0 || !number.Equals(a.With(b, (x, y) => x * y * factor))) continue;
                string product = graph.Emit("Mul", [SizeOf(tensorA, axisA), SizeOf(tensorB, axisB)]);
                return factor == 1 ? product : graph.Emit("Mul", [product, graph.Int64s(factor)]);
            }
        }

        return null;
    }

    private string? Fraction(TracedInt number)
    {
        if (traces < 3) return null;
        for (long divisor = 2; divisor <= LargestDivisor; divisor++)
        {
            for (long offset = SmallestOffset; offset <= divisor; offset++)
            {
                foreach ((TracedInt size, string tensor, int axis) in sizes)
                {
                    // ONNX divides integers towards zero: only where nothing is negative is that the floor.
                    if (size.Values.Any(value => value + offset < 0) || !Holds(number, size, value => (value + offset) / divisor)) continue;
                    string numerator = offset == 0 ? SizeOf(tensor, axis) : graph.Emit("Add", [SizeOf(tensor, axis), graph.Int64s(offset)]);
                    return graph.Emit("Div", [numerator, graph.Int64s(divisor)]);
                }
            }
        }

        return null;
    }

    private static bool Holds(TracedInt number, TracedInt size, Func<long, long> form) =>
        number.Values.Zip(size.Values).All(pair => pair.First == form(pair.Second));
}
