namespace Sightline.Bench.Diagnosis;

/// <summary>A run in which a code's fault was planted and that anyone can train again.</summary>
/// <param name="Code">The code.</param>
/// <param name="Id">The run; null where none has run.</param>
/// <param name="Said">What is said of it first.</param>
/// <param name="Evidence">The numbers given for it.</param>
internal sealed record PlantedCase(string Code, string? Id, string Said, string Evidence)
{
    /// <summary>What rendered images are called, which need no download.</summary>
    private const string Rendered = "footage";

    /// <summary>Chooses one for a code: where it is found, on rendered images, of middle strength, as far as there is one.</summary>
    /// <param name="code">The code.</param>
    /// <param name="runs">Diagnosed runs to choose from.</param>
    /// <returns>The case.</returns>
    public static PlantedCase Of(string code, IEnumerable<DiagnosedRun> runs)
    {
        DiagnosedRun? chosen = runs.Where(r => r.Counts && r.Run.Injuries.Count == 1 && r.Root == code)
            .OrderBy(r => r.First == code ? 0 : 1).ThenBy(r => r.Run.Training.Data == Rendered ? 0 : 1).ThenBy(r => Math.Abs(r.Run.Injuries[0].Severity - 2))
            .ThenBy(r => r.Run.Id, StringComparer.Ordinal).FirstOrDefault();
        return new PlantedCase(code, chosen?.Run.Id, chosen?.First ?? "", chosen is { IsSick: true } ? chosen.Assessment.Findings[0].Evidence : "");
    }
}
