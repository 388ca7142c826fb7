using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>What every layer that drops something has in common.</summary>
internal static class DropProbability
{
    /// <summary>Refuses what is no probability of dropping: at 1 nothing would be left to scale up.</summary>
    /// <exception cref="BadInputException">It is outside [0, 1).</exception>
    public static void Require(double drop)
    {
        if (!(drop >= 0 && drop < 1))
            throw new BadInputException("dropout-probability", FormattableString.Invariant($"The probability of dropping is {drop:R}; expected 0 to less than 1."),
                fix: "Mind that some papers give the probability of keeping.");
    }

    /// <summary>
    /// In training keeps or drops x in blocks, what is kept scaled up: every index of the first <paramref name="dimensions"/>
    /// dimensions draws for all that lies behind it. In use x as it is.
    /// </summary>
    public static Tensor Blocks(Tensor x, double drop, int dimensions, bool training)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!training || drop == 0)
            return x.alias();
        using DisposeScope scope = NewDisposeScope();
        using Scalar keep = 1 - drop;
        long[] shape = [.. x.shape.Select((side, d) => d < dimensions ? side : 1)];
        Tensor mask = empty(shape, x.dtype, x.device).bernoulli_(1 - drop).div(keep);
        return (x * mask).MoveToOuterDisposeScope();
    }
}
