namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Interpolation to another height and width.</summary>
internal static class Resizing
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        // upsample_nearest(input, output_size, scales…)
        table.Add(call => Resize(call, "nearest", "asymmetric"), "upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d");
        table.Add(call => Resize(call, "nearest", "half_pixel"), "_upsample_nearest_exact1d", "_upsample_nearest_exact2d");
        // upsample_bilinear2d(input, output_size, align_corners, scales…)
        table.Add(call => Resize(call, "linear", Corners(call)), "upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d");
        table.Add(call => Resize(call, "cubic", Corners(call)), "upsample_bicubic2d");
    }

    private static string Corners(OperatorCall call) => call.Bool(2) ? "align_corners" : "pytorch_half_pixel";

    private static Lowered Resize(OperatorCall call, string mode, string coordinates)
    {
        string sizes = call.ExpressShape(call.OutputShapes());
        return mode switch
        {
            "nearest" => call.Emit(
                "Resize", [call.Name(0), "", "", sizes], ("mode", mode), ("coordinate_transformation_mode", coordinates), ("nearest_mode", "floor")),
            "cubic" => call.Emit(
                "Resize", [call.Name(0), "", "", sizes], ("mode", mode), ("coordinate_transformation_mode", coordinates), ("cubic_coeff_a", -0.75)),
            _ => call.Emit("Resize", [call.Name(0), "", "", sizes], ("mode", mode), ("coordinate_transformation_mode", coordinates)),
        };
    }
}
