using Sightline.Torch;
using TorchSharp;

namespace Sightline.Models;

/// <summary>The registry of networks. Tests run over all of it, so that a new network is tested by being registered.</summary>
/// <remarks>Cards are plain data: reading them loads no libtorch.</remarks>
public static class Networks
{
    /// <summary>Every registered network's card, by family and size. Loads no libtorch.</summary>
    public static IReadOnlyList<NetworkCard> Cards { get; } =
    [
        LeNetCard.Card,
        .. VggDesign.All.Select(d => d.Card),
        .. ResNetDesign.All.Select(d => d.Card),
        GoogLeNetCards.TorchVision,
        GoogLeNetCards.AsInThePaper,
        InceptionV3Card.Card,
        CifarInceptionDesign.Card,
        .. MobileNetCards.All,
        .. EfficientNetDesign.All.Select(d => d.Card),
        .. ConvNeXtDesign.All.Select(d => d.Card),
        .. StarNetDesign.All.Select(d => d.Card),
        VisionTransformerCard.Card,
        Airbench94Card.Card,
        MlpCard.Card,
    ];

    /// <summary>The card of a network. Loads no libtorch.</summary>
    /// <param name="name">A registered name. Capitals, hyphens and underscores don't matter, and <c>cifar_</c> may be left out where no
    /// other network has the rest as its name: <c>ResNet-20</c> is <c>cifar_resnet20</c>.</param>
    /// <returns>The card.</returns>
    /// <exception cref="BadInputException">No network has this name; the message holds the nearest.</exception>
    public static NetworkCard Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string plain = Plain(name);
        NetworkCard? card = Cards.FirstOrDefault(c => c.Name == name)
            ?? Cards.FirstOrDefault(c => Plain(c.Name) == plain)
            ?? Cards.FirstOrDefault(c => Plain(c.Name) == "cifar" + plain);
        if (card is not null)
            return card;
        string? nearest = NearestName.Find(name, Cards.Select(c => c.Name));
        throw new BadInputException("network-unknown", $"There is no network '{name}'.",
            fix: (nearest is null ? "" : $"Did you mean '{nearest}'? ") + "See: sightline models list");
    }

    /// <summary>Makes sure that there is such a network and that it has such variants. Loads no libtorch.</summary>
    /// <param name="name">A name, as <see cref="Find"/> takes it.</param>
    /// <param name="options">Variants.</param>
    /// <exception cref="BadInputException">As for <see cref="Create"/>.</exception>
    public static void Check(string name, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check(Find(name), Cards);
    }

    /// <summary>Builds a network with freshly initialised weights.</summary>
    /// <param name="name">A registered name, as <see cref="Find"/> takes it.</param>
    /// <param name="classes">How many classes to tell apart, at least 1.</param>
    /// <param name="seed">The run's seed. Each parameter derives from its stream <c>initialisation/NAME</c>, whatever torch's global
    /// generator holds, and leaves that as it was.</param>
    /// <param name="options">Variants; null builds the network as published.</param>
    /// <returns>The network in training mode, float32, on the CPU.</returns>
    /// <exception cref="BadInputException">No network has this name (the message holds the nearest), or this one has no such
    /// variant.</exception>
    public static Classifier Create(string name, int classes, ulong seed, NetworkOptions? options = null)
    {
        NetworkCard card = Find(name);
        Nnpack.Disable();
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        options ??= NetworkOptions.Default;
        options.Check(card, Cards);

        // TorchSharp's modules draw their first weights from the global generator: what they draw is overwritten, and what the
        // generator held is put back, so that building a network disturbs nothing else that is seeded.
        using torch.Tensor global = torch.get_rng_state();
        try
        {
            Classifier network = NetworkConstructors.All[card](classes, options);
            WeightInitialisation.Apply(network, seed);
            return network;
        }
        finally
        {
            torch.set_rng_state(global);
        }
    }

    private static string Plain(string name) => name.Replace("-", "").Replace("_", "").ToLowerInvariant();
}
