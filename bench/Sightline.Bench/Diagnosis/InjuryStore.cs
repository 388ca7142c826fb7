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
    public static string Line(PlannedRun planned, SmallRun run, double seconds) => run.Stored(planned).Line(seconds);
}
