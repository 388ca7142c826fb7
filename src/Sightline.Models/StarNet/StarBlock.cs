// Ma, Dai, Bai, Wang, Fu: "Rewrite the Stars", CVPR 2024 (arXiv 2403.19967), figure 3 and section 4.
//
//   x → depthwise 7×7, BatchNorm → f1, f2: 1×1 to r·d channels → relu6(f1) ∗ f2 → g: 1×1 back, BatchNorm → depthwise 7×7 → + x
//
// The star ∗ multiplies two linear images of x value by value: w1ᵀx · w2ᵀx = Σij w1i·w2j · xi·xj, about d²/2 different products of
// features from d of them (section 3.1). A sum in its place gives another linear image.

using Sightline.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>How a block joins its two branches.</summary>
public enum BranchJoin
{
    /// <summary>Value by value product: the paper's star operation.</summary>
    Star,

    /// <summary>Value by value sum: what the paper compares it with (table 2).</summary>
    Sum,
}

/// <summary>A convolution, with BatchNorm behind it where asked for. It has a bias either way, as in the paper's code.</summary>
internal sealed class StarConvolution : Module<Tensor, Tensor>
{
    private readonly Conv2d conv;
    private readonly BatchNorm2d? bn;

    /// <summary>Creates it.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="outChannels">Channels of its output.</param>
    /// <param name="kernelSize">Side of the kernel.</param>
    /// <param name="stride">Its stride.</param>
    /// <param name="depthwise">Whether each channel is filtered by itself.</param>
    /// <param name="norm">Whether a BatchNorm follows.</param>
    public StarConvolution(long inChannels, long outChannels, int kernelSize = 1, int stride = 1, bool depthwise = false, bool norm = true)
        : base(nameof(StarConvolution))
    {
        conv = Conv2d(inChannels, outChannels, kernelSize, stride, padding: kernelSize / 2, groups: depthwise ? inChannels : 1);
        bn = norm ? BatchNorm2d(outChannels) : null;
        RegisterComponents();
    }

    /// <summary>Convolves, and normalises where it does.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H / stride, W / stride] float32</c>, rounded up.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        x = PointwiseConvolution.Call(conv, x);
        return (bn is null ? x : bn.call(x)).MoveToOuterDisposeScope();
    }
}

/// <summary>The block of StarNet: two branches, joined by the star operation. Parameter names are those of the paper's code.</summary>
public sealed class StarBlock : Module<Tensor, Tensor>
{
    private readonly StarConvolution dwconv, f1, f2, g, dwconv2;
    private readonly StochasticDepth? drop_path;
    private readonly BranchJoin join;

    /// <summary>Creates the block.</summary>
    /// <param name="channels">Channels of its input and output.</param>
    /// <param name="ratio">How many times wider the branches are.</param>
    /// <param name="dropPath">The probability of dropping the block's branch for an image in training, in [0, 1).</param>
    /// <param name="join">How the two branches are joined.</param>
    public StarBlock(long channels, int ratio, double dropPath = 0, BranchJoin join = BranchJoin.Star)
        : base(nameof(StarBlock))
    {
        this.join = join;
        dwconv = new StarConvolution(channels, channels, kernelSize: 7, depthwise: true);
        f1 = new StarConvolution(channels, ratio * channels, norm: false);
        f2 = new StarConvolution(channels, ratio * channels, norm: false);
        g = new StarConvolution(ratio * channels, channels);
        dwconv2 = new StarConvolution(channels, channels, kernelSize: 7, depthwise: true, norm: false);
        drop_path = dropPath > 0 ? new StochasticDepth(dropPath) : null;
        RegisterComponents();
    }

    /// <summary>Adds what the joined branches make of the input.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = dwconv.call(x);
        Tensor first = functional.relu6(f1.call(y)), second = f2.call(y);
        y = join == BranchJoin.Star ? first * second : first + second;
        y = dwconv2.call(g.call(y));
        if (drop_path is not null)
            y = drop_path.call(y);
        return (x + y).MoveToOuterDisposeScope();
    }
}
