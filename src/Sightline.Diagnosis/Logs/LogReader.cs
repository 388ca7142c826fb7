namespace Sightline.Diagnosis;

/// <summary>
/// Reads the log of a training, whoever wrote it: a run folder of ours; TensorBoard event files; logs of Keras, Lightning, Ultralytics and
/// Hugging Face; any CSV, JSON or JSON lines with columns for an epoch (or step) and two curves. A log may still be written while it is read.
/// What was odd in it and how it was taken stands in the notes.
/// </summary>
public static class LogReader
{
    /// <summary>Reads a log.</summary>
    /// <param name="path">A file, or a folder.</param>
    /// <param name="map">What the columns mean, where their names don't say it.</param>
    /// <returns>The log.</returns>
    /// <exception cref="BadInputException">Nothing lies there, or it is no log; the message says what was recognised and what is missing.</exception>
    public static TrainingLog Read(string path, ColumnMap? map = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Directory.Exists(path) ? LogFolder.Read(path, map, [])
                : File.Exists(path) ? ReadFile(path, map, [])
                : throw new BadInputException("log-missing", "There is no such file or folder.", path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException("log-unreadable", $"It cannot be read: {exception.Message}", path, inner: exception);
        }
    }

    internal static TrainingLog ReadFile(string path, ColumnMap? map, List<string> notes)
    {
        if (IsEventFile(path))
            return EventLog.Read(path, [new EventSource(path, "")], map, notes);
        string text = LogText.Read(path);
        ReadOnlySpan<char> start = text.AsSpan().TrimStart();
        LogTable table = start is ['{' or '[', ..] ? JsonLog.Read(path, text, notes) : CsvTable.Read(path, text, notes);
        return TableLog.Read(table, map, notes);
    }

    /// <summary>Some columns' names, for an error.</summary>
    internal static string Listed(IReadOnlyList<string> columns)
    {
        const int Most = 20;
        string names = string.Join(", ", columns.Take(Most).Select(c => c.Trim()));
        return columns.Count == 0 ? "no columns" : columns.Count == 1 ? $"the column {names}" : $"the columns {names}{(columns.Count > Most ? $" and {columns.Count - Most} more" : "")}";
    }

    internal static BadInputException NoNumber(LogTable table, int column, CurveRole role, (int Line, string Text) cell)
    {
        string text = cell.Text.Length > 40 ? cell.Text[..40] + "…" : cell.Text;
        return new BadInputException("log-number", $"The {role.Words()} in column {table.Columns[column]} is '{text}', which is not a number.", table.Path, table.HasLines ? cell.Line : null,
            fix: "Correct or remove this row, or take another column by --map.");
    }

    // By its name, as TensorBoard finds them, or by the checksum of its first length.
    private static bool IsEventFile(string path)
    {
        if (Path.GetFileName(path).Contains("tfevents", StringComparison.Ordinal))
            return true;
        using FileStream file = LogText.Open(path);
        return EventRecords.Begins(file);
    }
}
