using Sightline.Onnx.Writing;

namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Products of matrices and vectors.</summary>
internal static class MatrixProducts
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        table.Add(Product, "matmul", "mm", "bmm", "mv", "dot", "__matmul__");
        table.Add(Linear, "linear");
        table.Add(AddMatrixProduct, "addmm");
        table.Add(AddBatchProduct, "baddbmm", "addbmm", "addmv");
        table.Add(Einsum, "einsum");
        table.Add(Outer, "outer", "ger");
    }

    // Gemm where it can be: clean-up then lets it transpose by itself.
    private static Lowered Product(OperatorCall call) =>
        call.Emit(call.Tensor(0).Rank == 2 && call.Tensor(1).Rank == 2 && call.OutputType().IsFloat() ? "Gemm" : "MatMul", [call.Name(0), call.Name(1)]);

    // linear(input, weight, bias)
    private static Lowered Linear(OperatorCall call)
    {
        TensorOperand input = call.Tensor(0);
        if (input.Rank == 2) return call.Emit("Gemm", [call.NameOf(input), call.Name(1), call.Name(2)], ("transB", 1));
        string product = call.Emit("MatMul", [call.NameOf(input), call.Emit("Transpose", [call.Name(1)], ("perm", (long[])[1, 0]))]);
        return call.IsNone(2) ? product : call.Emit("Add", [product, call.Name(2)]);
    }

    // addmm(self, mat1, mat2, beta, alpha)
    private static Lowered AddMatrixProduct(OperatorCall call) => call.Emit(
        "Gemm",
        [call.Name(1), call.Name(2), call.Name(0)],
        ("alpha", call.IsNone(4) ? 1 : call.Float(4)),
        ("beta", call.IsNone(3) ? 1 : call.Float(3)));

    // baddbmm, addmv: (self, batch1, batch2, beta, alpha)
    private static Lowered AddBatchProduct(OperatorCall call)
    {
        if (call.Operator == "addbmm") throw call.Error("addbmm sums over the batch; write it as bmm and sum.");
        string product = call.Emit("MatMul", [call.Name(1), call.Name(2)]);
        if (!call.IsNone(4) && call.Float(4) != 1) product = call.Emit("Mul", [product, call.Cast(4, call.OutputType())]);
        string self = call.Name(0);
        if (!call.IsNone(3) && call.Float(3) != 1) self = call.Emit("Mul", [self, call.Cast(3, call.OutputType())]);
        return call.Emit("Add", [product, self]);
    }

    // einsum(equation, tensors, path)
    private static Lowered Einsum(OperatorCall call) =>
        call.Emit("Einsum", [.. call.Tensors(1).Select(call.NameOf)], ("equation", call.Text(0) ?? throw call.Error("no equation.")));

    private static Lowered Outer(OperatorCall call) => call.Emit(
        "Mul",
        [call.Emit("Unsqueeze", [call.Name(0), call.Graph.Int64s(1)]), call.Emit("Unsqueeze", [call.Name(1), call.Graph.Int64s(0)])]);
}
