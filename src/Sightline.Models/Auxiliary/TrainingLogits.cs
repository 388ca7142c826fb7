using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>What a network gives in training: its own logits and those of its auxiliary classifiers, if it has any.</summary>
/// <param name="Logits">The network's own, <c>[N, classes]</c>.</param>
/// <param name="Auxiliary">Those of the auxiliary classifiers; empty for most networks.</param>
/// <param name="AuxiliaryWeight">The weight of each auxiliary classifier's loss.</param>
public sealed record TrainingLogits(Tensor Logits, IReadOnlyList<Tensor> Auxiliary, double AuxiliaryWeight)
{
    /// <summary>Passes images through a network in training.</summary>
    /// <param name="network">Any network; its mode is left as it is.</param>
    /// <param name="images"><c>[N, 3, H, W] float32</c>.</param>
    /// <returns>Its logits.</returns>
    public static TrainingLogits Of(Classifier network, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network is not IAuxiliaryClassifiers several)
            return new TrainingLogits(network.call(images), [], 0);
        (Tensor logits, IReadOnlyList<Tensor> auxiliary) = several.CallWithAuxiliaries(images);
        return new TrainingLogits(logits, auxiliary, several.AuxiliaryWeight);
    }

    /// <summary>The same in float32, for the loss.</summary>
    /// <returns>The logits.</returns>
    public TrainingLogits Float32() => this with { Logits = Logits.to(float32), Auxiliary = [.. Auxiliary.Select(a => a.to(float32))] };

    /// <summary>The loss of the network's own logits, and what training minimises: that plus the weighted losses of the others.</summary>
    /// <param name="loss">The loss of logits.</param>
    /// <returns>Both; one tensor where there are no auxiliary classifiers.</returns>
    public (Tensor Own, Tensor Total) Loss(Func<Tensor, Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        Tensor own = loss(Logits), total = own;
        using TorchSharp.Scalar weight = AuxiliaryWeight;
        foreach (Tensor logits in Auxiliary)
            total = total.add(loss(logits).mul(weight));
        return (own, total);
    }
}
