using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Torch;

/// <summary>How long a depthwise form takes on this machine, forward and backward, in either number format.</summary>
/// <param name="Float32Ms">Milliseconds in float32, the shortest of some runs.</param>
/// <param name="Bf16Ms">Milliseconds in bfloat16; 10⁹ where its numbers are wrong.</param>
public sealed record DepthwisePlan(double Float32Ms, double Bf16Ms)
{
    private const int Images = 4, Runs = 3;
    private const double Wrong = 1e9;

    // bfloat16 has to be clearly faster: a choice that hangs on noise would differ from one measurement to the next.
    private const double Clearly = 0.9;

    private static readonly ConcurrentDictionary<Form, DepthwisePlan> Known = new();

    /// <summary>Whether bfloat16 is the format to run it in.</summary>
    public bool Bf16 => Bf16Ms < Clearly * Float32Ms;

    /// <summary>The plan of a convolution on maps of a size: known, read, or measured on four images of random numbers, about a tenth of a second.</summary>
    /// <param name="convolution">A depthwise convolution.</param>
    /// <param name="x"><c>[N, C, H, W]</c>; its shape and memory layout count.</param>
    /// <returns>The times. They are kept in <c>depthwise.json</c> in <see cref="DataFolders.Cache"/>, where it can be written.</returns>
    public static DepthwisePlan Of(Conv2d convolution, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        ArgumentNullException.ThrowIfNull(x);
        // Asked at every call of a layer: what is known is found without a text or a file.
        (long[] kernel, long[] map) = (convolution.weight!.shape, x.shape);
        var form = new Form(kernel[0], kernel[2], kernel[3], Pair(convolution.stride), Pair(convolution.padding), Pair(convolution.dilation), map[2], map[3], ChannelsLast.Has(x), get_num_threads());
        return Known.TryGetValue(form, out DepthwisePlan? plan) ? plan : Known[form] = ReadOrMeasure(form, convolution, map);
    }

    private static DepthwisePlan ReadOrMeasure(Form form, Conv2d convolution, long[] map)
    {
        string key = $"{ProcessorName.Read()}, {form.Threads} threads, libtorch {__version__}, {form}";
        const string float32Ms = "float32Ms", bf16Ms = "bf16Ms";
        DepthwisePlan? measured = null;
        IReadOnlyDictionary<string, double> Measured()
        {
            measured ??= Measure(convolution, map, form.ChannelsLast);
            return new Dictionary<string, double> { [float32Ms] = measured.Float32Ms, [bf16Ms] = measured.Bf16Ms };
        }
        try
        {
            IReadOnlyDictionary<string, double> numbers = new MeasuredFile(Path.Combine(DataFolders.Cache(), "depthwise.json")).ReadOrMeasure(key, [float32Ms, bf16Ms], Measured);
            return new DepthwisePlan(numbers[float32Ms], numbers[bf16Ms]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Measured(); // no place to keep it: for this process then
            return measured!;
        }
    }

    private static DepthwisePlan Measure(Conv2d convolution, long[] shape, bool last)
    {
        byte[] state = GuardedCalls.GetGeneratorState();
        try
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable gradients = enable_grad();
            using Autocast off = Autocast.Off();
            Tensor values = randn(Images, shape[1], shape[2], shape[3]), weights = randn(convolution.weight!.shape) / Math.Sqrt(convolution.weight.shape[2] * convolution.weight.shape[3]);
            if (last)
                values = ChannelsLast.Of(values);
            (double float32, Tensor[] exact) = Time(convolution, values, weights, ScalarType.Float32, double.PositiveInfinity);
            (double bf16, Tensor[] rounded) = Time(convolution, values, weights, ScalarType.BFloat16, float32);
            bool right = exact.Zip(rounded).All(p => (p.First - p.Second.to_type(ScalarType.Float32)).abs().max().item<float>() <= Bf16LayerCheck.Tolerance * p.First.abs().max().item<float>());
            return new DepthwisePlan(float32, right ? bf16 : Wrong);
        }
        finally
        {
            GuardedCalls.SetGeneratorState(state);
        }
    }

    // Output and both gradients of the first run, which also builds the kernels and is not timed; the shortest time of some others. What
    // is far behind after one is not run again.
    private static (double Milliseconds, Tensor[] Results) Time(Conv2d convolution, Tensor values, Tensor weights, ScalarType type, double beside)
    {
        Tensor[]? results = null;
        double shortest = double.PositiveInfinity;
        for (int run = 0; run <= Runs && !(run > 1 && shortest > 3 * beside); run++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = values.to_type(type).detach().requires_grad_(true), w = weights.to_type(type).detach().requires_grad_(true);
            long start = Stopwatch.GetTimestamp();
            Tensor y = nn.functional.conv2d(x, w, null, convolution.stride, convolution.padding, convolution.dilation, convolution.groups);
            IList<Tensor> gradients = autograd.grad([y], [x, w], [y.detach()]);
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            shortest = run == 0 ? shortest : Math.Min(shortest, milliseconds);
            results ??= [.. new[] { y.detach(), gradients[0], gradients[1] }.Select(t => t.MoveToOuterDisposeScope())];
        }
        return (shortest, results!);
    }

    private static (long Down, long Across) Pair(long[]? sides) => sides switch
    {
        null => (1, 1),
        [var both] => (both, both),
        _ => (sides[0], sides[1]),
    };

    /// <summary>What a time holds for, beside the machine.</summary>
    private readonly record struct Form(
        long Channels, long KernelHeight, long KernelWidth, (long Down, long Across) Stride, (long Down, long Across) Padding, (long Down, long Across) Dilation, long Height, long Width, bool ChannelsLast, int Threads)
    {
        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{Channels}×1×{KernelHeight}×{KernelWidth} stride {Text(Stride)} padding {Text(Padding)} dilation {Text(Dilation)} on {Height}×{Width}{(ChannelsLast ? "" : " contiguous")}");

        private static string Text((long Down, long Across) pair) => pair.Down == pair.Across ? $"{pair.Down}" : $"{pair.Down}×{pair.Across}";
    }
}
