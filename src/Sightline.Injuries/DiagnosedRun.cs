using Sightline.Diagnosis;

namespace Sightline.Injuries;

/// <summary>A stored run with what was made of its log.</summary>
/// <param name="Run">The run.</param>
/// <param name="Harm">What its fault did.</param>
/// <param name="Assessment">What the diagnosis says of the whole log.</param>
public sealed record DiagnosedRun(StoredRun Run, HarmReading Harm, Assessment Assessment)
{
    /// <summary>What stands for a first finding in a healthy assessment.</summary>
    public const string Healthy = "healthy";

    /// <summary>What stands for a first finding where there is no verdict.</summary>
    public const string NotEnoughEvidence = "not-enough-evidence";

    /// <summary>What a watch on the running training said, epoch by epoch; empty where none looked.</summary>
    public IReadOnlyList<(double Epoch, string Code)> Warnings { get; init; } = [];

    /// <summary>Whether nothing was done to it.</summary>
    public bool IsHealthy => Run.Injuries.Count == 0;

    /// <summary>Whether its fault counts.</summary>
    public bool Counts => !IsHealthy && Harm.Harm == Injuries.Harm.Worse;

    /// <summary>The fault that a diagnosis should name first; null in a healthy run.</summary>
    public string? Root => IsHealthy ? null : Run.Injuries[0].Code;

    /// <summary>Whether the training is called sick.</summary>
    public bool IsSick => Assessment.Verdict == Verdict.Sick;

    /// <summary>What is said first: a code, or that it is healthy, or that the evidence doesn't suffice.</summary>
    public string First => Assessment.Verdict switch
    {
        Verdict.Sick => Assessment.Findings[0].Code,
        Verdict.Healthy => Healthy,
        _ => NotEnoughEvidence,
    };

    /// <summary>Whether the root is among the findings of a training that is called sick.</summary>
    public bool NamesRoot => IsSick && Assessment.Findings.Any(f => f.Code == Root);

    /// <summary>Diagnoses a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="harm">What its fault did.</param>
    /// <param name="curvesAlone">Whether signals and facts are taken away.</param>
    /// <param name="watched">Whether a watch follows it epoch by epoch.</param>
    /// <returns>The run with what was made of it.</returns>
    public static DiagnosedRun Of(StoredRun run, HarmReading harm, bool curvesAlone, bool watched)
    {
        TrainingLog log = curvesAlone ? run.Log.CurvesAlone() : run.Log;
        return new DiagnosedRun(run, harm, Diagnostician.Assess(log)) { Warnings = watched ? [.. new Watch().Follow(log).Select(w => (w.Epoch, w.Finding.Code))] : [] };
    }

    /// <summary>The epoch in which the watch first named the root, or in which a training that diverged ended, if that was named then.</summary>
    public double? Detected => Warnings.Where(w => w.Code == Root).Select(w => (double?)w.Epoch).FirstOrDefault()
        ?? (Run.Diverged && NamesRoot ? Run.Log.Epochs.Count + 1 : null);
}
