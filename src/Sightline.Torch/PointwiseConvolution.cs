using Sightline.Torch.Tracing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Torch;

/// <summary>
/// 1×1 convolutions on channels-last input, as the matrix product over the pixels that they are.
/// </summary>
/// <remarks>
/// Not for speed: oneDNN 3.7.1 (libtorch 2.10.0) cannot be trusted with them. Seen on a virtual AVX-512 Zen 5, in float32: with 512
/// output channels and a batch of 32 the values are off by a third of the largest, without a word (ResNet-50 on 32×32 images); with 1024
/// or more channels and a batch of some images planning divides by zero (<c>est_eff_1x1</c>), which ends the process.
/// </remarks>
public static class PointwiseConvolution
{
    [ThreadStatic]
    private static Watch? watch;

    /// <summary>Runs a convolution: on the processor an unstrided, ungrouped 1×1 one on channels-last input as a matrix product, a
    /// depthwise one in the number format that is faster (<see cref="DepthwiseConvolution"/>), any other as it is.</summary>
    /// <param name="convolution">The convolution.</param>
    /// <param name="x"><c>[N, C, H, W]</c>.</param>
    /// <returns><c>[N, K, H, W]</c>, channels-last if the input was. While a pass is being recorded always the convolution itself, which
    /// is what an exported network should hold.</returns>
    public static Tensor Call(Conv2d convolution, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        if (OperatorTracer.IsRecording || x.device_type != DeviceType.CPU || !IsPointwise(convolution) || !ChannelsLast.Has(x))
            return DepthwiseConvolution.Call(convolution, x);
        using DisposeScope scope = NewDisposeScope();
        watch?.Before(convolution, x);
        Tensor weight = convolution.weight!.flatten(1), pixels = x.permute(0, 2, 3, 1);
        Tensor y = nn.functional.linear(pixels, weight, convolution.bias).permute(0, 3, 1, 2);
        watch?.After(convolution, x, y);
        return y.MoveToOuterDisposeScope();
    }

    /// <summary>Calls back around every matrix product that takes a convolution's place on this thread: the module isn't called, so its
    /// hooks don't fire.</summary>
    /// <param name="before">Gets the convolution and its input.</param>
    /// <param name="after">Gets the convolution, its input and its output.</param>
    /// <returns>Dispose it to stop.</returns>
    public static IDisposable Watching(Action<Conv2d, Tensor> before, Action<Conv2d, Tensor, Tensor> after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return watch = new Watch(before, after, watch);
    }

    private static bool IsPointwise(Conv2d convolution) =>
        convolution.weight!.shape is [_, _, 1, 1] && convolution.groups == 1
        && (convolution.stride ?? []).All(s => s == 1) && (convolution.padding ?? []).All(p => p == 0);

    private sealed record Watch(Action<Conv2d, Tensor> Before, Action<Conv2d, Tensor, Tensor> After, Watch? Outer) : IDisposable
    {
        public void Dispose() => watch = Outer;
    }
}
