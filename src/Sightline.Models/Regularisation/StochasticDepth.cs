// Stochastic depth. Huang, Sun, Liu, Sedra, Weinberger: "Deep Networks with Stochastic Depth", ECCV 2016 (arXiv 1603.09382), section 3.
//
// Dropout of a residual block's whole branch, for each image of the batch: what is left is the shortcut. Scaled in training, as
// torchvision and timm do it ("row" mode, drop path); the paper scales in use.

using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Drops the branch of a residual block for some images of a batch. Goes on the branch, before the addition.</summary>
public sealed class StochasticDepth : Module<Tensor, Tensor>
{
    private readonly double drop;

    /// <summary>Creates the layer.</summary>
    /// <param name="drop">The probability of dropping the branch in training, in [0, 1).</param>
    /// <exception cref="BadInputException">The probability is outside [0, 1) (<c>dropout-probability</c>).</exception>
    public StochasticDepth(double drop)
        : base(nameof(StochasticDepth))
    {
        DropProbability.Require(drop);
        this.drop = drop;
    }

    /// <summary>The probability for a block by the paper's linear rule (equation 4): the deeper, the likelier.</summary>
    /// <param name="block">The block, from 0.</param>
    /// <param name="blocks">How many there are.</param>
    /// <param name="last">The last block's probability.</param>
    /// <returns>This block's.</returns>
    public static double Linear(int block, int blocks, double last) => last * (block + 1) / blocks;

    /// <summary>Drops the branch of some images.</summary>
    /// <param name="branch"><c>[N, …]</c>.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor branch) => DropProbability.Blocks(branch, drop, dimensions: 1, training);
}
