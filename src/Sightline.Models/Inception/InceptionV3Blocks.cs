// The blocks of Inception v3. Szegedy, Vanhoucke, Ioffe, Shlens, Wojna: "Rethinking the Inception Architecture for Computer Vision", CVPR
// 2016 (arXiv 1512.00567), figures 5, 6, 7 and 10. Names of branches are torchvision's.

using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>At 35×35: the block of GoogLeNet, with an average pool and two 3×3 beside the 5×5 (figure 5).</summary>
public sealed class InceptionA : Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit branch1x1;
    private readonly ConvolutionUnit branch5x5_1;
    private readonly ConvolutionUnit branch5x5_2;
    private readonly ConvolutionUnit branch3x3dbl_1;
    private readonly ConvolutionUnit branch3x3dbl_2;
    private readonly ConvolutionUnit branch3x3dbl_3;
    private readonly ConvolutionUnit branch_pool;

    /// <summary>Creates the block.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="pooled">Channels of the branch with the pool.</param>
    public InceptionA(long inChannels, long pooled)
        : base(nameof(InceptionA))
    {
        branch1x1 = new ConvolutionUnit(inChannels, 64, 1);
        branch5x5_1 = new ConvolutionUnit(inChannels, 48, 1);
        branch5x5_2 = new ConvolutionUnit(48, 64, 5);
        branch3x3dbl_1 = new ConvolutionUnit(inChannels, 64, 1);
        branch3x3dbl_2 = new ConvolutionUnit(64, 96, 3);
        branch3x3dbl_3 = new ConvolutionUnit(96, 96, 3);
        branch_pool = new ConvolutionUnit(inChannels, pooled, 1);
        RegisterComponents();
    }

    /// <summary>Runs the branches side by side.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H, W] float32</c>, C' the branches' channels together; half the sides where the block reduces.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor five = branch5x5_2.call(branch5x5_1.call(x));
        Tensor threes = branch3x3dbl_3.call(branch3x3dbl_2.call(branch3x3dbl_1.call(x)));
        Tensor pool = branch_pool.call(functional.avg_pool2d(x, 3, stride: 1, padding: 1));
        return cat([branch1x1.call(x), five, threes, pool], 1).MoveToOuterDisposeScope();
    }
}

/// <summary>35×35 to 17×17: convolutions with stride 2 and a max pool side by side, so that nothing is lost in a pool first (figure 10).</summary>
public sealed class InceptionB : Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit branch3x3;
    private readonly ConvolutionUnit branch3x3dbl_1;
    private readonly ConvolutionUnit branch3x3dbl_2;
    private readonly ConvolutionUnit branch3x3dbl_3;

    /// <summary>Creates the block.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    public InceptionB(long inChannels)
        : base(nameof(InceptionB))
    {
        branch3x3 = new ConvolutionUnit(inChannels, 384, 3, stride: 2, padded: false);
        branch3x3dbl_1 = new ConvolutionUnit(inChannels, 64, 1);
        branch3x3dbl_2 = new ConvolutionUnit(64, 96, 3);
        branch3x3dbl_3 = new ConvolutionUnit(96, 96, 3, stride: 2, padded: false);
        RegisterComponents();
    }

    /// <summary>Runs the branches side by side.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H, W] float32</c>, C' the branches' channels together; half the sides where the block reduces.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor threes = branch3x3dbl_3.call(branch3x3dbl_2.call(branch3x3dbl_1.call(x)));
        return cat([branch3x3.call(x), threes, functional.max_pool2d(x, 3, stride: 2)], 1).MoveToOuterDisposeScope();
    }
}

/// <summary>At 17×17: 7×7 windows as 1×7 and 7×1, once and twice (figure 6).</summary>
public sealed class InceptionC : Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit branch1x1;
    private readonly ConvolutionUnit branch7x7_1;
    private readonly ConvolutionUnit branch7x7_2;
    private readonly ConvolutionUnit branch7x7_3;
    private readonly ConvolutionUnit branch7x7dbl_1;
    private readonly ConvolutionUnit branch7x7dbl_2;
    private readonly ConvolutionUnit branch7x7dbl_3;
    private readonly ConvolutionUnit branch7x7dbl_4;
    private readonly ConvolutionUnit branch7x7dbl_5;
    private readonly ConvolutionUnit branch_pool;

    /// <summary>Creates the block.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    /// <param name="inner">Channels between the parts of a 7×7.</param>
    public InceptionC(long inChannels, long inner)
        : base(nameof(InceptionC))
    {
        branch1x1 = new ConvolutionUnit(inChannels, 192, 1);
        branch7x7_1 = new ConvolutionUnit(inChannels, inner, 1);
        branch7x7_2 = new ConvolutionUnit(inner, inner, (1, 7));
        branch7x7_3 = new ConvolutionUnit(inner, 192, (7, 1));
        branch7x7dbl_1 = new ConvolutionUnit(inChannels, inner, 1);
        branch7x7dbl_2 = new ConvolutionUnit(inner, inner, (7, 1));
        branch7x7dbl_3 = new ConvolutionUnit(inner, inner, (1, 7));
        branch7x7dbl_4 = new ConvolutionUnit(inner, inner, (7, 1));
        branch7x7dbl_5 = new ConvolutionUnit(inner, 192, (1, 7));
        branch_pool = new ConvolutionUnit(inChannels, 192, 1);
        RegisterComponents();
    }

    /// <summary>Runs the branches side by side.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H, W] float32</c>, C' the branches' channels together; half the sides where the block reduces.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor seven = branch7x7_3.call(branch7x7_2.call(branch7x7_1.call(x)));
        Tensor sevens = branch7x7dbl_3.call(branch7x7dbl_2.call(branch7x7dbl_1.call(x)));
        sevens = branch7x7dbl_5.call(branch7x7dbl_4.call(sevens));
        Tensor pool = branch_pool.call(functional.avg_pool2d(x, 3, stride: 1, padding: 1));
        return cat([branch1x1.call(x), seven, sevens, pool], 1).MoveToOuterDisposeScope();
    }
}

