namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Activation functions, softmax, and dropout, which does nothing in evaluation mode.</summary>
internal static class Activations
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        table.AddUnary(("relu", "Relu"), ("sigmoid", "Sigmoid"), ("expit", "Sigmoid"), ("tanh", "Tanh"), ("hardswish", "HardSwish"), ("selu", "Selu"));
        table.Add(call => call.Emit("HardSigmoid", [call.Name(0)], ("alpha", 1.0 / 6), ("beta", 0.5)), "hardsigmoid");
        table.Add(call => call.Emit("Mul", [call.Name(0), call.Emit("Sigmoid", [call.Name(0)])]), "silu");
        table.Add(call => call.Emit("Mul", [call.Name(0), call.Emit("Tanh", [call.Emit("Softplus", [call.Name(0)])])]), "mish");
        table.Add(call => call.Emit("Neg", [call.Emit("Softplus", [call.Emit("Neg", [call.Name(0)])])]), "log_sigmoid");
        table.Add(call => call.Emit("LeakyRelu", [call.Name(0)], ("alpha", call.IsNone(1) ? 0.01 : call.Float(1))), "leaky_relu");
        table.Add(Elu, "elu");
        table.Add(call => call.Emit("Celu", [call.Name(0)], ("alpha", call.IsNone(1) ? 1 : call.Float(1))), "celu");
        table.Add(Softplus, "softplus");
        table.Add(Gelu, "gelu");
        table.Add(PRelu, "prelu", "_prelu_kernel");
        table.Add(call => call.Emit("Clip", [call.Name(0), Number(call, 0), Number(call, 6)]), "relu6");
        table.Add(Clamp, "clamp", "clip", "hardtanh");
        table.Add(call => call.Emit("Max", [call.Cast(0, call.OutputType()), call.Cast(1, call.OutputType())]), "clamp_min");
        table.Add(call => call.Emit("Min", [call.Cast(0, call.OutputType()), call.Cast(1, call.OutputType())]), "clamp_max");
        table.Add(Threshold, "threshold");
        table.Add(call => Softmax(call, "Softmax"), "softmax", "_softmax");
        table.Add(call => Softmax(call, "LogSoftmax"), "log_softmax", "_log_softmax");
        table.Add(Glu, "glu");
        // dropout(input, p, train)
        table.Add(
            call => call.Bool(2) ? throw call.Error("dropout in training mode: call eval() on the module first, or pass training: false.") : call.Tensor(0),
            "dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout", "native_dropout");
    }

    private static string Number(OperatorCall call, double value) => call.Graph.Scalar(value, call.OutputType());

    // elu(input, alpha, scale, input_scale)
    private static Lowered Elu(OperatorCall call)
    {
        if ((!call.IsNone(2) && call.Float(2) != 1) || (!call.IsNone(3) && call.Float(3) != 1)) throw call.Error("elu with another scale than 1.");
        return call.Emit("Elu", [call.Name(0)], ("alpha", call.IsNone(1) ? 1 : call.Float(1)));
    }

    // softplus(input, beta, threshold): log(1 + exp(beta·x)) / beta; above the threshold x itself, which float32 can't tell from it.
    private static Lowered Softplus(OperatorCall call)
    {
        double beta = call.IsNone(1) ? 1 : call.Float(1);
        if (!call.IsNone(2) && call.Float(2) < 20) throw call.Error("softplus with a threshold below 20.");
        if (beta == 1) return call.Emit("Softplus", [call.Name(0)]);
        string inner = call.Emit("Softplus", [call.Emit("Mul", [call.Name(0), Number(call, beta)])]);
        return call.Emit("Div", [inner, Number(call, beta)]);
    }

    private static Lowered Gelu(OperatorCall call)
    {
        string x = call.Name(0);
        string half = call.Emit("Mul", [x, Number(call, 0.5)]);
        if (call.Text(1) == "tanh")
        {
            string cube = call.Emit("Mul", [call.Emit("Mul", [x, x]), x]);
            string inner = call.Emit("Add", [x, call.Emit("Mul", [cube, Number(call, 0.044715)])]);
            string bent = call.Emit("Tanh", [call.Emit("Mul", [inner, Number(call, Math.Sqrt(2 / Math.PI))])]);
            return call.Emit("Mul", [half, call.Emit("Add", [bent, Number(call, 1)])]);
        }

        string error = call.Emit("Erf", [call.Emit("Div", [x, Number(call, Math.Sqrt(2))])]);
        return call.Emit("Mul", [half, call.Emit("Add", [error, Number(call, 1)])]);
    }

    private static Lowered PRelu(OperatorCall call)
    {
        TensorOperand slope = call.Tensor(1);
        string name = call.NameOf(slope);
        if (slope.Rank == 1 && slope.Shapes[0][0] > 1 && call.Tensor(0).Rank > 2)
            name = call.Emit("Reshape", [name, call.Graph.Int64s([-1, .. Enumerable.Repeat(1L, call.Tensor(0).Rank - 2)])]);
        return call.Emit("PRelu", [call.Name(0), name]);
    }

    private static Lowered Clamp(OperatorCall call)
    {
        string result = call.Cast(0, call.OutputType());
        bool tensors = call[1] is TensorOperand || call[2] is TensorOperand;
        if (!tensors)
        {
            return call.Emit(
                "Clip",
                [result, call.IsNone(1) ? "" : call.Cast(1, call.OutputType()), call.IsNone(2) ? "" : call.Cast(2, call.OutputType())]);
        }

        if (!call.IsNone(1)) result = call.Emit("Max", [result, call.Cast(1, call.OutputType())]);
        return call.IsNone(2) ? result : call.Emit("Min", [result, call.Cast(2, call.OutputType())]);
    }

    // threshold(input, threshold, value)
    private static Lowered Threshold(OperatorCall call)
    {
        string above = call.Emit("Greater", [call.Name(0), call.Cast(1, call.OutputType())]);
        return call.Emit("Where", [above, call.Name(0), call.Cast(2, call.OutputType())]);
    }

    // softmax(input, dim, dtype)
    private static Lowered Softmax(OperatorCall call, string type) =>
        call.Emit(type, [call.Cast(0, call.OutputType())], ("axis", call.Axis(1, call.Tensor(0).Rank)));

    private static Lowered Glu(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        int axis = call.IsNone(1) ? input.Rank - 1 : call.Axis(1, input.Rank);
        string[] halves = call.Graph.Emit("Split", 2, [call.NameOf(input)], call.Graph.Opset >= 18 ? [("axis", axis), ("num_outputs", 2)] : [("axis", axis)]);
        return call.Emit("Mul", [halves[0], call.Emit("Sigmoid", [halves[1]])]);
    }
}
