using TorchSharp;

namespace Sightline.Training.Optimisation;

/// <summary>
/// The exponential moving average of a network's weights and of its floating-point buffers (Polyak averaging), updated with every step.
/// It warms up: update n keeps min(decay, (1 + n) / (10 + n)) of the average.
/// </summary>
public sealed class ExponentialAverage : WeightAverage
{
    private readonly double decay;

    /// <summary>Starts the average at the network's weights.</summary>
    /// <param name="network">The network; it is read at each update.</param>
    /// <param name="decay">In (0, 1).</param>
    public ExponentialAverage(torch.nn.Module network, double decay)
        : base(network) => this.decay = decay;

    /// <inheritdoc/>
    public override string Kind => "EMA";

    /// <inheritdoc/>
    public override bool InUse => true;

    private protected override bool AveragesBuffers => true;

    private protected override double Kept() => Math.Min(decay, (1.0 + Updates) / (10.0 + Updates));
}
