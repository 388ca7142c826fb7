using Sightline.Onnx.Writing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Arithmetic and elementary functions, element by element.</summary>
internal static class Arithmetic
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        table.AddUnary(
            ("exp", "Exp"), ("log", "Log"), ("sqrt", "Sqrt"), ("abs", "Abs"), ("neg", "Neg"), ("negative", "Neg"), ("floor", "Floor"), ("ceil", "Ceil"),
            ("round", "Round"), ("sign", "Sign"), ("erf", "Erf"), ("reciprocal", "Reciprocal"), ("sin", "Sin"), ("cos", "Cos"), ("tan", "Tan"),
            ("asin", "Asin"), ("acos", "Acos"), ("atan", "Atan"), ("sinh", "Sinh"), ("cosh", "Cosh"));
        table.Add(call => call.Emit("Reciprocal", [call.Emit("Sqrt", [X(call)])]), "rsqrt");
        table.Add(call => call.Emit("Mul", [X(call), X(call)]), "square");
        table.Add(call => call.Emit("Sub", [call.Emit("Exp", [X(call)]), One(call)]), "expm1");
        table.Add(call => call.Emit("Log", [call.Emit("Add", [X(call), One(call)])]), "log1p");
        table.Add(call => call.Emit("Div", [call.Emit("Log", [X(call)]), call.Graph.Scalar(Math.Log(2), call.OutputType())]), "log2");
        table.Add(call => call.Emit("Div", [call.Emit("Log", [X(call)]), call.Graph.Scalar(Math.Log(10), call.OutputType())]), "log10");

        table.Add(call => call.Emit("Add", [X(call), Scaled(call, 1)]), "add");
        table.Add(call => call.Emit("Sub", [X(call), Scaled(call, 1)]), "sub", "subtract");
        table.Add(call => call.Emit("Sub", [call.Cast(1, call.OutputType()), Scaled(call, 0)]), "rsub");
        table.Add(call => call.Emit(call.OutputType() == DataType.Bool ? "And" : "Mul", [X(call), call.Cast(1, call.OutputType())]), "mul", "multiply");
        table.Add(Divide, "div", "divide", "true_divide");
        table.Add(call => FloorQuotient(call), "floor_divide");
        table.Add(call => call.Emit("Sub", [X(call), call.Emit("Mul", [FloorQuotient(call), call.Cast(1, call.OutputType())])]), "remainder");
        table.Add(call => call.Emit("Mod", [X(call), call.Cast(1, call.OutputType())], ("fmod", 1)), "fmod");
        table.Add(call => call.Emit("Pow", [X(call), call.Cast(1, call.OutputType())]), "pow");
        table.Add(call => call.Emit("Max", [X(call), call.Cast(1, call.OutputType())]), "maximum");
        table.Add(call => call.Emit("Min", [X(call), call.Cast(1, call.OutputType())]), "minimum");
        table.Add(call => Fused(call, "Mul"), "addcmul");
        table.Add(call => Fused(call, "Div"), "addcdiv");
        table.Add(Lerp, "lerp");
    }

    private static string X(OperatorCall call) => call.Cast(0, call.OutputType());

    private static string One(OperatorCall call) => call.Graph.Scalar(1, call.OutputType());

    // add, sub, rsub: (self, other, alpha)
    private static string Scaled(OperatorCall call, int argument)
    {
        string value = call.Cast(argument, call.OutputType());
        return call.IsNone(2) || call.Float(2) == 1 ? value : call.Emit("Mul", [value, call.Cast(2, call.OutputType())]);
    }

    // div(self, other, rounding_mode)
    private static Lowered Divide(OperatorCall call)
    {
        if (call.Text(2) is not { } rounding) return call.Emit("Div", [X(call), call.Cast(1, call.OutputType())]);
        if (rounding == "floor") return FloorQuotient(call);
        if (rounding != "trunc") throw call.Error($"division with rounding \"{rounding}\".");
        if (!call.OutputType().IsFloat()) return call.Emit("Div", [X(call), call.Cast(1, call.OutputType())]); // ONNX truncates integers
        string quotient = call.Emit("Div", [X(call), call.Cast(1, call.OutputType())]);
        return call.Emit("Mul", [call.Emit("Sign", [quotient]), call.Emit("Floor", [call.Emit("Abs", [quotient])])]);
    }

    private static string FloorQuotient(OperatorCall call)
    {
        DataType type = call.OutputType();
        if (type.IsFloat()) return call.Emit("Floor", [call.Emit("Div", [X(call), call.Cast(1, type)])]);
        // Integers: (x − (x mod y)) / y is exact, with ONNX's modulo, which takes the divisor's sign as Python's does.
        string divisor = call.Cast(1, type);
        return call.Emit("Div", [call.Emit("Sub", [X(call), call.Emit("Mod", [X(call), divisor])]), divisor]);
    }

    // addcmul, addcdiv: (self, tensor1, tensor2, value)
    private static Lowered Fused(OperatorCall call, string type)
    {
        string product = call.Emit(type, [call.Cast(1, call.OutputType()), call.Cast(2, call.OutputType())]);
        if (!call.IsNone(3) && call.Float(3) != 1) product = call.Emit("Mul", [product, call.Cast(3, call.OutputType())]);
        return call.Emit("Add", [X(call), product]);
    }

    // lerp(self, end, weight)
    private static Lowered Lerp(OperatorCall call)
    {
        string way = call.Emit("Sub", [call.Cast(1, call.OutputType()), X(call)]);
        return call.Emit("Add", [X(call), call.Emit("Mul", [way, call.Cast(2, call.OutputType())])]);
    }
}
