using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>An image classifier: <c>[N, 3, H, W] float32</c> in, logits <c>[N, classes] float32</c> out.</summary>
/// <remarks>
/// Blocks are called through <c>call</c>, so that forward hooks fire. Parameter names are torchvision's. The classifier layer is
/// named by <see cref="HeadName"/> and can be replaced.
/// </remarks>
public abstract class Classifier : nn.Module<Tensor, Tensor>
{
    /// <summary>Creates the module under torchvision's name for it.</summary>
    /// <param name="name">The network's name.</param>
    protected Classifier(string name)
        : base(name)
    {
    }

    /// <summary>The parameter prefix of the classifier layer, e.g. <c>fc</c>.</summary>
    public abstract string HeadName { get; }

    /// <summary>The pooled features before the classifier.</summary>
    /// <param name="images"><c>[N, 3, H, W] float32</c>.</param>
    /// <returns><c>[N, features] float32</c>.</returns>
    public abstract Tensor Features(Tensor images);
}
