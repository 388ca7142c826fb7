using Sightline.Onnx.Writing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Comparisons, logic, and choice by a mask.</summary>
internal static class Comparisons
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        table.Add(call => Compare(call, "Equal"), "eq");
        table.Add(call => call.Emit("Not", [Compare(call, "Equal")]), "ne", "not_equal");
        table.Add(call => Compare(call, "Less"), "lt", "less");
        table.Add(call => Compare(call, "Greater"), "gt", "greater");
        table.Add(call => Compare(call, "LessOrEqual"), "le", "less_equal");
        table.Add(call => Compare(call, "GreaterOrEqual"), "ge", "greater_equal");
        table.Add(call => call.Emit("And", [Bool(call, 0), Bool(call, 1)]), "logical_and");
        table.Add(call => call.Emit("Or", [Bool(call, 0), Bool(call, 1)]), "logical_or");
        table.Add(call => call.Emit("Xor", [Bool(call, 0), Bool(call, 1)]), "logical_xor");
        table.Add(call => call.Emit("Not", [Bool(call, 0)]), "logical_not");
        table.Add(call => Bitwise(call, "And"), "__and__", "bitwise_and");
        table.Add(call => Bitwise(call, "Or"), "__or__", "bitwise_or");
        table.Add(call => call.OutputType() == DataType.Bool ? call.Emit("Not", [Bool(call, 0)]) : throw call.Error("bitwise on integers."), "bitwise_not");
        table.Add(call => call.Emit("IsNaN", [call.Name(0)]), "isnan");
        table.Add(call => call.Emit("IsInf", [call.Name(0)]), "isinf");
        // where(condition, self, other); masked_fill(self, mask, value)
        table.Add(call => call.Emit("Where", [Bool(call, 0), call.Cast(1, call.OutputType()), call.Cast(2, call.OutputType())]), "where");
        table.Add(call => call.Emit("Where", [Bool(call, 1), call.Cast(2, call.OutputType()), call.Cast(0, call.OutputType())]), "masked_fill");
    }

    private static string Bool(OperatorCall call, int argument) => call.Cast(argument, DataType.Bool);

    private static string Bitwise(OperatorCall call, string type) => call.OutputType() == DataType.Bool
        ? call.Emit(type, [Bool(call, 0), Bool(call, 1)])
        : throw call.Error("bitwise on integers.");

    private static string Compare(OperatorCall call, string type)
    {
        DataType common = CommonType(call);
        return call.Emit(type, [call.Cast(0, common), call.Cast(1, common)]);
    }

    /// <summary>The type in which PyTorch compares: a number without dimensions only decides between whole and floating.</summary>
    private static DataType CommonType(OperatorCall call)
    {
        DataType first = call.Tensor(0).Type;
        switch (call[1])
        {
            case FloatOperand:
                return first.IsFloat() ? first : DataType.Float;
            case IntOperand number:
                return first == DataType.Bool && !number.IsBool ? DataType.Int64 : first;
        }

        TensorOperand other = call.Tensor(1);
        bool sameKind = first.IsFloat() == other.Type.IsFloat();
        if (!sameKind) return first.IsFloat() ? first : other.Type;
        if (call.Tensor(0).Rank == 0 && other.Rank > 0) return other.Type;
        if (other.Rank == 0 && call.Tensor(0).Rank > 0) return first;
        return first.PromotionRank() >= other.Type.PromotionRank() ? first : other.Type;
    }
}
