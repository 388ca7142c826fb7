using Sightline.Onnx.Writing;

namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Sums, means, extremes and the like over dimensions.</summary>
internal static class Reductions
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        // mean, sum: (input, dtype) over everything, or (input, dim, keepdim, dtype)
        table.Add(call => SumLike(call, "ReduceMean"), "mean");
        table.Add(call => SumLike(call, "ReduceSum"), "sum");
        // amax, amin, logsumexp: (input, dim, keepdim)
        table.Add(call => Over(call, "ReduceMax"), "amax");
        table.Add(call => Over(call, "ReduceMin"), "amin");
        table.Add(call => Over(call, "ReduceLogSumExp"), "logsumexp");
        table.Add(call => Extreme(call, "Max"), "max");
        table.Add(call => Extreme(call, "Min"), "min");
        table.Add(call => ArgExtreme(call, "ArgMax"), "argmax");
        table.Add(call => ArgExtreme(call, "ArgMin"), "argmin");
        table.Add(Variance, "var", "std");
        table.Add(Norm, "norm", "linalg_vector_norm");
        table.Add(call => call.Emit("CumSum", [call.Cast(0, call.OutputType()), call.Graph.Int64(call.Axis(1, call.Tensor(0).Rank))]), "cumsum");
        table.Add(TopK, "topk");
    }

    /// <summary>Reduces; operator set 18 moved the axes of most reductions from an attribute to an input.</summary>
    /// <param name="call">The call.</param>
    /// <param name="type">The ONNX operator.</param>
    /// <param name="input">What to reduce.</param>
    /// <param name="axes">Over which dimensions; none for all.</param>
    /// <param name="keep">Whether they stay, with size 1.</param>
    /// <returns>The result's name.</returns>
    internal static string Reduce(OperatorCall call, string type, string input, long[] axes, bool keep)
    {
        (string, AttributeValue) keepAttribute = ("keepdims", keep ? 1 : 0);
        if (axes.Length == 0) return call.Emit(type, [input], keepAttribute);
        return type == "ReduceSum" || call.Graph.Opset >= 18
            ? call.Emit(type, [input, call.Graph.Int64s(axes)], keepAttribute)
            : call.Emit(type, [input], ("axes", axes), keepAttribute);
    }

    private static Lowered SumLike(OperatorCall call, string type)
    {
        string input = call.Cast(0, call.OutputType());
        bool everything = call.Count <= 2 || call.IsNone(1) || call[1] is ListOperand { Items.Count: 0 };
        return everything
            ? Reduce(call, type, input, [], call.Count > 2 && call.Bool(2))
            : Reduce(call, type, input, call.Ints(1), call.Bool(2));
    }

    private static Lowered Over(OperatorCall call, string type) =>
        Reduce(call, type, call.Cast(0, call.OutputType()), call.IsNone(1) ? [] : call.Ints(1), call.Bool(2));

    // max(input), max(input, dim, keepdim) -> values, indices, max(input, other)
    private static Lowered Extreme(OperatorCall call, string kind)
    {
        if (call.Outputs == 1 && call.Count == 1) return Reduce(call, $"Reduce{kind}", call.Name(0), [], false);
        if (call.Outputs == 1) return call.Emit(kind, [call.Cast(0, call.OutputType()), call.Cast(1, call.OutputType())]);
        TensorOperand input = call.Tensor(0);
        int axis = call.Axis(1, input.Rank);
        string values = Reduce(call, $"Reduce{kind}", call.NameOf(input), [axis], call.Bool(2));
        string indices = call.Emit($"Arg{kind}", [call.NameOf(input)], ("axis", axis), ("keepdims", call.Bool(2) ? 1 : 0));
        return (TensorOperand[])[call.Result(values), call.Result(indices, 1)];
    }

    // argmax(input, dim, keepdim)
    private static Lowered ArgExtreme(OperatorCall call, string type)
    {
        if (call.IsNone(1))
        {
            string flat = call.Emit("Reshape", [call.Name(0), call.Graph.Int64s(-1)]);
            return call.Emit(type, [flat], ("axis", 0), ("keepdims", 0));
        }

        return call.Emit(type, [call.Name(0)], ("axis", call.Axis(1, call.Tensor(0).Rank)), ("keepdims", call.Bool(2) ? 1 : 0));
    }

    // var(input, dim, correction, keepdim), var(input, dim, unbiased, keepdim), var(input, unbiased)
    private static Lowered Variance(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        bool over = call.Count == 4;
        long[] axes = over && !call.IsNone(1) && call[1] is ListOperand { Items.Count: > 0 }
            ? [.. call.Ints(1).Select(axis => (long)OperatorCall.Axis(axis, input.Rank))]
            : [.. Enumerable.Range(0, input.Rank).Select(axis => (long)axis)];
        int correctionAt = over ? 2 : 1;
        double correction = call.IsNone(correctionAt) ? 1 : call.Float(correctionAt);
        string mean = Reduce(call, "ReduceMean", call.NameOf(input), axes, true);
        string difference = call.Emit("Sub", [call.NameOf(input), mean]);
        string variance = Reduce(call, "ReduceMean", call.Emit("Mul", [difference, difference]), axes, over && call.Bool(3));
        if (correction != 0)
        {
            if (axes.Any(axis => input.IsFree((int)axis))) throw call.Error("variance with a correction over a free dimension: pass unbiased: false.");
            double count = axes.Aggregate(1.0, (product, axis) => product * input.Shapes[0][axis]);
            variance = call.Emit("Mul", [variance, call.Graph.Scalar(count / (count - correction), call.OutputType())]);
        }

        return call.Operator == "std" ? call.Emit("Sqrt", [variance]) : variance;
    }

    // norm(input, p, dim, keepdim, …), linalg_vector_norm(input, ord, dim, keepdim, …)
    private static Lowered Norm(OperatorCall call)
    {
        double order = call.IsNone(1) ? 2 : call.Float(1);
        string type = order switch
        {
            1 => "ReduceL1",
            2 => "ReduceL2",
            _ => throw call.Error($"a norm of order {order}; 1 and 2 have a lowering."),
        };
        long[] axes = call.IsNone(2) || call[2] is ListOperand { Items.Count: 0 } ? [] : call.Ints(2);
        return Reduce(call, type, call.Cast(0, call.OutputType()), axes, call.Bool(3));
    }

    // topk(input, k, dim, largest, sorted)
    private static Lowered TopK(OperatorCall call)
    {
        string[] made = call.Graph.Emit(
            "TopK",
            2,
            [call.Name(0), call.Express(call.Traced(1))],
            ("axis", call.Axis(2, call.Tensor(0).Rank)),
            ("largest", call.Bool(3) ? 1 : 0),
            ("sorted", call.Bool(4) ? 1 : 0));
        return (TensorOperand[])[call.Result(made[0]), call.Result(made[1], 1)];
    }
}
