using Sightline.Onnx.Tracing;

namespace Sightline.Onnx.Lowering;

/// <summary>
/// libtorch's rule for whether <c>reshape</c> and <c>contiguous</c> share storage or copy, decided from the recorded sizes and strides.
/// It matters to writes in place: through a view they reach the original, through a copy they don't.
/// </summary>
internal static class StrideRule
{
    /// <summary>Whether a reshape shares storage (in the first trace; sizes of 1 aside, strides follow from the program).</summary>
    /// <param name="layouts">Sizes and strides before and after, in each trace.</param>
    /// <returns>True for a view.</returns>
    public static bool IsView(IEnumerable<(TraceValue From, TraceValue To)> layouts) =>
        layouts.All(layout => IsView(layout.From.Shape!, layout.From.Strides!, layout.To.Shape!));

    /// <summary>Whether <c>contiguous</c> hands its argument back.</summary>
    /// <param name="layouts">Sizes and strides before and after, in each trace.</param>
    /// <returns>True if so.</returns>
    public static bool IsContiguous(IEnumerable<(TraceValue From, TraceValue To)> layouts) =>
        layouts.All(layout => layout.From.Strides!.AsSpan().SequenceEqual(layout.To.Strides));

    /// <summary>Whether a tensor can be viewed in another shape without copying (ATen's <c>computeStride</c>).</summary>
    /// <param name="sizes">Its sizes.</param>
    /// <param name="strides">Its strides in elements.</param>
    /// <param name="wanted">The new sizes, with as many elements.</param>
    /// <returns>True if so.</returns>
    public static bool IsView(ReadOnlySpan<long> sizes, ReadOnlySpan<long> strides, ReadOnlySpan<long> wanted)
    {
        if (sizes.Length == 0 || sizes.Contains(0)) return true;
        // Walk from the innermost dimension over chunks that lie without gaps; each must be a product of new sizes.
        int at = wanted.Length - 1;
        long baseStride = strides[^1], chunk = 1, filled = 1;
        for (int axis = sizes.Length - 1; axis >= 0; axis--)
        {
            chunk *= sizes[axis];
            bool ends = axis == 0 || (sizes[axis - 1] != 1 && strides[axis - 1] != chunk * baseStride);
            if (!ends) continue;
            while (at >= 0 && (filled < chunk || wanted[at] == 1)) filled *= wanted[at--];
            if (filled != chunk) return false;
            if (axis == 0) break;
            baseStride = strides[axis - 1];
            chunk = filled = 1;
        }

        return at == -1;
    }
}
