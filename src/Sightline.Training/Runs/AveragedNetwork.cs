using Sightline.Models;
using Sightline.Torch;
using Sightline.Training.Optimisation;
using Sightline.Training.Pipeline;
using Sightline.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Runs;

/// <summary>A second network beside the one in training, for averaged weights: to be scored, and to have its BatchNorm statistics measured.</summary>
internal sealed class AveragedNetwork : IDisposable
{
    private readonly Classifier network;
    private readonly bool channelsLast;
    private readonly DeviceType device;

    public AveragedNetwork(Recipe recipe, int classes)
    {
        channelsLast = recipe.Training.ChannelsLast;
        device = recipe.Training.Device.Type();
        network = Networks.Create(recipe.Network.Name, classes, recipe.Seed, recipe.Network.Options);
        ComputeDevice.Move(network, device);
        if (channelsLast)
            ChannelsLast.Apply(network);
    }

    /// <summary>The network with an average's weights.</summary>
    public Classifier With(WeightAverage average)
    {
        average.CopyTo(network);
        return network;
    }

    /// <summary>Measures an average's BatchNorm statistics on the batches of an epoch, in float32 as it is used.</summary>
    public void MeasureStatistics(StochasticAverage average, BatchLoader loader, int epoch, IProgress<WorkProgress>? progress) =>
        average.MeasureStatistics(network, Images(loader, epoch, progress));

    public void Dispose() => network.Dispose();

    private IEnumerable<Tensor> Images(BatchLoader loader, int epoch, IProgress<WorkProgress>? progress)
    {
        int done = 0;
        foreach (Batch batch in loader.Epoch(epoch, 0, CancellationToken.None))
        {
            using (batch)
            using (NewDisposeScope())
                yield return ComputeDevice.Put(channelsLast ? ChannelsLast.Of(batch.Images) : batch.Images, device);
            done += batch.Count;
            progress?.Report(new WorkProgress("BatchNorm statistics", done, loader.ImagesPerEpoch, "images"));
        }
    }
}
