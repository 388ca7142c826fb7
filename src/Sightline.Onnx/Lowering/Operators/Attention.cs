using DataType = Onnx.TensorProto.Types.DataType;

namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Scaled dot-product attention, written out.</summary>
internal static class Attention
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table) => table.Add(DotProduct, "scaled_dot_product_attention");

    // scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa)
    private static Lowered DotProduct(OperatorCall call)
    {
        if (call.Float(4) != 0) throw call.Error("dropout in training mode: pass 0 in evaluation.");
        if (call.Bool(7)) throw call.Error("grouped queries have no lowering.");
        TensorOperand query = call.Tensor(0), key = call.Tensor(1);
        DataType type = call.OutputType();
        long[] swap = [.. Enumerable.Range(0, key.Rank).Select(axis => (long)axis)];
        (swap[^1], swap[^2]) = (swap[^2], swap[^1]);
        double scale = call.IsNone(6) ? 1 / Math.Sqrt(query.Shapes[0][^1]) : call.Float(6);

        string scores = call.Emit("MatMul", [call.NameOf(query), call.Emit("Transpose", [call.NameOf(key)], ("perm", swap))]);
        scores = call.Emit("Mul", [scores, call.Graph.Scalar(scale, type)]);
        string minusInfinity = call.Graph.Scalar(double.NegativeInfinity, type);
        if (!call.IsNone(3))
        {
            TensorOperand mask = call.Tensor(3);
            scores = mask.Type == DataType.Bool
                ? call.Emit("Where", [call.NameOf(mask), scores, minusInfinity])
                : call.Emit("Add", [scores, call.NameOf(mask)]);
        }

        if (call.Bool(5))
        {
            string shape = call.Emit("Concat", [call.SizeOf(query, query.Rank - 2), call.SizeOf(key, key.Rank - 2)], ("axis", 0));
            string lower = call.Emit("Trilu", [call.Emit("Expand", [call.Graph.Scalar(1, type), shape])], ("upper", 0));
            scores = call.Emit("Where", [call.Cast(lower, type, DataType.Bool), scores, minusInfinity]);
        }

        return call.Emit("MatMul", [call.Emit("Softmax", [scores], ("axis", -1)), call.Name(2)]);
    }
}
