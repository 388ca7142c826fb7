using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Optimisation;

/// <summary>
/// The mean, each counting the same, of the weights at the ends of cycles (Izmailov, Podoprikhin, Garipov, Vetrov, Wilson: "Averaging
/// Weights Leads to Wider Optima and Better Generalization", UAI 2018, algorithm 1). Averaged weights have activations that no weights
/// before had, so the statistics of BatchNorms are no average: they are measured anew, by <see cref="MeasureStatistics"/>.
/// </summary>
public sealed class StochasticAverage : WeightAverage
{
    /// <summary>Starts an average of nothing.</summary>
    /// <param name="network">The network; it is read at each update.</param>
    public StochasticAverage(nn.Module network)
        : base(network)
    {
    }

    /// <inheritdoc/>
    public override string Kind => "SWA";

    /// <inheritdoc/>
    public override bool InUse => Updates > 0;

    private protected override bool AveragesBuffers => false;

    // The first update keeps nothing of where it started.
    private protected override double Kept() => 1 - 1.0 / Updates;

    /// <summary>Measures the statistics of the averaged weights' BatchNorms: their mean over batches, each counting the same.</summary>
    /// <param name="network">Such a network, apart from the one in training; it gets the average and the statistics, in evaluation mode.</param>
    /// <param name="images">Batches of images on the network's device, freed by who gives them; not read when there is nothing to measure.</param>
    /// <returns>How many BatchNorms were measured.</returns>
    public int MeasureStatistics(nn.Module<Tensor, Tensor> network, IEnumerable<Tensor> images)
    {
        ArgumentNullException.ThrowIfNull(network);
        CopyTo(network);
        int measured = BatchStatistics.Measure(network, images);
        Replace(network);
        return measured;
    }
}
