namespace Sightline.Diagnosis;

/// <summary>A log as rules look at it: curves, what they mean, and signals.</summary>
internal sealed class Curves
{
    internal Curves(TrainingLog log)
    {
        Log = log;
    }

    internal TrainingLog Log { get; }

    /// <summary>What is missing for a verdict, or null.</summary>
    internal string? Missing(int epochs) => Log.Epochs.Count < epochs ? $"The log holds {Log.Epochs.Count} {(Log.Epochs.Count == 1 ? "epoch" : "epochs")}; curves say something from {epochs} on." : null;
}
