using System.Globalization;

namespace Sightline.Diagnosis;

/// <summary>Finds the log in a folder: a run of ours, a log under its tool's usual name, event files, or the one table that lies there.</summary>
internal static class LogFolder
{
    // Deep enough for logs/run/version_0/train; not so deep that a whole disk is walked.
    private static readonly EnumerationOptions Deep = new() { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = true };

    /// <exception cref="BadInputException">There is no log (<c>log-folder</c>), or there are several (<c>log-several-runs</c>).</exception>
    internal static TrainingLog Read(string folder, ColumnMap? map, List<string> notes)
    {
        if (RunLog.IsRun(folder))
            return RunLog.Read(folder, map, notes);
        // Ultralytics, Lightning and Keras' CSVLogger, Hugging Face.
        foreach (string name in (string[])["results.csv", "metrics.csv", "trainer_state.json"])
        {
            if (File.Exists(Path.Combine(folder, name)))
                return LogReader.ReadFile(Path.Combine(folder, name), map, notes);
        }
        if (Numbered(folder, "checkpoint-", "trainer_state.json", notes) is string state)
            return LogReader.ReadFile(state, map, notes);
        foreach (string parent in new[] { folder, Path.Combine(folder, "lightning_logs") }.Where(Directory.Exists))
        {
            if (Numbered(parent, "version_", "metrics.csv", notes) is string metrics)
                return LogReader.ReadFile(metrics, map, notes);
        }
        EventSource[] events = Events(folder);
        if (events.Length > 0)
            return EventLog.Read(folder, events, map, notes);
        string[] tables = [.. new[] { "*.csv", "*.tsv", "*.jsonl", "*.json" }.SelectMany(p => Directory.EnumerateFiles(folder, p)).Order(StringComparer.Ordinal)];
        return tables.Length == 1 ? LogReader.ReadFile(tables[0], map, notes) : throw Nothing(folder, tables);
    }

    /// <summary>A file in the last of the folders that are numbered: version_2 of version_0 to version_2.</summary>
    private static string? Numbered(string folder, string prefix, string file, List<string> notes)
    {
        (int Number, string Path)[] found =
        [
            .. Directory.EnumerateDirectories(folder, prefix + "*")
                .Select(d => (Number: int.TryParse(Path.GetFileName(d).AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : -1, Path: Path.Combine(d, file)))
                .Where(d => d.Number >= 0 && File.Exists(d.Path)).OrderBy(d => d.Number),
        ];
        if (found.Length == 0)
            return null;
        if (found.Length > 1)
            notes.Add($"There are {found.Length} folders from {prefix}{found[0].Number} to {prefix}{found[^1].Number}; the last is read.");
        return found[^1].Path;
    }

    // Keras writes the curves of one run into train/ and validation/, PyTorch's add_scalars into loss_train/ and loss_val/.
    private static EventSource[] Events(string folder)
    {
        (string File, string Base, string Prefix)[] files =
        [
            .. Directory.EnumerateFiles(folder, "*tfevents*", Deep).Where(f => !f.EndsWith(".profile-empty", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(f =>
            {
                string relative = Path.GetRelativePath(folder, Path.GetDirectoryName(f)!);
                string name = relative == "." ? "" : Path.GetFileName(relative);
                return ColumnName.Of(name).Images == ColumnImages.Unsaid
                    ? (f, relative == "." ? "" : relative, "")
                    : (f, Path.GetDirectoryName(relative) ?? "", name + "/");
            }),
        ];
        string[] runs = [.. files.Select(f => f.Base).Distinct()];
        // What lies in the folder itself, or in its train/ and validation/, is the run; deeper folders hold hyperparameters and profiles.
        string run = runs.Contains("") ? "" : runs.FirstOrDefault("");
        if (runs.Length > 1 && run.Length > 0)
        {
            throw new BadInputException("log-several-runs", $"The folder holds the event files of {runs.Length} runs: {string.Join(", ", runs.Take(10))}{(runs.Length > 10 ? ", …" : "")}.", folder,
                fix: "Give the folder of one of them.");
        }
        return [.. files.Where(f => f.Base == run).Select(f => new EventSource(f.File, f.Prefix))];
    }

    private static BadInputException Nothing(string folder, string[] tables) => tables.Length > 1
        ? new BadInputException("log-several-runs", $"The folder holds {tables.Length} tables ({string.Join(", ", tables.Take(5).Select(Path.GetFileName))}{(tables.Length > 5 ? ", …" : "")}) and no log under a usual name.", folder, fix: "Give the file that is meant.")
        : new BadInputException("log-folder",
            "The folder holds no log: no run of Sightline (recipe.yaml and metrics.csv), no TensorBoard event files, no results.csv, metrics.csv, version_0/metrics.csv or trainer_state.json, and no other CSV or JSON file.", folder,
            fix: "Give the folder or file that the training wrote its log to.");
}
