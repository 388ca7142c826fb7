using Sightline.Diagnosis;
using Sightline.Injuries;

namespace Sightline.Cli.Practice;

/// <summary>Runs to be diagnosed by a person: whoever has the same runs and seed has the same paper.</summary>
/// <param name="Half">The half of the stored runs that they are from.</param>
/// <param name="Pool">How many runs they were chosen from.</param>
/// <param name="Seed">What the choice depended on.</param>
/// <param name="Questions">The runs, in their order.</param>
internal sealed record PracticePaper(string Half, int Pool, ulong Seed, IReadOnlyList<PracticeQuestion> Questions);

/// <summary>One run of a paper.</summary>
/// <param name="Diagnosed">The run, and what the diagnosis makes of it.</param>
/// <param name="Telling">The signal that tells its cause; null where there is no cause, or none that is ever found.</param>
internal sealed record PracticeQuestion(DiagnosedRun Diagnosed, TellingSignal? Telling)
{
    /// <summary>Its log.</summary>
    public TrainingLog Log => Diagnosed.Run.Log;

    /// <summary>The right answer: a code, or <see cref="DiagnosedRun.Healthy"/>.</summary>
    public string Cause => Diagnosed.Root ?? DiagnosedRun.Healthy;

    /// <summary>How strong the cause is, 1 to 3; null in a healthy run.</summary>
    public int? Strength => Diagnosed.IsHealthy ? null : Diagnosed.Run.Injuries[0].Severity;
}

/// <summary>The curves that tell a cause.</summary>
/// <param name="ShownBy">Which.</param>
/// <param name="Epochs">Where they do; no numbers where that isn't known.</param>
internal sealed record TellingSignal(ShownBy ShownBy, (double First, double Last) Epochs);
