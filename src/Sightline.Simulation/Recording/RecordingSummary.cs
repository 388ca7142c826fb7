namespace Sightline.Simulation;

/// <summary>What a recording holds.</summary>
/// <param name="Folder">Where it is.</param>
/// <param name="Drives">How many drives.</param>
/// <param name="Frames">How many frames in all.</param>
/// <param name="Annotations">How many labelled objects over all frames.</param>
/// <param name="PerClass">How many of each class, by its name.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="CpuSeconds">Processor time of the process meanwhile, over all cores.</param>
public sealed record RecordingSummary(
    string Folder, int Drives, int Frames, int Annotations, IReadOnlyDictionary<string, int> PerClass, double Seconds, double CpuSeconds)
{
    /// <summary>Frames rendered, labelled and written per second.</summary>
    public double FramesPerSecond => Frames / Seconds;
}
