using Sightline.Diagnosis;

namespace Sightline.Bench.Diagnosis;

/// <summary>The runs of this checkout: in <c>bench/diagnosis/runs</c> as they end, compressed in <c>bench/diagnosis</c> when they are committed.</summary>
internal static class InjuryStore
{
    /// <summary>Where both lie.</summary>
    public static string Folder => Path.Combine(Timings.Root, "bench", "diagnosis");

    /// <summary>All of them.</summary>
    public static RunStore Runs => new(Folder);

    /// <summary>A run as a line.</summary>
    /// <param name="planned">What was planned.</param>
    /// <param name="run">What came of it.</param>
    /// <param name="seconds">How long it took.</param>
    /// <returns>One line, without its end.</returns>
    public static string Line(PlannedRun planned, SmallRun run, double seconds) => new StoredRun
    {
        Id = planned.Id,
        Twin = planned.Twin,
        Injuries = [.. planned.Injuries.Select(i => new StoredInjury(i.Code, i.Severity))],
        Training = planned.Training,
        Tests = [.. run.Tests.Select(t => new TestPoint(t.Epoch, t.Loss, t.Top1))],
        Log = new TrainingLog
        {
            Source = planned.Id,
            Epochs = run.Epochs,
            Signals = run.Signals,
            Facts = new TrainingFacts { TrainImages = run.TrainImages, ValidationImages = run.ValidationImages, Diverged = run.Diverged },
        },
    }.Line(seconds);
}
