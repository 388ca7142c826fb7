using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>A network that gives a map of features, not only their mean: what heads that locate need.</summary>
public interface IBackbone
{
    /// <summary>Channels of the map.</summary>
    int FeatureChannels { get; }

    /// <summary>Pixels of the image for each cell of the map, in both directions.</summary>
    int FeatureStride { get; }

    /// <summary>The features before they are pooled.</summary>
    /// <param name="images"><c>[N, 3, H, W] float32</c>.</param>
    /// <returns><c>[N, FeatureChannels, ⌈H / FeatureStride⌉, ⌈W / FeatureStride⌉] float32</c>.</returns>
    Tensor FeatureMap(Tensor images);
}
