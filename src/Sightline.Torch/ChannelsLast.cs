using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Torch;

/// <summary>
/// The channels-last memory format: a tensor of shape <c>[N, C, H, W]</c> whose channels lie next to each other in memory. oneDNN's
/// convolutions are faster on it, and they, batch normalisation, activations and gradients keep it.
/// </summary>
/// <remarks>TorchSharp exposes no memory format; the same strides come from a permuted contiguous copy.</remarks>
public static class ChannelsLast
{
    /// <summary>The same values in channels-last strides; the tensor itself when it has them already.</summary>
    /// <param name="tensor"><c>[N, C, H, W]</c>, any dtype.</param>
    /// <returns>A tensor of the same shape and values.</returns>
    /// <exception cref="ArgumentException">The tensor has not four dimensions.</exception>
    public static Tensor Of(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.dim() != 4)
            throw new ArgumentException($"Channels-last is a layout of four-dimensional tensors; this one has {tensor.dim()}.", nameof(tensor));
        using Tensor nhwc = tensor.permute(0, 2, 3, 1);
        using Tensor packed = nhwc.contiguous();
        return packed.permute(0, 3, 1, 2);
    }

    /// <summary>Whether a four-dimensional tensor lies channels-last in memory.</summary>
    /// <param name="tensor"><c>[N, C, H, W]</c>.</param>
    /// <returns>True when its strides are those of <see cref="Of"/>.</returns>
    public static bool Has(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.dim() != 4)
            return false;
        long[] shape = tensor.shape, stride = tensor.stride();
        return (shape[1] == 1 || stride[1] == 1)
            && (shape[3] == 1 || stride[3] == shape[1])
            && (shape[2] == 1 || stride[2] == shape[1] * shape[3])
            && (shape[0] == 1 || stride[0] == shape[1] * shape[2] * shape[3]);
    }

    /// <summary>Lays every four-dimensional parameter of a module channels-last, in place: the parameters stay the same leaves.</summary>
    /// <param name="module">The module.</param>
    public static void Apply(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var parameter in module.parameters())
        {
            if (parameter.dim() == 4 && !Has(parameter))
                parameter.set_(Of(parameter.detach()));
        }
    }
}
