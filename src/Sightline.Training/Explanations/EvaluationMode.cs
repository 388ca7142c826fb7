using TorchSharp;

namespace Sightline.Training.Explanations;

/// <summary>Keeps a network in evaluation mode until disposed, then puts back the mode that it was in.</summary>
internal sealed class EvaluationMode : IDisposable
{
    private readonly torch.nn.Module network;
    private readonly bool wasTraining;

    /// <summary>Puts the network in evaluation mode.</summary>
    /// <param name="network">The network.</param>
    public EvaluationMode(torch.nn.Module network)
    {
        (this.network, wasTraining) = (network, network.training);
        network.eval();
    }

    /// <inheritdoc/>
    public void Dispose() => network.train(wasTraining);
}
