namespace Sightline.Models;

/// <summary>The registry of networks. Tests run over all of it, so that a new network is tested by being registered.</summary>
public static partial class Networks
{
    /// <summary>Every registered network's card, by family and size. Loads no libtorch.</summary>
    public static IReadOnlyList<NetworkCard> Cards { get; } = [];

    /// <summary>Builds a network with freshly initialised weights.</summary>
    /// <param name="name">A registered name.</param>
    /// <param name="classes">How many classes to tell apart.</param>
    /// <param name="seed">The run's seed; weights derive from its stream <c>initialisation</c>, whatever torch's global generator holds.</param>
    /// <returns>The network in training mode, float32, on the CPU.</returns>
    /// <exception cref="BadInputException">No network has this name; the message holds the nearest.</exception>
    public static Classifier Create(string name, int classes, ulong seed) => throw new NotImplementedException();
}
