using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sightline.Torch;
using TorchSharp;
using ScalarType = TorchSharp.torch.ScalarType;
using Tensor = TorchSharp.torch.Tensor;

namespace Sightline.Onnx;

/// <summary>Runs a written file in ONNX Runtime beside the module itself, on sizes that weren't traced.</summary>
/// <remarks>
/// libtorch 2.10's float32 convolutions of contiguous tensors are wrong on some processors where the channels don't fill oneDNN's blocks
/// of 16 (seen on an AVX-512 machine: 24 → 64 channels, 3×3, off by 2.7 from the same sum written as a matrix product; channels-last is
/// right). So an image batch that differs is passed through the module once more in channels-last before anything is refused.
/// </remarks>
internal static class ExportCheck
{
    /// <summary>Largest difference allowed, as a fraction of the largest output.</summary>
    public const double RelativeTolerance = 1e-4;

    /// <summary>Compares.</summary>
    /// <param name="model">The file.</param>
    /// <param name="forward">The module's pass.</param>
    /// <param name="makeInput">Makes the input for a batch size; the same each time.</param>
    /// <param name="batches">The batch sizes to try.</param>
    /// <returns>The largest absolute difference.</returns>
    /// <exception cref="OnnxExportException">The file doesn't load, doesn't run, or differs.</exception>
    public static double Run(byte[] model, Func<Tensor, Tensor> forward, Func<long, Tensor> makeInput, IReadOnlyList<long> batches)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using InferenceSession session = Load(model, options);
        double largest = 0;
        foreach (long batch in batches)
        {
            using var scope = torch.NewDisposeScope();
            using var noGradient = torch.no_grad();
            Tensor input = makeInput(batch);
            // ONNX Runtime first: the pass may write into its input.
            float[] theirs = Infer(session, input, batch, out long[] shape);
            Tensor? again = input.dim() == 4 ? ChannelsLast.Of(input.clone()) : null;
            largest = Math.Max(largest, Compare(forward(input), theirs, shape, batch, again is null ? null : () => forward(again)));
        }

        return largest;
    }

    private static double Compare(Tensor output, float[] theirs, long[] shape, long batch, Func<Tensor>? inChannelsLast)
    {
        if (!output.shape.AsSpan().SequenceEqual(shape))
            throw Differs(batch, $"gives a tensor [{string.Join(", ", shape)}] where the module gives [{string.Join(", ", output.shape)}]");
        try
        {
            return Compare(Values(output), theirs, batch);
        }
        catch (OnnxExportException) when (inChannelsLast is not null)
        {
            Tensor again;
            try
            {
                again = inChannelsLast();
            }
            catch (ExternalException)
            {
                again = output; // a forward with view() on feature maps wants contiguous ones
            }

            return Compare(Values(again), theirs, batch);
        }
    }

    private static float[] Values(Tensor tensor)
    {
        using Tensor plain = tensor.to(ScalarType.Float32).contiguous().cpu();
        return plain.data<float>().ToArray();
    }

    private static double Compare(float[] ours, float[] theirs, long batch)
    {
        double largestDifference = 0, largestValue = 0;
        for (int i = 0; i < ours.Length; i++)
        {
            if (ours[i].Equals(theirs[i])) continue; // equal infinities and NaNs too
            double difference = Math.Abs((double)ours[i] - theirs[i]);
            if (double.IsNaN(difference)) throw Differs(batch, $"gives {theirs[i]} at element {i} where the module gives {ours[i]}");
            largestDifference = Math.Max(largestDifference, difference);
        }

        foreach (float value in ours) largestValue = Math.Max(largestValue, float.IsFinite(value) ? Math.Abs(value) : 0);
        return largestDifference <= (RelativeTolerance * largestValue) + 1e-6
            ? largestDifference
            : throw Differs(batch, FormattableString.Invariant($"differs from the module by {largestDifference:g3} (largest output {largestValue:g3})"));
    }

    private static InferenceSession Load(byte[] model, SessionOptions options)
    {
        try
        {
            return new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException error)
        {
            throw new OnnxExportException($"ONNX Runtime doesn't load the exported graph: {error.Message}", error);
        }
    }

    private static float[] Infer(InferenceSession session, Tensor input, long batch, out long[] shape)
    {
        var values = new DenseTensor<float>(input.data<float>().ToArray(), [.. input.shape.Select(size => checked((int)size))]);
        try
        {
            using var results = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], values)]);
            return Read(results[0], out shape);
        }
        catch (OnnxRuntimeException error)
        {
            throw new OnnxExportException($"ONNX Runtime can't run the exported graph at batch {batch}: {error.Message}", error);
        }
    }

    private static float[] Read(DisposableNamedOnnxValue result, out long[] shape)
    {
        shape = result.Value switch
        {
            Tensor<float> values => Sizes(values.Dimensions),
            Tensor<long> values => Sizes(values.Dimensions),
            Tensor<bool> values => Sizes(values.Dimensions),
            _ => throw new OnnxExportException($"an output of type {result.ElementType} can't be checked."),
        };
        return result.Value switch
        {
            Tensor<float> values => [.. values],
            Tensor<long> values => [.. values.Select(value => (float)value)],
            _ => [.. ((Tensor<bool>)result.Value).Select(value => value ? 1f : 0f)],
        };
    }

    private static long[] Sizes(ReadOnlySpan<int> dimensions)
    {
        var sizes = new long[dimensions.Length];
        for (int i = 0; i < sizes.Length; i++) sizes[i] = dimensions[i];
        return sizes;
    }

    private static OnnxExportException Differs(long batch, string how) => new(
        $"the exported graph {how} at batch {batch}, which wasn't traced. forward depends on its input's size or values in a way that tracing can't see.");
}
