using Sightline.Onnx.Writing;

namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Convolutions of 1 to 3 dimensions, plain, grouped, dilated and transposed.</summary>
internal static class Convolutions
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        // conv(input, weight, bias, stride, padding, dilation, groups)
        table.Add(call => Plain(call, groups: call.Int(6)), "conv1d", "conv2d", "conv3d", "_convolution_mode");
        // convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups, …)
        table.Add(
            call => call.Bool(6)
                ? Transposed(call, outputPadding: call.Ints(7), groups: call.Int(8), dilation: call.Ints(5))
                : Plain(call, groups: call.Int(8)),
            "_convolution", "convolution");
        // conv_transpose(input, weight, bias, stride, padding, output_padding, groups, dilation)
        table.Add(
            call => Transposed(call, outputPadding: call.Ints(5), groups: call.Int(6), dilation: call.Ints(7)),
            "conv_transpose1d", "conv_transpose2d", "conv_transpose3d");
    }

    private static string Plain(OperatorCall call, long groups)
    {
        long[] kernel = Kernel(call);
        long[] dilation = Spread(call.Ints(5), kernel.Length);
        var attributes = new List<(string, AttributeValue)>
        {
            ("kernel_shape", kernel), ("strides", Spread(call.Ints(3), kernel.Length)), ("dilations", dilation), ("group", groups),
        };
        (long[] begin, long[] end) = Padding(call, kernel, dilation);
        attributes.Add(("pads", (long[])[.. begin, .. end]));
        return call.Emit("Conv", [call.Name(0), call.Name(1), call.Name(2)], [.. attributes]);
    }

    private static string Transposed(OperatorCall call, long[] outputPadding, long groups, long[] dilation)
    {
        long[] kernel = Kernel(call);
        long[] padding = Spread(call.Ints(4), kernel.Length);
        return call.Emit(
            "ConvTranspose",
            [call.Name(0), call.Name(1), call.Name(2)],
            ("kernel_shape", kernel),
            ("strides", Spread(call.Ints(3), kernel.Length)),
            ("pads", (long[])[.. padding, .. padding]),
            ("output_padding", Spread(outputPadding, kernel.Length)),
            ("dilations", Spread(dilation, kernel.Length)),
            ("group", groups));
    }

    private static (long[] Begin, long[] End) Padding(OperatorCall call, long[] kernel, long[] dilation)
    {
        if (call.Text(4) is not { } rule)
        {
            long[] padding = Spread(call.Ints(4), kernel.Length);
            return (padding, padding);
        }

        if (rule == "valid") return (new long[kernel.Length], new long[kernel.Length]);
        if (rule != "same") throw call.Error($"padding \"{rule}\" is neither \"same\" nor \"valid\".");
        // PyTorch puts the odd one at the end.
        long[] total = [.. kernel.Zip(dilation, (size, step) => step * (size - 1))];
        long[] begin = [.. total.Select(sum => sum / 2)];
        return (begin, [.. total.Zip(begin, (sum, first) => sum - first)]);
    }

    private static long[] Kernel(OperatorCall call)
    {
        long[][] shapes = call.Tensor(1).Shapes;
        if (call.Tensor(0).Rank != shapes[0].Length) throw call.Error("a convolution without a batch dimension: ONNX wants one.");
        return shapes[0][2..];
    }

    /// <summary>One value for each spatial dimension; PyTorch also takes one for all.</summary>
    /// <param name="values">One or all.</param>
    /// <param name="count">How many dimensions.</param>
    /// <returns>One each.</returns>
    internal static long[] Spread(long[] values, int count) => values.Length == count ? values : [.. Enumerable.Repeat(values[0], count)];
}
