namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Batch, instance, layer and group normalisation.</summary>
internal static class Normalisations
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        table.Add(BatchNorm, "batch_norm", "_batch_norm_impl_index", "native_batch_norm", "cudnn_batch_norm");
        table.Add(InstanceNorm, "instance_norm");
        table.Add(LayerNorm, "layer_norm", "native_layer_norm");
        table.Add(GroupNorm, "group_norm");
    }

    // batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, …)
    private static Lowered BatchNorm(OperatorCall call)
    {
        if (call.Bool(5) || call.IsNone(3)) throw call.Error("batch normalisation in training mode: call eval() on the module first.");
        TensorOperand input = call.Tensor(0);
        return call.Emit(
            "BatchNormalization",
            [call.NameOf(input), ScaleOrOnes(call, 1, input.Shapes[0][1]), BiasOrZeros(call, 2, input.Shapes[0][1]), call.Name(3), call.Name(4)],
            ("epsilon", call.Float(7)));
    }

    // instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, …)
    private static Lowered InstanceNorm(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        string scale = ScaleOrOnes(call, 1, input.Shapes[0][1]), bias = BiasOrZeros(call, 2, input.Shapes[0][1]);
        return call.Bool(5)
            ? call.Emit("InstanceNormalization", [call.NameOf(input), scale, bias], ("epsilon", call.Float(7)))
            : call.Emit("BatchNormalization", [call.NameOf(input), scale, bias, call.Name(3), call.Name(4)], ("epsilon", call.Float(7)));
    }

    // layer_norm(input, normalized_shape, weight, bias, eps, …)
    private static Lowered LayerNorm(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        long[] shape = call.Ints(1);
        string scale = call.IsNone(2)
            ? call.Emit("Reshape", [call.Graph.Filled(shape.Aggregate(1L, (a, b) => a * b), 1, input.Type), call.Graph.Int64s(shape)])
            : call.Name(2);
        return call.Emit("LayerNormalization", [call.NameOf(input), scale, call.Name(3)], ("axis", -shape.Length), ("epsilon", call.Float(4)));
    }

    // group_norm(input, groups, weight, bias, eps, …): normalised like instances over channels regrouped, then scaled by channel.
    private static Lowered GroupNorm(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        long groups = call.Int(1);
        string grouped = call.Emit("Reshape", [call.NameOf(input), call.Graph.Int64s(0, groups, -1)]);
        string normal = call.Emit(
            "InstanceNormalization",
            [grouped, call.Graph.Filled(groups, 1, input.Type), call.Graph.Filled(groups, 0, input.Type)],
            ("epsilon", call.Float(4)));
        string result = call.Emit("Reshape", [normal, call.Emit("Shape", [call.NameOf(input)])]);
        string perChannel = call.Graph.Int64s([-1, .. Enumerable.Repeat(1L, input.Rank - 2)]);
        if (!call.IsNone(2)) result = call.Emit("Mul", [result, call.Emit("Reshape", [call.Name(2), perChannel])]);
        if (!call.IsNone(3)) result = call.Emit("Add", [result, call.Emit("Reshape", [call.Name(3), perChannel])]);
        return result;
    }

    private static string ScaleOrOnes(OperatorCall call, int argument, long channels) =>
        call.IsNone(argument) ? call.Graph.Filled(channels, 1, call.OutputType()) : call.Name(argument);

    private static string BiasOrZeros(OperatorCall call, int argument, long channels) =>
        call.IsNone(argument) ? call.Graph.Filled(channels, 0, call.OutputType()) : call.Name(argument);
}
