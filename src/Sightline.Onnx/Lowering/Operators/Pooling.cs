using Sightline.Onnx.Writing;

namespace Sightline.Onnx.Lowering.Operators;

/// <summary>Pooling with a window, and adaptive pooling to a given size.</summary>
internal static class Pooling
{
    /// <summary>Adds this family to the table.</summary>
    /// <param name="table">The table.</param>
    public static void Register(OperatorTable table)
    {
        table.Add(Max, "max_pool1d", "max_pool2d", "max_pool3d");
        table.Add(MaxWithIndices, "max_pool2d_with_indices", "max_pool1d_with_indices", "max_pool3d_with_indices");
        table.Add(Average, "avg_pool1d", "avg_pool2d", "avg_pool3d");
        table.Add(
            call => Adaptive(call, "AveragePool", "GlobalAveragePool"),
            "adaptive_avg_pool1d", "adaptive_avg_pool2d", "_adaptive_avg_pool2d", "adaptive_avg_pool3d");
        table.Add(call => Adaptive(call, "MaxPool", "GlobalMaxPool"), "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d");
    }

    // max_pool(input, kernel_size, stride, padding, dilation, ceil_mode)
    private static Lowered Max(OperatorCall call) => MaxName(call);

    private static Lowered MaxWithIndices(OperatorCall call)
    {
        // The positions are made for unpooling and gradients; a graph that uses them has no lowering.
        return (TensorOperand[])[call.Result(MaxName(call)), call.Absent(1)];
    }

    private static string MaxName(OperatorCall call)
    {
        int dimensions = Dimensions(call);
        long[] kernel = Convolutions.Spread(call.Ints(1), dimensions);
        long[] dilation = call.IsNone(4) ? [1] : Convolutions.Spread(call.Ints(4), dimensions);
        return call.Emit("MaxPool", [call.Name(0)], [.. Window(call, kernel, call.Bool(5)), ("dilations", Convolutions.Spread(dilation, dimensions))]);
    }

    // avg_pool(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
    private static Lowered Average(OperatorCall call)
    {
        if (!call.IsNone(6)) throw call.Error("average pooling with another divisor than the window.");
        long[] kernel = Convolutions.Spread(call.Ints(1), Dimensions(call));
        return call.Emit("AveragePool", [call.Name(0)], [.. Window(call, kernel, call.Bool(4)), ("count_include_pad", call.Bool(5) ? 1 : 0)]);
    }

    private static List<(string, AttributeValue)> Window(OperatorCall call, long[] kernel, bool ceiling)
    {
        long[] stride = call.IsNone(2) ? [] : call.Ints(2);
        long[] padding = Convolutions.Spread(call.Ints(3), kernel.Length);
        return
        [
            ("kernel_shape", kernel),
            ("strides", stride.Length == 0 ? kernel : Convolutions.Spread(stride, kernel.Length)),
            ("pads", (long[])[.. padding, .. padding]),
            ("ceil_mode", ceiling ? 1 : 0),
        ];
    }

    // adaptive_pool(input, output_size): a fixed window where the sizes divide; ONNX has no other, so other averages are products.
    private static Lowered Adaptive(OperatorCall call, string window, string global)
    {
        TensorOperand input = call.Tensor(0);
        int dimensions = Dimensions(call), first = input.Rank - dimensions;
        long[] wanted = Convolutions.Spread([.. call.OutputShapes()[0][^dimensions..]], dimensions);
        string pooled;
        if (wanted.All(size => size == 1))
        {
            pooled = call.Emit(global, [call.NameOf(input)]);
        }
        else
        {
            for (int i = 0; i < dimensions; i++)
            {
                if (input.IsFree(first + i))
                    throw call.Error($"adaptive pooling to {wanted[i]} over a free dimension: its window would change with the input.");
            }
            long[] sizes = input.Shapes[0][first..];
            if (sizes.SequenceEqual(wanted))
            {
                pooled = call.NameOf(input);
            }
            else if (sizes.Zip(wanted).All(s => s.First % s.Second == 0))
            {
                long[] kernel = [.. sizes.Zip(wanted, (size, windows) => size / windows)];
                pooled = call.Emit(window, [call.NameOf(input)], ("kernel_shape", kernel), ("strides", kernel));
            }
            else if (global == "GlobalAveragePool" && dimensions <= 2)
            {
                pooled = call.Emit("MatMul", [call.NameOf(input), Windows(call, sizes[^1], wanted[^1], transposed: true)]);
                if (dimensions == 2)
                    pooled = call.Emit("MatMul", [Windows(call, sizes[0], wanted[0], transposed: false), pooled]);
            }
            else
            {
                throw call.Error($"adaptive pooling of {string.Join('×', sizes)} to {string.Join('×', wanted)}: ONNX has equal windows only, so the sizes must divide.");
            }
        }

        return call.Outputs == 1 ? pooled : (TensorOperand[])[call.Result(pooled), call.Absent(1)];
    }

    // The mean over each window as a matrix [windows, size]; window i goes from ⌊i·size/windows⌋ to before ⌈(i + 1)·size/windows⌉.
    private static string Windows(OperatorCall call, long size, long windows, bool transposed)
    {
        var weights = transposed ? new double[size, windows] : new double[windows, size];
        for (long i = 0; i < windows; i++)
        {
            long begin = i * size / windows, end = (((i + 1) * size) + windows - 1) / windows;
            for (long j = begin; j < end; j++)
                weights[transposed ? j : i, transposed ? i : j] = 1.0 / (end - begin);
        }

        return call.Graph.Matrix(weights, call.OutputType());
    }

    private static int Dimensions(OperatorCall call)
    {
        int dimensions = call.Operator.First(char.IsDigit) - '0';
        return call.Tensor(0).Rank == dimensions + 2 ? dimensions : throw call.Error("pooling without a batch dimension: ONNX wants one.");
    }
}
