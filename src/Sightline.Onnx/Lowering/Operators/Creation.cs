using Sightline.Onnx.Dimensions;
using Sightline.Onnx.Writing;

namespace Sightline.Onnx.Lowering.Operators;

/// <summary>New tensors, and tensors filled anew.</summary>
internal static class Creation
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        table.Add(call => Filled(call, Number(call, 0)), "zeros", "zeros_like", "new_zeros", "empty", "empty_like", "new_empty", "empty_strided");
        table.Add(call => Filled(call, Number(call, 1)), "ones", "ones_like", "new_ones");
        table.Add(call => Filled(call, call.Cast(1, call.OutputType())), "full", "full_like");
        table.Add(call => Filled(call, call.Cast(2, call.OutputType())), "new_full");
        table.Add(call => call.Cast(0, call.OutputType()), "scalar_tensor");
        table.Add(Range, "arange");
        // Writes in place of a value for the whole tensor.
        table.Add(call => Like(call, call.Cast(1, call.Tensor(0).Type)), "fill");
        table.Add(call => Like(call, call.Graph.Scalar(0, call.Tensor(0).Type)), "zero", "zeros_out", "empty_out");
        table.Add(call => Like(call, call.Graph.Scalar(1, call.Tensor(0).Type)), "ones_out");
        table.Add(call => Like(call, call.Cast(2, call.Tensor(0).Type)), "full_out");
        table.Add(Copy, "copy");
        table.Add(
            call => throw call.Error("forward draws random numbers: the exported graph would need them as an input."),
            "rand", "randn", "randint", "rand_like", "randn_like", "bernoulli", "normal", "uniform", "multinomial", "randperm");
    }

    private static string Number(OperatorCall call, double value) => call.Graph.Scalar(value, call.OutputType());

    private static Lowered Filled(OperatorCall call, string value)
    {
        long[][] shapes = call.OutputShapes();
        return shapes[0].Length == 0 ? call.Emit("Identity", [value]) : call.Emit("Expand", [value, call.ExpressShape(shapes)]);
    }

    // arange(end, …), arange(start, end, …), arange(start, end, step, …), each with dtype, layout, device, pin_memory behind
    private static Lowered Range(OperatorCall call)
    {
        var type = call.OutputType();
        string zero = call.Graph.Scalar(0, type), one = call.Graph.Scalar(1, type);
        return call.Count switch
        {
            5 => call.Emit("Range", [zero, call.Cast(0, type), one]),
            6 => call.Emit("Range", [call.Cast(0, type), call.Cast(1, type), one]),
            _ => call.Emit("Range", [call.Cast(0, type), call.Cast(1, type), call.Cast(2, type)]),
        };
    }

    private static string Like(OperatorCall call, string value) => call.Emit("Expand", [value, call.Emit("Shape", [call.Name(0)])]);

    // copy_(self, source)
    private static Lowered Copy(OperatorCall call)
    {
        TensorOperand target = call.Tensor(0);
        if (call[1] is not TensorOperand) return Like(call, call.Cast(1, target.Type));
        TensorOperand source = call.Tensor(1);
        string value = call.Cast(source, target.Type);
        return source.HasShapes(target.Shapes) ? value : call.Emit("Expand", [value, call.Emit("Shape", [call.NameOf(target)])]);
    }
}
