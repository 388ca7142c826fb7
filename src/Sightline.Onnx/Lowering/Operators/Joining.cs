namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Tensors put together, padded, and grids made of vectors.</summary>
internal static class Joining
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        table.Add(Concatenate, "cat", "concat", "concatenate");
        table.Add(Stack, "stack");
        table.Add(Pad, "pad", "_pad_enum", "constant_pad_nd", "reflection_pad1d", "reflection_pad2d", "replication_pad1d", "replication_pad2d");
        table.Add(Triangle, "tril", "triu");
        table.Add(MeshGrid, "meshgrid");
    }

    private static Lowered Concatenate(OperatorCall call)
    {
        // PyTorch lets an empty vector join anything.
        TensorOperand[] parts = [.. call.Tensors(0).Where(part => part.Rank != 1 || part.Shapes[0][0] != 0 || part.IsFree(0))];
        int axis = call.Axis(1, parts[0].Rank);
        return call.Emit("Concat", [.. parts.Select(part => call.Cast(part, call.OutputType()))], ("axis", axis));
    }

    private static Lowered Stack(OperatorCall call)
    {
        IReadOnlyList<TensorOperand> parts = call.Tensors(0);
        int axis = call.Axis(1, parts[0].Rank + 1);
        return call.Emit(
            "Concat",
            [.. parts.Select(part => call.Emit("Unsqueeze", [call.Cast(part, call.OutputType()), call.Graph.Int64s(axis)]))],
            ("axis", axis));
    }

    // pad(input, pad, mode, value), _pad_enum(input, pad, mode number, value), constant_pad_nd(input, pad, value)
    private static Lowered Pad(OperatorCall call)
    {
        int rank = call.Tensor(0).Rank;
        long[] given = call.Ints(1);
        var begin = new long[rank];
        var end = new long[rank];
        // The last dimension comes first, each with its begin and end.
        for (int i = 0; i < given.Length / 2; i++) (begin[rank - 1 - i], end[rank - 1 - i]) = (given[2 * i], given[(2 * i) + 1]);
        string mode = call.Operator switch
        {
            "pad" => call.Text(2) ?? "constant",
            "_pad_enum" => call.Int(2) switch { 0 => "reflect", 1 => "replicate", 2 => "circular", _ => "constant" },
            "constant_pad_nd" => "constant",
            _ => call.Operator.StartsWith("reflection", StringComparison.Ordinal) ? "reflect" : "replicate",
        };
        string pads = call.Graph.Int64s([.. begin, .. end]);
        if (mode == "constant")
        {
            int valueAt = call.Operator == "constant_pad_nd" ? 2 : 3;
            string value = call.IsNone(valueAt) ? call.Graph.Scalar(0, call.OutputType()) : call.Cast(valueAt, call.OutputType());
            return call.Emit("Pad", [call.Name(0), pads, value]);
        }

        if (mode == "circular") throw call.Error("circular padding has no lowering.");
        return call.Emit("Pad", [call.Name(0), pads], ("mode", mode == "replicate" ? "edge" : "reflect"));
    }

    private static Lowered Triangle(OperatorCall call) => call.Emit(
        "Trilu", [call.Name(0), call.Graph.Int64(call.IsNone(1) ? 0 : call.Int(1))], ("upper", call.Operator == "triu" ? 1 : 0));

    private static Lowered MeshGrid(OperatorCall call)
    {
        if (call.Text(1) == "xy") throw call.Error("meshgrid with indexing xy has no lowering; ij has.");
        IReadOnlyList<TensorOperand> vectors = call.Tensors(0);
        string[] lengths = [.. vectors.Select(vector => call.SizeOf(vector, 0))];
        string shape = call.Emit("Concat", lengths, ("axis", 0));
        long[][][] shapes = call.ItemShapes();
        return vectors.Select((vector, i) =>
        {
            var along = new long[vectors.Count];
            Array.Fill(along, 1);
            along[i] = -1;
            string grid = call.Emit("Expand", [call.Emit("Reshape", [call.NameOf(vector), call.Graph.Int64s(along)]), shape]);
            return new TensorOperand { Name = grid, Type = vector.Type, Shapes = shapes[i] };
        }).ToArray();
    }
}
