namespace Sightline.Models.Profiling;

/// <summary>Where one forward pass of one image spends its time.</summary>
/// <param name="Network">The network's registered name.</param>
/// <param name="Side">The side of the image in pixels.</param>
/// <param name="Precision">The arithmetic.</param>
/// <param name="Threads">Threads that torch used.</param>
/// <param name="Passes">How many passes the medians are of.</param>
/// <param name="Milliseconds">A whole pass, the median of passes in which no layer was watched.</param>
/// <param name="BetweenMilliseconds">Activations, additions and other work between the layers.</param>
/// <param name="Layers">The layers in the order in which they ran.</param>
/// <param name="Parameters">Parameters of the whole network: a few can belong to no layer, such as learnt positions.</param>
public sealed record NetworkProfile(
    string Network, int Side, ProfilePrecision Precision, int Threads, int Passes, double Milliseconds, double BetweenMilliseconds, IReadOnlyList<LayerProfile> Layers, long Parameters)
{
    /// <summary>The parts added up. On a machine with other work it is less than a whole pass, which is interrupted more often.</summary>
    public double PartsMilliseconds => BetweenMilliseconds + Layers.Sum(l => l.Milliseconds);

    /// <summary>Multiply-accumulates of the whole pass.</summary>
    public long Macs => Layers.Sum(l => l.Macs);

    /// <summary>A part's time as a share of all parts.</summary>
    /// <param name="milliseconds">The time.</param>
    /// <returns>A fraction; all layers and what is between them come to 1.</returns>
    public double Share(double milliseconds) => milliseconds / PartsMilliseconds;

    /// <summary>The same by kind of layer, those without any left out.</summary>
    /// <returns>Kinds in the order of the enumeration.</returns>
    public IReadOnlyList<KindProfile> ByKind()
    {
        List<KindProfile> kinds = [.. Layers.GroupBy(l => l.Kind).OrderBy(g => g.Key)
            .Select(g => new KindProfile(g.Key, g.Count(), g.Sum(l => l.Macs), g.Sum(l => l.Bytes), g.Sum(l => l.Milliseconds)))];
        kinds.Add(new KindProfile(LayerKind.Between, 0, 0, 0, BetweenMilliseconds));
        return kinds;
    }
}

/// <summary>All layers of one kind.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Layers">How many.</param>
/// <param name="Macs">Their multiply-accumulates.</param>
/// <param name="Bytes">What they move.</param>
/// <param name="Milliseconds">Their time.</param>
public sealed record KindProfile(LayerKind Kind, int Layers, long Macs, long Bytes, double Milliseconds)
{
    /// <summary>Multiply-accumulates for each byte moved.</summary>
    public double Intensity => Bytes == 0 ? 0 : Macs / (double)Bytes;

    /// <summary>Multiply-accumulates a second.</summary>
    public double MacsPerSecond => Milliseconds > 0 ? Macs / Milliseconds * 1000 : 0;
}
