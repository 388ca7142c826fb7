using Sightline.Torch.Tracing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Torch;

/// <summary>
/// Depthwise convolutions in the number format that is faster: under bfloat16 autocast on the processor some run in float32.
/// </summary>
/// <remarks>
/// oneDNN 3.7.1 (libtorch 2.10.0) has fast bfloat16 kernels for some depthwise forms only. Seen on an AVX-512 Zen 5, forward and backward
/// of eight images, channels-last: 3×3 with stride 1, 56×56, 144 channels takes 0.5 of the float32 time; with stride 2 or 5×5 the backward
/// pass falls to a reference kernel, and takes 4 to 100 times as long, at times with wrong input gradients. Contiguous memory is slower in
/// all of them. So each form is timed once on a machine, and the answer kept (<see cref="DepthwisePlan"/>).
/// </remarks>
public static class DepthwiseConvolution
{
    /// <summary>Runs a convolution; a depthwise one under bfloat16 autocast in the number format that <see cref="DepthwisePlan"/> says.</summary>
    /// <param name="convolution">The convolution.</param>
    /// <param name="x"><c>[N, C, H, W]</c>, float32 or bfloat16.</param>
    /// <returns><c>[N, K, H', W']</c>, float32 or bfloat16.</returns>
    public static Tensor Call(Conv2d convolution, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        ArgumentNullException.ThrowIfNull(x);
        if (!IsDepthwise(convolution) || x.device_type != DeviceType.CPU || OperatorTracer.IsRecording || !Autocast.IsOn(DeviceType.CPU) || DepthwisePlan.Of(convolution, x).Bf16)
            return convolution.call(x);
        using DisposeScope scope = NewDisposeScope();
        using (Autocast.Off())
            return convolution.call(x.to_type(ScalarType.Float32)).MoveToOuterDisposeScope();
    }

    /// <summary>Whether a convolution has a filter for each channel, larger than one pixel, and no sums over channels.</summary>
    /// <param name="convolution">The convolution.</param>
    /// <returns>Whether it has.</returns>
    public static bool IsDepthwise(Conv2d convolution)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        return convolution.groups > 1 && convolution.weight!.shape is [_, 1, var h, var w] && h * w > 1;
    }
}
