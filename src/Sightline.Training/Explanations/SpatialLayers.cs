using Sightline.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Explanations;

/// <summary>A layer, or a block of layers, and the map that it gives.</summary>
/// <param name="Name">Its path in the network, e.g. <c>layer3.0.conv1</c>.</param>
/// <param name="Channels">Channels of the map.</param>
/// <param name="Height">Height of the map.</param>
/// <param name="Width">Width of the map.</param>
public sealed record SpatialLayer(string Name, int Channels, int Height, int Width);

/// <summary>The layers of a network that give maps of more than one place.</summary>
public static class SpatialLayers
{
    private const int MostNamed = 12;

    /// <summary>Lists them in the order in which they finish, each once.</summary>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="images"><c>[N, 3, H, W] float32</c>, as the network takes them.</param>
    /// <returns>The layers; none for a network that never has a map.</returns>
    /// <exception cref="BadInputException">The network doesn't take such images (<c>network-input</c>).</exception>
    public static IReadOnlyList<SpatialLayer> Of(Classifier network, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(images);
        var found = new List<SpatialLayer>();
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable watch = LayerOutputs.Watch(network, (name, _, map) =>
        {
            if (map.shape is not [_, var channels, var height, var width] || height * width == 1)
                return;
            found.RemoveAll(l => l.Name == name);
            found.Add(new SpatialLayer(name, (int)channels, (int)height, (int)width));
        });
        network.call(images);
        return found;
    }

    /// <summary>How many channels a network's images have: what its first convolution takes.</summary>
    internal static long ChannelsOf(Classifier network) =>
        network.named_modules().Select(m => m.module).OfType<Conv2d>().FirstOrDefault() is { } first ? first.weight.shape[1] * first.groups : 3;

    /// <summary>The layer that is asked for.</summary>
    /// <param name="layers">What <see cref="Of"/> gave.</param>
    /// <param name="name">Its path; null takes the last.</param>
    /// <returns>The layer.</returns>
    /// <exception cref="BadInputException">There is no such layer (<c>layer-unknown</c>, with the nearest name), or the network has no
    /// maps (<c>layer-missing</c>).</exception>
    public static SpatialLayer Choose(IReadOnlyList<SpatialLayer> layers, string? name)
    {
        ArgumentNullException.ThrowIfNull(layers);
        if (layers.Count == 0)
        {
            throw new BadInputException("layer-missing", "No layer of this network gives a map with more than one place for an input of this size, so there is none to weight.",
                fix: "Ask the input itself: --method occlusion or --method integrated-gradients.");
        }
        if (name is null)
            return layers[^1];
        if (layers.FirstOrDefault(l => l.Name == name) is SpatialLayer layer)
            return layer;
        string known = string.Join(", ", layers.Where(l => !l.Name.Contains('.', StringComparison.Ordinal)).Select(l => l.Name).TakeLast(MostNamed));
        throw new BadInputException("layer-unknown", $"There is no layer '{name}' with a map of more than one place.",
            fix: NearestName.Find(name, layers.Select(l => l.Name)) is string near ? $"Did you mean '{near}'?" : $"Layers: {known}, and those inside them.");
    }
}
