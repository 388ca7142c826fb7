using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>A network with further classifiers at inner layers, which train along and take no part in inference.</summary>
/// <remarks><c>call</c> gives the network's own logits only, in either mode: evaluation and export never see the others.</remarks>
public interface IAuxiliaryClassifiers
{
    /// <summary>The weight of each auxiliary classifier's loss; the network's own has 1.</summary>
    double AuxiliaryWeight { get; }

    /// <summary>Passes images through the network and its auxiliary classifiers.</summary>
    /// <param name="images"><c>[N, 3, H, W] float32</c>.</param>
    /// <returns>The network's logits, and those of each auxiliary classifier that is in training mode, all <c>[N, classes]</c>.</returns>
    (Tensor Logits, IReadOnlyList<Tensor> Auxiliary) CallWithAuxiliaries(Tensor images);
}
