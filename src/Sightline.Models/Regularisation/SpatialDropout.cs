// Spatial dropout. Tompson, Goroshin, Jain, LeCun, Bregler: "Efficient Object Localization Using Convolutional Networks", CVPR 2015
// (arXiv 1411.4280), section 3.2.
//
// Neighbours in a feature map say nearly the same, so dropping single pixels hides nothing: whole channels are dropped instead.

using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Dropout of whole channels of each image, scaled in training.</summary>
public sealed class SpatialDropout : Module<Tensor, Tensor>
{
    private readonly double drop;

    /// <summary>Creates the layer.</summary>
    /// <param name="drop">The probability of setting a channel to zero in training, in [0, 1).</param>
    /// <exception cref="BadInputException">The probability is outside [0, 1) (<c>dropout-probability</c>).</exception>
    public SpatialDropout(double drop)
        : base(nameof(SpatialDropout))
    {
        DropProbability.Require(drop);
        this.drop = drop;
    }

    /// <summary>Drops channels.</summary>
    /// <param name="x"><c>[N, C, …]</c>.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor x) => DropProbability.Blocks(x, drop, dimensions: 2, training);
}
