using Sightline.Onnx.Dimensions;
using Sightline.Onnx.Tracing;
using Sightline.Onnx.Writing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Other shapes of the same elements: reshapes, permutations, expansion, copies and casts.</summary>
internal static class Reshaping
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        table.Add(
            call => StrideRule.IsView(call.Layouts()) ? ReshapedView(call) : Reshape(call, call.Name(0), call.Tensor(0).Shapes, call.OutputShapes()),
            "reshape", "flatten", "reshape_as");
        table.Add(call => ReshapedView(call), "view", "view_as", "_unsafe_view", "unflatten", "squeeze", "unsqueeze", "_reshape_alias");
        table.Add(Permute, "permute", "transpose", "t", "numpy_T", "swapaxes", "swapdims", "movedim", "moveaxis", "adjoint");
        table.Add(Expand, "expand", "expand_as", "broadcast_to");
        table.Add(Repeat, "repeat", "tile");
        table.Add(call => call.Emit("Identity", [call.Name(0)]), "clone");
        table.Add(call => StrideRule.IsContiguous(call.Layouts()) ? call.Tensor(0) : call.Emit("Identity", [call.Name(0)]), "contiguous");
        table.Add(call => call.Tensor(0), "detach", "alias", "lift_fresh", "resolve_conj", "resolve_neg", "positive", "identity", "requires_grad");
        table.Add(Cast, "to", "_to_copy", "type_as", "float", "double", "half", "long", "int", "bool");
        table.Add(call => call.Emit("DepthToSpace", [call.Name(0)], ("blocksize", call.Int(1)), ("mode", "CRD")), "pixel_shuffle");
        table.Add(PixelUnshuffle, "pixel_unshuffle");
        table.Add(ChannelShuffle, "channel_shuffle", "native_channel_shuffle");
    }

    /// <summary>A reshape to the sizes that the traces saw: fixed ones as numbers, at most one free one as -1, the rest expressed.</summary>
    /// <param name="call">The call.</param>
    /// <param name="value">What to reshape.</param>
    /// <param name="from">Its sizes in each trace.</param>
    /// <param name="to">The sizes wanted in each trace.</param>
    /// <returns>The result's name.</returns>
    internal static string Reshape(OperatorCall call, string value, long[][] from, long[][] to)
    {
        TracedInt[] wanted = [.. Enumerable.Range(0, to[0].Length).Select(axis => TracedInt.Dimension(to, axis))];
        int[] free = [.. Enumerable.Range(0, wanted.Length).Where(axis => !wanted[axis].IsConstant)];
        var target = new TracedInt[wanted.Length];
        for (int axis = 0; axis < wanted.Length; axis++)
        {
            // 0 copies the size that stands at the same place in the input: shorter than an expression, and it keeps names.
            bool kept = free.Length > 1 && Array.IndexOf(free, axis) >= 0 && axis < from[0].Length && TracedInt.Dimension(from, axis).Equals(wanted[axis]);
            target[axis] = kept ? TracedInt.Constant(0, call.Traces) : wanted[axis];
        }

        int rest = Array.FindLastIndex(target, size => !size.IsConstant);
        if (rest >= 0) target[rest] = TracedInt.Constant(-1, call.Traces);
        return call.Emit("Reshape", [value, call.Express(target)]);
    }

    private static TensorOperand ReshapedView(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        long[][] shapes = call.OutputShapes();
        if (input.HasShapes(shapes)) return input;
        return call.ViewOf(
            input,
            shapes,
            parent => Reshape(call, parent, input.Shapes, shapes),
            (_, written) => Reshape(call, written, shapes, input.Shapes));
    }

    private static Lowered Permute(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        long[] order = Order(call, input.Rank);
        var inverse = new long[order.Length];
        for (int i = 0; i < order.Length; i++) inverse[order[i]] = i;
        return call.ViewOf(
            input,
            call.OutputShapes(),
            parent => call.Emit("Transpose", [parent], ("perm", order)),
            (_, written) => call.Emit("Transpose", [written], ("perm", inverse)));
    }

    private static long[] Order(OperatorCall call, int rank)
    {
        long[] order = [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];
        switch (call.Operator)
        {
            case "permute":
                return [.. call.Ints(1).Select(axis => (long)OperatorCall.Axis(axis, rank))];
            case "numpy_T":
                Array.Reverse(order);
                return order;
            case "t" or "adjoint":
                if (rank >= 2) (order[^1], order[^2]) = (order[^2], order[^1]);
                return order;
            case "movedim" or "moveaxis":
                int[] from = [.. call.Ints(1).Select(axis => OperatorCall.Axis(axis, rank))];
                int[] to = [.. call.Ints(2).Select(axis => OperatorCall.Axis(axis, rank))];
                var places = new long?[rank];
                for (int i = 0; i < from.Length; i++) places[to[i]] = from[i];
                var rest = new Queue<long>(order.Where(axis => !from.Contains((int)axis)));
                return [.. places.Select(place => place ?? rest.Dequeue())];
            default:
                int a = call.Axis(1, rank), b = call.Axis(2, rank);
                (order[a], order[b]) = (order[b], order[a]);
                return order;
        }
    }

    private static Lowered Expand(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        long[][] shapes = call.OutputShapes();
        if (input.HasShapes(shapes)) return input;
        int added = shapes[0].Length - input.Rank;
        // ONNX's Expand broadcasts both ways, so 1 keeps a dimension.
        TracedInt[] target = [.. Enumerable.Range(0, shapes[0].Length).Select(axis =>
            axis >= added && input.Size(axis - added).Equals(TracedInt.Dimension(shapes, axis))
                ? TracedInt.Constant(1, call.Traces)
                : TracedInt.Dimension(shapes, axis))];
        return call.ViewOf(input, shapes, parent => call.Emit("Expand", [parent, call.Express(target)]), null);
    }

    private static Lowered Repeat(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        IReadOnlyList<TracedInt> times = call.TracedInts(1);
        string value = call.NameOf(input);
        int added = times.Count - input.Rank;
        if (added > 0) value = call.Emit("Unsqueeze", [value, call.Graph.Int64s([.. Enumerable.Range(0, added).Select(axis => (long)axis)])]);
        if (added < 0) times = [.. Enumerable.Repeat(TracedInt.Constant(1, call.Traces), -added), .. times];
        return call.Emit("Tile", [value, call.Express(times)]);
    }

    private static Lowered Cast(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        DataType type = call.OutputType();
        // to(type, non_blocking, copy, …): the copy flag stands at different places; an unneeded copy costs nothing, a missing alias only
        // matters to writes in place, which PyTorch itself makes through the same tensor.
        return input.Type == type ? input : call.Cast(input, type);
    }

    private static Lowered PixelUnshuffle(OperatorCall call)
    {
        // SpaceToDepth orders channels by block first; PyTorch by channel first.
        TensorOperand input = call.Tensor(0);
        long block = call.Int(1), channels = input.Shapes[0][1];
        string value = call.Emit("SpaceToDepth", [call.NameOf(input)], ("blocksize", block));
        long[] order = [.. Enumerable.Range(0, (int)(channels * block * block)).Select(i => ((i % (block * block)) * channels) + (i / (block * block)))];
        return call.Emit("Gather", [value, call.Graph.Int64s(order)], ("axis", 1));
    }

    private static Lowered ChannelShuffle(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        long groups = call.Int(1), channels = input.Shapes[0][1], each = channels / groups;
        long[] order = [.. Enumerable.Range(0, (int)channels).Select(i => ((i % groups) * each) + (i / groups))];
        return call.Emit("Gather", [call.NameOf(input), call.Graph.Int64s(order)], ("axis", 1));
    }
}
