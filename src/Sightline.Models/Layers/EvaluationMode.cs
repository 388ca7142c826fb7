using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>Keeps a network in evaluation mode until disposed, then puts every module back in the mode that it was in.</summary>
public sealed class EvaluationMode : IDisposable
{
    private readonly (nn.Module Module, bool Training)[] before;

    /// <summary>Puts the network in evaluation mode.</summary>
    /// <param name="network">The network.</param>
    public EvaluationMode(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        before = [(network, network.training), .. network.named_modules().Select(m => (m.module, m.module.training))];
        network.eval();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A module's mode reaches all inside it, so those inside come after it.
        foreach ((nn.Module module, bool training) in before)
            module.train(training);
    }
}
