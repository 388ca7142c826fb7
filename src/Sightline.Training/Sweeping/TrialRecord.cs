namespace Sightline.Training.Sweeping;

/// <summary>How a trial stands.</summary>
public enum TrialState
{
    /// <summary>Not begun.</summary>
    Waiting,

    /// <summary>In training; after a process that was killed, to be gone on with.</summary>
    Running,

    /// <summary>Trained so far; the state is saved.</summary>
    Paused,

    /// <summary>Trained to its end.</summary>
    Finished,

    /// <summary>Halving stopped it: others were better at its last rung.</summary>
    Dropped,

    /// <summary>Its loss was no longer finite.</summary>
    Diverged,

    /// <summary>It could not be trained.</summary>
    Failed,
}

/// <summary>A trial as <c>sweep.json</c> remembers it.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="State">How it stands.</param>
/// <param name="Epochs">Epochs behind it, as far as the sweep knows.</param>
/// <param name="Message">What ended it, when it diverged or failed.</param>
public sealed record TrialRecord(Trial Trial, TrialState State, int Epochs = 0, string? Message = null)
{
    /// <summary>Whether nothing more is trained.</summary>
    public bool Over => State is TrialState.Finished or TrialState.Dropped or TrialState.Diverged or TrialState.Failed;

    /// <summary>Whether it came through a rung: it was not lost on the way there.</summary>
    /// <param name="epochs">The rung's epochs.</param>
    /// <returns>True also when it was lost, or dropped, at a later rung; so a sweep that goes on decides as before.</returns>
    public bool CameThrough(int epochs) => State == TrialState.Finished || Epochs >= epochs;
}
