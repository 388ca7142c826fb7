// The inception block. Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich: "Going Deeper with Convolutions",
// CVPR 2015 (arXiv 1409.4842), figure 2(b).
//
// What is worth seeing at a place may be a pixel, a small neighbourhood or a larger one. The block looks at all of them side by side and
// lets the next layer choose. A 1×1 convolution in front of each large one makes that affordable: it says in few channels what the large
// convolution needs to know of many.
//
//   x ─┬─ 1×1 ───────────────┐
//      ├─ 1×1 ── 3×3 ────────┤
//      ├─ 1×1 ── 5×5 ────────┼─ joined along the channels
//      └─ 3×3 max pool ─ 1×1 ┘

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Four branches side by side, joined along the channels; all keep the size of the map.</summary>
public sealed class InceptionBlock : Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit? branch1;
    private readonly Sequential? branch2;
    private readonly Sequential? branch3;
    private readonly Sequential? branch4;

    /// <summary>Creates the block.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="widths">Channels of its branches; at least one branch has some.</param>
    /// <param name="norm">Whether its convolutions have a BatchNorm.</param>
    /// <param name="five">The window of the third branch: the paper's 5, or torchvision's 3.</param>
    /// <param name="factorisation">How the large convolutions are made up.</param>
    public InceptionBlock(long inChannels, InceptionWidths widths, bool norm = true, int five = 5, Factorisation factorisation = Factorisation.None)
        : base(nameof(InceptionBlock))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(widths.Outputs, 1);
        if (widths.One > 0)
            branch1 = new ConvolutionUnit(inChannels, widths.One, 1, norm: norm);
        if (widths.Three > 0)
            branch2 = Sequential(Branch(inChannels, widths.ThreeReduced, widths.Three, 3, norm, factorisation));
        if (widths.Five > 0)
            branch3 = Sequential(Branch(inChannels, widths.FiveReduced, widths.Five, five, norm, factorisation));
        if (widths.Pool > 0)
            branch4 = Sequential(MaxPool2d(kernel_size: 3, stride: 1, padding: 1), new ConvolutionUnit(inChannels, widths.Pool, 1, norm: norm));
        RegisterComponents();
    }

    /// <summary>Looks at every place in four ways, and puts what they give side by side.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H, W] float32</c>, C' the branches' channels together.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        IEnumerable<Module<Tensor, Tensor>> branches = ((Module<Tensor, Tensor>?[])[branch1, branch2, branch3, branch4]).OfType<Module<Tensor, Tensor>>();
        return cat([.. branches.Select(b => b.call(x))], 1).MoveToOuterDisposeScope();
    }

    // The reduction, then the large convolution, whole or in parts. What stands between parts is as wide as the reduction.
    private static List<Module<Tensor, Tensor>> Branch(long inChannels, int reduced, int width, int window, bool norm, Factorisation factorisation)
    {
        var layers = new List<Module<Tensor, Tensor>>();
        long channels = inChannels;
        if (reduced > 0)
        {
            layers.Add(new ConvolutionUnit(channels, reduced, 1, norm: norm));
            channels = reduced;
        }
        if (factorisation == Factorisation.Asymmetric)
        {
            layers.Add(new ConvolutionUnit(channels, channels, (1, window), norm: norm));
            layers.Add(new ConvolutionUnit(channels, width, (window, 1), norm: norm));
        }
        else if (factorisation == Factorisation.TwoThrees && window == 5)
        {
            layers.Add(new ConvolutionUnit(channels, channels, 3, norm: norm));
            layers.Add(new ConvolutionUnit(channels, width, 3, norm: norm));
        }
        else
        {
            layers.Add(new ConvolutionUnit(channels, width, window, norm: norm));
        }
        return layers;
    }
}
