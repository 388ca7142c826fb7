using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Inception v3's classifier at 17×17 (figure 8): average pool to 5×5, 1×1 and 5×5 convolution, both with BatchNorm, linear.</summary>
public sealed class InceptionV3Auxiliary : AuxiliaryClassifier
{
    private const long Side = 5;

    private readonly ConvolutionUnit conv0;
    private readonly ConvolutionUnit conv1;
    private Linear fc;

    /// <summary>Creates the classifier.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="classes">How many classes.</param>
    public InceptionV3Auxiliary(long inChannels, int classes)
        : base(nameof(InceptionV3Auxiliary))
    {
        conv0 = new ConvolutionUnit(inChannels, 128, 1);
        conv1 = new ConvolutionUnit(128, 768, Side, padded: false);
        fc = Linear(768, classes);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string HeadName => "fc";

    /// <inheritdoc/>
    protected override Linear Head
    {
        get => fc;
        set => fc = value;
    }

    /// <summary>From an inner map to logits.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, classes] float32</c>.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        x = Math.Min(x.shape[2], x.shape[3]) < 17 ? functional.adaptive_avg_pool2d(x, Side) : functional.avg_pool2d(x, 5, stride: 3);
        x = conv1.call(conv0.call(x));
        return fc.call(functional.adaptive_avg_pool2d(x, 1).flatten(1)).MoveToOuterDisposeScope();
    }
}
