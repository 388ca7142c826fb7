using static Onnx.TensorProto.Types;

namespace Sightline.Onnx.Writing;

/// <summary>Element types: libtorch's names and numbers against ONNX's.</summary>
internal static class ElementTypes
{
    /// <summary>From a name as libtorch prints it in a graph.</summary>
    /// <param name="name">E.g. <c>Float</c>, <c>Long</c>.</param>
    /// <returns>The ONNX type; null for one that ONNX hasn't.</returns>
    public static DataType? FromTrace(string name) => name switch
    {
        "Float" => DataType.Float,
        "Double" => DataType.Double,
        "Half" => DataType.Float16,
        "BFloat16" => DataType.Bfloat16,
        "Long" => DataType.Int64,
        "Int" => DataType.Int32,
        "Short" => DataType.Int16,
        "Char" => DataType.Int8,
        "Byte" => DataType.Uint8,
        "Bool" => DataType.Bool,
        _ => null,
    };

    /// <summary>Whether it is a floating-point type.</summary>
    /// <param name="type">The type.</param>
    /// <returns>True if so.</returns>
    public static bool IsFloat(this DataType type) => type is DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16;

    /// <summary>The place of a type in libtorch's order of promotion.</summary>
    /// <param name="type">The type.</param>
    /// <returns>A rank; the larger wins.</returns>
    public static int PromotionRank(this DataType type) => type switch
    {
        DataType.Bool => 0,
        DataType.Uint8 or DataType.Int8 => 1,
        DataType.Int16 => 2,
        DataType.Int32 => 3,
        DataType.Int64 => 4,
        DataType.Float16 or DataType.Bfloat16 => 5,
        DataType.Float => 6,
        _ => 7,
    };
}
