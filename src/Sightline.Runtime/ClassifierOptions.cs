namespace Sightline.Runtime;

/// <summary>How a model is run.</summary>
public sealed record ClassifierOptions
{
    /// <summary>Threads inside one inference; 0 (the default) takes one for each physical core.</summary>
    public int Threads { get; init; }

    /// <summary>How many classes a <see cref="Classification"/> lists.</summary>
    public int TopK { get; init; } = 5;

    /// <summary>
    /// Whether idle threads spin for the next inference. It shortens latency a little when nothing else runs, and takes whole cores from
    /// everything else on the robot; off by default.
    /// </summary>
    public bool Spin { get; init; }
}