/// <summary>17×17 to 8×8, as B.</summary>
public sealed class InceptionD : Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit branch3x3_1;
    private readonly ConvolutionUnit branch3x3_2;
    private readonly ConvolutionUnit branch7x7x3_1;
    private readonly ConvolutionUnit branch7x7x3_2;
    private readonly ConvolutionUnit branch7x7x3_3;
    private readonly ConvolutionUnit branch7x7x3_4;

    /// <summary>Creates the block.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    public InceptionD(long inChannels)
        : base(nameof(InceptionD))
    {
        branch3x3_1 = new ConvolutionUnit(inChannels, 192, 1);
        branch3x3_2 = new ConvolutionUnit(192, 320, 3, stride: 2, padded: false);
        branch7x7x3_1 = new ConvolutionUnit(inChannels, 192, 1);
        branch7x7x3_2 = new ConvolutionUnit(192, 192, (1, 7));
        branch7x7x3_3 = new ConvolutionUnit(192, 192, (7, 1));
        branch7x7x3_4 = new ConvolutionUnit(192, 192, 3, stride: 2, padded: false);
        RegisterComponents();
    }

    /// <summary>Runs the branches side by side.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H, W] float32</c>, C' the branches' channels together; half the sides where the block reduces.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor three = branch3x3_2.call(branch3x3_1.call(x));
        Tensor seven = branch7x7x3_2.call(branch7x7x3_1.call(x));
        seven = branch7x7x3_4.call(branch7x7x3_3.call(seven));
        return cat([three, seven, functional.max_pool2d(x, 3, stride: 2)], 1).MoveToOuterDisposeScope();
    }
}

/// <summary>At 8×8: 1×3 and 3×1 side by side instead of one behind the other, for many channels at the coarsest map (figure 7).</summary>
public sealed class InceptionE : Module<Tensor, Tensor>
{
    private readonly ConvolutionUnit branch1x1;
    private readonly ConvolutionUnit branch3x3_1;
    private readonly ConvolutionUnit branch3x3_2a;
    private readonly ConvolutionUnit branch3x3_2b;
    private readonly ConvolutionUnit branch3x3dbl_1;
    private readonly ConvolutionUnit branch3x3dbl_2;
    private readonly ConvolutionUnit branch3x3dbl_3a;
    private readonly ConvolutionUnit branch3x3dbl_3b;
    private readonly ConvolutionUnit branch_pool;

    /// <summary>Creates the block.</summary>
    /// <param name="inChannels">Channels of its input.</param>
    public InceptionE(long inChannels)
        : base(nameof(InceptionE))
    {
        branch1x1 = new ConvolutionUnit(inChannels, 320, 1);
        branch3x3_1 = new ConvolutionUnit(inChannels, 384, 1);
        branch3x3_2a = new ConvolutionUnit(384, 384, (1, 3));
        branch3x3_2b = new ConvolutionUnit(384, 384, (3, 1));
        branch3x3dbl_1 = new ConvolutionUnit(inChannels, 448, 1);
        branch3x3dbl_2 = new ConvolutionUnit(448, 384, 3);
        branch3x3dbl_3a = new ConvolutionUnit(384, 384, (1, 3));
        branch3x3dbl_3b = new ConvolutionUnit(384, 384, (3, 1));
        branch_pool = new ConvolutionUnit(inChannels, 192, 1);
        RegisterComponents();
    }

    /// <summary>Runs the branches side by side.</summary>
    /// <param name="x"><c>[N, C, H, W] float32</c>.</param>
    /// <returns><c>[N, C', H, W] float32</c>, C' the branches' channels together; half the sides where the block reduces.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor three = branch3x3_1.call(x), threes = branch3x3dbl_2.call(branch3x3dbl_1.call(x));
        Tensor pool = branch_pool.call(functional.avg_pool2d(x, 3, stride: 1, padding: 1));
        return cat([branch1x1.call(x), branch3x3_2a.call(three), branch3x3_2b.call(three), branch3x3dbl_3a.call(threes), branch3x3dbl_3b.call(threes), pool], 1).MoveToOuterDisposeScope();
    }
}
