using Sightline.Onnx.Dimensions;

namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Parts of a tensor: slices, single positions, splits. All of them are views and can be written through.</summary>
internal static class Slicing
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        table.Add(Select, "select");
        table.Add(Slice, "slice");
        table.Add(Narrow, "narrow");
        table.Add(Split, "chunk", "split", "split_with_sizes", "tensor_split", "unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes");
        table.Add(Unbind, "unbind");
        table.Add(Flip, "flip");
        table.Add(Roll, "roll");
    }

    // select(input, dim, index)
    private static Lowered Select(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        int axis = call.Axis(1, input.Rank);
        string position = Position(call, input, axis, call.Traced(2));
        return SelectAt(call, input, axis, position, call.OutputShapes());
    }

    private static TensorOperand SelectAt(OperatorCall call, TensorOperand input, int axis, string position, long[][] shapes) => call.ViewOf(
        input,
        shapes,
        parent => call.Emit("Squeeze", [call.Emit("Gather", [parent, position], ("axis", axis)), call.Graph.Int64s(axis)]),
        (parent, written) => WriteAt(call, parent, call.Emit("Unsqueeze", [written, call.Graph.Int64s(axis)]), input.Rank, axis, position));

    // slice(input, dim, start, end, step)
    private static Lowered Slice(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        int axis = call.Axis(1, input.Rank);
        TracedInt start = call.IsNone(2) ? TracedInt.Constant(0, call.Traces) : call.Traced(2);
        TracedInt end = call.IsNone(3) ? TracedInt.Constant(long.MaxValue, call.Traces) : call.Traced(3);
        long step = call.IsNone(4) ? 1 : call.Int(4);
        long[][] shapes = call.OutputShapes();
        if (input.HasShapes(shapes) && step == 1) return input;
        return Part(call, input, axis, Position(call, input, axis, start), Position(call, input, axis, end), step, shapes);
    }

    // narrow(input, dim, start, length)
    private static Lowered Narrow(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        int axis = call.Axis(1, input.Rank);
        TracedInt start = call.Traced(2), end = start.With(call.Traced(3), (from, length) => from + length);
        return Part(call, input, axis, call.Express(start), call.Express(end), 1, call.OutputShapes());
    }

    // chunk(input, chunks, dim), split(input, size, dim), split_with_sizes(input, sizes, dim)
    private static Lowered Split(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        int axis = call.IsNone(2) ? 0 : call.Axis(2, input.Rank);
        long[][][] shapes = call.ItemShapes();
        var parts = new TensorOperand[shapes.Length];
        var start = TracedInt.Constant(0, call.Traces);
        for (int i = 0; i < parts.Length; i++)
        {
            TracedInt end = start.With(TracedInt.Dimension(shapes[i], axis), (from, size) => from + size);
            string last = i == parts.Length - 1 ? call.Graph.Int64s(long.MaxValue) : call.Express(end);
            parts[i] = Part(call, input, axis, call.Express(start), last, 1, shapes[i]);
            start = end;
        }

        return parts;
    }

    private static Lowered Unbind(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        int axis = call.IsNone(1) ? 0 : call.Axis(1, input.Rank);
        if (input.IsFree(axis)) throw call.Error("it takes a free dimension apart: the number of parts would change with the input.");
        long[][] shapes = [.. input.Shapes.Select(shape => (long[])[.. shape[..axis], .. shape[(axis + 1)..]])];
        return Enumerable.Range(0, (int)input.Shapes[0][axis])
            .Select(i => SelectAt(call, input, axis, call.Graph.Int64s(i), shapes)).ToArray();
    }

    private static Lowered Flip(OperatorCall call)
    {
        int rank = call.Tensor(0).Rank;
        long[] axes = [.. call.Ints(1).Select(axis => (long)OperatorCall.Axis(axis, rank))];
        long[] Repeated(long value) => [.. Enumerable.Repeat(value, axes.Length)];
        return call.Emit(
            "Slice",
            [
                call.Name(0), call.Graph.Int64s(Repeated(-1)), call.Graph.Int64s(Repeated(long.MinValue)), call.Graph.Int64s(axes),
                call.Graph.Int64s(Repeated(-1)),
            ]);
    }

    // roll(input, shifts, dims)
    private static Lowered Roll(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        long[] shifts = call.Ints(1), dims = call.Ints(2);
        if (dims.Length == 0) throw call.Error("roll over all elements at once has no lowering; name the dimensions.");
        string value = call.NameOf(input);
        for (int i = 0; i < dims.Length; i++)
        {
            int axis = OperatorCall.Axis(dims[i], input.Rank);
            // The cut stands `shift` positions before the end, modulo a size that must be known unless the shift is small against it.
            long size = input.Shapes[0][axis];
            long shift = input.IsFree(axis) ? shifts[i] : ((shifts[i] % size) + size) % size;
            if (shift == 0) continue;
            string cut = call.Graph.Int64s(-shift), axes = call.Graph.Int64s(axis);
            string back = call.Emit("Slice", [value, cut, call.Graph.Int64s(long.MaxValue), axes]);
            string front = call.Emit("Slice", [value, call.Graph.Int64s(0), cut, axes]);
            value = call.Emit("Concat", [back, front], ("axis", axis));
        }

        return value;
    }

    private static TensorOperand Part(OperatorCall call, TensorOperand input, int axis, string start, string end, long step, long[][] shapes)
    {
        string axes = call.Graph.Int64s(axis), steps = call.Graph.Int64s(step);
        return call.ViewOf(
            input,
            shapes,
            parent => call.Emit("Slice", [parent, start, end, axes, steps]),
            (parent, written) =>
            {
                string length = call.Emit("Squeeze", [call.Emit("Gather", [call.Emit("Shape", [parent]), call.Graph.Int64s(axis)], ("axis", 0))]);
                string all = call.Emit("Range", [call.Graph.Int64(0), length, call.Graph.Int64(1)]);
                string positions = call.Emit("Slice", [all, start, end, call.Graph.Int64s(0), steps]);
                return WriteAt(call, parent, written, input.Rank, axis, positions);
            });
    }

    /// <summary>A tensor with parts along one dimension replaced.</summary>
    internal static string WriteAt(OperatorCall call, string tensor, string parts, int rank, int axis, string positions)
    {
        var shape = new long[rank];
        Array.Fill(shape, 1);
        shape[axis] = -1;
        string along = call.Emit("Reshape", [positions, call.Graph.Int64s(shape)]);
        string everywhere = call.Emit("Expand", [along, call.Emit("Shape", [parts])]);
        return call.Emit("ScatterElements", [tensor, everywhere, parts], ("axis", axis));
    }

    /// <summary>A position along a dimension; one that keeps its distance from a free end counts from there.</summary>
    private static string Position(OperatorCall call, TensorOperand input, int axis, TracedInt position)
    {
        if (position.IsConstant) return call.Graph.Int64s(position.First);
        TracedInt fromEnd = position.With(input.Size(axis), (at, size) => at - size);
        if (fromEnd.IsConstant) return fromEnd.First == 0 ? call.Graph.Int64s(long.MaxValue) : call.Graph.Int64s(fromEnd.First);
        return call.Express(position);
    }
}
