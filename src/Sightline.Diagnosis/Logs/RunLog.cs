namespace Sightline.Diagnosis;

/// <summary>Reads a run folder of ours: curves, signals and facts.</summary>
internal static class RunLog
{
    private const string Metrics = "metrics.csv";

    /// <summary>Whether a run was begun in a folder.</summary>
    internal static bool IsRun(string folder) => File.Exists(Path.Combine(folder, "recipe.yaml")) && (File.Exists(Path.Combine(folder, Metrics)) || File.Exists(Path.Combine(folder, "environment.json")));

    /// <exception cref="BadInputException">No epoch is finished (<c>log-empty</c>), a mapping was given (<c>log-map</c>), or metrics.csv is damaged.</exception>
    internal static TrainingLog Read(string folder, ColumnMap? map, List<string> notes)
    {
        if (map is not null)
            throw new BadInputException("log-map", "This is a run folder of Sightline, whose columns are known.", folder, fix: "Leave --map out, or give one of its files.");
        string path = Path.Combine(folder, Metrics);
        TrainingFacts facts = RunFacts.Read(folder, notes);
        var log = new TrainingLog { Source = folder, Epochs = [] };
        try
        {
            log = TableLog.Read(CsvTable.Read(path, File.Exists(path) ? LogText.Read(path) : "", notes), null, notes, says: false);
        }
        catch (BadInputException exception) when (exception.Code == "log-empty")
        {
            // One that diverged before the end of its first epoch says enough.
            if (facts.Diverged is null)
                throw new BadInputException("log-empty", "No epoch of this run is finished yet.", folder, fix: "Wait for the first epoch.", inner: exception);
        }
        return log with { Source = folder, Signals = RunSignals.Read(folder, log.Epochs, notes), Facts = facts, Notes = notes };
    }
}
