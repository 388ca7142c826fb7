// Dropout. Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov: "Dropout: A Simple Way to Prevent Neural Networks from
// Overfitting", JMLR 15, 2014.
//
// In training every value is kept with probability q and set to zero with p = 1 − q. What comes next would see q times as much on
// average as in use, so one of the two is scaled:
//
//   classic    training  m · x         use  q · x        section 4 (whose p is our q: the probability of keeping!)
//   inverted   training  m · x / q     use  x            section 10; what every library does today: use costs nothing

using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Sightline.Models;

/// <summary>Which side of dropout makes up for the values that are missing.</summary>
public enum DropoutScaling
{
    /// <summary>Training divides what it keeps by the probability of keeping; use changes nothing.</summary>
    Inverted,

    /// <summary>Training leaves what it keeps; use multiplies by the probability of keeping.</summary>
    Classic,

    /// <summary>Neither: the mistake, for experiments that show what it does.</summary>
    Missing,
}

/// <summary>Dropout of single values, scaled as one wishes; <see cref="DropoutScaling.Inverted"/> is <c>nn.Dropout</c>.</summary>
public sealed class ScaledDropout : Module<Tensor, Tensor>
{
    private readonly double drop;
    private readonly DropoutScaling scaling;

    /// <summary>Creates the layer.</summary>
    /// <param name="drop">The probability of setting a value to zero in training, in [0, 1).</param>
    /// <param name="scaling">Which side is scaled.</param>
    /// <exception cref="BadInputException">The probability is outside [0, 1) (<c>dropout-probability</c>).</exception>
    public ScaledDropout(double drop, DropoutScaling scaling = DropoutScaling.Inverted)
        : base(nameof(ScaledDropout))
    {
        DropProbability.Require(drop);
        this.drop = drop;
        this.scaling = scaling;
    }

    /// <summary>Drops values in training, and scales on one side.</summary>
    /// <param name="x">Any shape, float32.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (scaling == DropoutScaling.Inverted)
            return functional.dropout(x, drop, training);
        using DisposeScope scope = NewDisposeScope();
        using Scalar keep = 1 - drop;
        Tensor y = training ? x * empty_like(x).bernoulli_(1 - drop)
            : scaling == DropoutScaling.Classic ? x.mul(keep) : x.alias();
        return y.MoveToOuterDisposeScope();
    }
}
