using DataType = Onnx.TensorProto.Types.DataType;

namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Elements picked or written by tensors of positions and by masks.</summary>
internal static class Indexing
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        table.Add(call => call.Emit("Gather", [call.Name(0), call.Name(2)], ("axis", call.Axis(1, call.Tensor(0).Rank))), "index_select");
        table.Add(call => call.Emit("GatherElements", [call.Name(0), call.Name(2)], ("axis", call.Axis(1, call.Tensor(0).Rank))), "gather");
        table.Add(call => call.Emit("Gather", [call.Name(0), call.Name(1)], ("axis", 0)), "embedding");
        table.Add(Index, "index");
        table.Add(IndexPut, "index_put");
        table.Add(call => Scatter(call, "none"), "scatter");
        table.Add(call => Scatter(call, "add"), "scatter_add");
        table.Add(OneHot, "one_hot");
    }

    // index(input, indices): one tensor of positions
    private static Lowered Index(OperatorCall call)
    {
        (Operand Item, int Axis)[] given = Given(call);
        if (given is not [(TensorOperand { Type: not DataType.Bool } positions, int at)])
            throw call.Error("indexing by a mask or by several tensors has no lowering; index_select, gather and where have.");
        return call.Emit("Gather", [call.Name(0), call.Cast(positions, DataType.Int64)], ("axis", at));
    }

    // index_put(input, indices, values, accumulate): one mask, one value
    private static Lowered IndexPut(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0), values = call.Tensor(2);
        if (call.Bool(3) || Given(call) is not [(TensorOperand { Type: DataType.Bool } mask, 0)] || values.Rank != 0)
            throw call.Error("writing by positions or several values has no lowering; one number by one mask has.");
        string where = call.NameOf(mask);
        for (int axis = mask.Rank; axis < input.Rank; axis++) where = call.Emit("Unsqueeze", [where, call.Graph.Int64s(axis)]);
        return call.Emit("Where", [where, call.Cast(values, input.Type), call.NameOf(input)]);
    }

    // scatter(input, dim, index, source or value), scatter_add(input, dim, index, source)
    private static Lowered Scatter(OperatorCall call, string reduction)
    {
        TensorOperand input = call.Tensor(0), positions = call.Tensor(2);
        string shape = call.Emit("Shape", [call.NameOf(positions)]);
        string source;
        if (call[3] is TensorOperand { Rank: > 0 })
        {
            // PyTorch takes the corner of the source that the positions cover.
            TensorOperand updates = call.Tensor(3);
            source = call.Cast(updates, input.Type);
            if (!updates.HasShapes(positions.Shapes)) source = call.Emit("Slice", [source, call.Graph.Int64s(new long[positions.Rank]), shape]);
        }
        else
        {
            source = call.Emit("Expand", [call.Cast(3, input.Type), shape]);
        }

        return call.Emit("ScatterElements", [call.NameOf(input), call.Name(2), source], ("axis", call.Axis(1, input.Rank)), ("reduction", reduction));
    }

    // one_hot(input, classes)
    private static Lowered OneHot(OperatorCall call)
    {
        if (call.Int(1) < 0) throw call.Error("one_hot needs the number of classes.");
        string offOn = call.Graph.Int64s(0, 1);
        return call.Emit("OneHot", [call.Name(0), call.Graph.Int64(call.Int(1)), offOn]);
    }

    private static (Operand Item, int Axis)[] Given(OperatorCall call) =>
        [.. call.Items(1).Select((item, axis) => (item, axis)).Where(entry => entry.item is not NoneOperand)];
}
