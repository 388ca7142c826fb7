using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>GoogLeNet's classifier at an inner layer (Szegedy et al. 2015, section 5): average pool to 4×4, 1×1 convolution, two linear
/// layers with dropout of 0.7 between them, as the paper has it, whatever <see cref="NetworkOptions.Dropout"/> says.</summary>
public sealed class GoogLeNetAuxiliary : AuxiliaryClassifier
{
    private const long Side = 4;

    private readonly ConvolutionUnit conv;
    private readonly Linear fc1;
    private readonly Dropout dropout;
    private readonly bool overlapping;
    private Linear fc2;

    /// <summary>Creates the classifier.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="width">Channels of the convolution.</param>
    /// <param name="hidden">Units of the first linear layer.</param>
    /// <param name="norm">Whether the convolution has a BatchNorm.</param>
    /// <param name="overlapping">Whether a map of 14×14 is pooled by the paper's 5×5 windows with stride 3. All other maps, and this one
    /// too without it, are cut into 4 × 4 parts, as in torchvision.</param>
    public GoogLeNetAuxiliary(long inChannels, int classes, long width = 128, long hidden = 1024, bool norm = true, bool overlapping = false)
        : base(nameof(GoogLeNetAuxiliary))
    {
        this.overlapping = overlapping;
        conv = new ConvolutionUnit(inChannels, width, 1, norm: norm);
        fc1 = Linear(width * Side * Side, hidden);
        dropout = Dropout(0.7);
        fc2 = Linear(hidden, classes);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string HeadName => "fc2";

    /// <inheritdoc/>
    protected override Linear Head
    {
        get => fc2;
        set => fc2 = value;
    }

    /// <summary>From an inner map to logits.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, classes] float32</c>.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        x = overlapping && x.shape is [_, _, 14, 14] ? functional.avg_pool2d(x, 5, stride: 3) : functional.adaptive_avg_pool2d(x, Side);
        x = functional.relu(fc1.call(conv.call(x).flatten(1)));
        return fc2.call(dropout.call(x)).MoveToOuterDisposeScope();
    }
}
