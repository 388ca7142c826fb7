namespace Sightline.Diagnosis;

/// <summary>One event file, and what goes before its tags: <c>train/</c> for a file in a folder of this name.</summary>
/// <param name="Path">The file.</param>
/// <param name="Prefix">Nothing, or a folder's name and a slash.</param>
internal sealed record EventSource(string Path, string Prefix);

/// <summary>Makes a training's log of event files.</summary>
internal static class EventLog
{
    /// <summary>Reads the files, in the order in which they were written.</summary>
    /// <exception cref="BadInputException">They hold no two curves, or are no event files.</exception>
    internal static TrainingLog Read(string path, IReadOnlyList<EventSource> files, ColumnMap? map, List<string> notes)
    {
        var curves = new EventCurves(map);
        foreach (IGrouping<string, EventSource> folder in files.GroupBy(f => f.Prefix))
        {
            curves.BeginFolder();
            foreach (EventSource file in folder)
                Note(file.Path, EventFile.Walk(file.Path, scalar => curves.Add(file.Prefix + scalar.Tag, scalar.Step, scalar.Value)), notes);
        }
        IReadOnlyList<string> tags = curves.Tags;
        if (tags.Count == 0)
        {
            throw new BadInputException("log-empty", $"The event file{(files.Count > 1 ? "s hold" : " holds")} no scalars{(notes.Count > 0 ? $" ({notes[^1].TrimEnd('.')})" : "")}.", path,
                fix: "Give the folder of a training that logs its loss.");
        }
        curves.Note(notes);
        string kind = files.Count == 1 ? "a TensorBoard event file" : "TensorBoard event files";
        (LogTable table, ColumnMap chosen) = curves.ToTable(path, kind, map);
        return TableLog.Read(table, chosen, notes);
    }

    private static void Note(string path, EventFileReading reading, List<string> notes)
    {
        if (reading.PassedOver > 0)
            notes.Add($"{reading.PassedOver} record{(reading.PassedOver == 1 ? "" : "s")} above {EventRecords.LargestRecord >> 20} MB in {Path.GetFileName(path)} {(reading.PassedOver == 1 ? "was" : "were")} passed over.");
        if (reading.End == EventFileEnd.Torn)
            notes.Add($"{Path.GetFileName(path)} ends in the middle of a record, as while it is being written; what stands before is read.");
        if (reading.End == EventFileEnd.Damaged)
        {
            if (reading.Position == 0)
                throw new BadInputException("log-not-events", "The file is not a TensorBoard event file: the checksum of its first record doesn't hold.", path, fix: "Copy it anew, or give another log.");
            notes.Add($"{Path.GetFileName(path)} is damaged after byte {reading.Position}; what stands before is read.");
        }
    }
}
