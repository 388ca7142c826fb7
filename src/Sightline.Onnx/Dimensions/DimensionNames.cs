namespace Sightline.Onnx.Dimensions;

/// <summary>Names for the free dimensions of inputs and outputs: sizes that agree in every trace carry one name.</summary>
internal sealed class DimensionNames
{
    private const string Batch = "batch";

    private readonly Dictionary<TracedInt, string> names = [];

    /// <summary>A shape for the file: sizes as numbers, free ones by name.</summary>
    /// <param name="tensor">Input or output.</param>
    /// <param name="shapes">Its sizes in each trace.</param>
    /// <returns>A long or a string for each dimension.</returns>
    public IReadOnlyList<object> Describe(string tensor, long[][] shapes) =>
        [.. Enumerable.Range(0, shapes[0].Length).Select(axis => Name(tensor, axis, TracedInt.Dimension(shapes, axis)))];

    private object Name(string tensor, int axis, TracedInt size)
    {
        if (size.IsConstant) return size.First;
        if (names.TryGetValue(size, out string? known)) return known;
        return names[size] = axis == 0 && !names.ContainsValue(Batch) ? Batch : $"{tensor}_{axis}";
    }
}
