using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>What every network with a total stride asks of its images.</summary>
internal static class InputSize
{
    /// <summary>Refuses images of another number of channels than the network's, and those whose last map would be less than a pixel.</summary>
    /// <param name="card">The network.</param>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <exception cref="BadInputException">They are too small, or not of its channels (<c>network-input</c>).</exception>
    public static void Require(NetworkCard card, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.shape is not [_, var channels, var height, var width] || channels != card.Channels)
        {
            throw new BadInputException("network-input", $"{card.Name} takes images [N, {card.Channels}, H, W], and these are [{string.Join(", ", images.shape)}].",
                fix: card.Channels == 1 ? "Make the images grey." : "Decode images as RGB.");
        }
        if (height < card.SmallestInput || width < card.SmallestInput)
        {
            throw new BadInputException("network-input", $"{card.Name} takes images of at least {card.SmallestInput} × {card.SmallestInput}, and these are {width} × {height}.",
                fix: "Choose a larger size in preprocessing, or a network for small images (sightline models list).");
        }
    }

    /// <summary>Refuses images of another side than the one that a network has weights for.</summary>
    /// <param name="network">The network's name.</param>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="side">The side in pixels.</param>
    /// <param name="has">What it has for them, e.g. <c>a weight for each pixel of</c>.</param>
    /// <param name="pixels">The unit behind the size, if the sentence takes one.</param>
    /// <exception cref="BadInputException">They have another (<c>network-input</c>).</exception>
    public static void RequireExactly(string network, Tensor images, int side, string has, string pixels = "")
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.shape[2] != side || images.shape[3] != side)
        {
            throw new BadInputException("network-input", $"{network} has {has} {side} × {side}{pixels}, and these images are {images.shape[3]} × {images.shape[2]}.",
                fix: $"Set preprocessing.width and preprocessing.height to {side}.");
        }
    }
}
