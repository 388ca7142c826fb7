namespace Sightline.Diagnosis;

/// <summary>
/// Reads a text of cells: separated by commas, semicolons or tabs, with or without blanks around them. A last line that is still being written
/// is left out.
/// </summary>
internal sealed class CsvTable
{
    private readonly string path;
    private readonly List<string> notes;
    private readonly List<LogRow> rows = [];
    private readonly Dictionary<int, (int Line, string Text)> texts = [];
    private List<string> columns = [];
    private bool lacksHeader;
    private char delimiter;
    private int shortestEnd = int.MaxValue;
    private (int Count, int Line) shortRows, longRows, headers;
    private int longCells;

    private CsvTable(string path, List<string> notes) => (this.path, this.notes) = (path, notes);

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="BadInputException">It has no rows, or most of them don't fit the header.</exception>
    internal static LogTable Read(string path, string text, List<string> notes) => new CsvTable(path, notes).Read(text);

    private LogTable Read(string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().TrimEnd('\0');
        for (int line = 1; !rest.IsEmpty; line++)
        {
            int end = rest.IndexOf('\n');
            ReadOnlySpan<char> content = (end < 0 ? rest : rest[..end]).TrimEnd('\r');
            rest = end < 0 ? default : rest[(end + 1)..];
            if (content.IsWhiteSpace())
                continue;
            if (columns.Count == 0)
                Header(content, line);
            else if (content[0] != '#' && !HeaderAgain(content, line))
                Row(content, line, isEnded: end >= 0);
        }
        if (longRows.Count > rows.Count)
            throw Misfit();
        if (rows.Count == 0)
            throw new BadInputException("log-empty", columns.Count == 0 ? "The file is empty." : "The file has a header and no whole row yet.", path, fix: "Wait for the first epoch, or give another log.");
        Complain();
        return new LogTable { Path = path, Kind = LogDialect.Of(columns), Columns = columns, Rows = rows, Texts = texts, LacksHeader = lacksHeader };
    }

    private void Header(ReadOnlySpan<char> content, int line)
    {
        ReadOnlySpan<char> names = content.TrimStart("# ");
        delimiter = names.Contains('\t') ? '\t' : names.Count(';') > 0 && names.Count(';') >= names.Count(',') ? ';' : ',';
        List<string> cells = CsvCells.Split(names, delimiter);
        lacksHeader = cells.TrueForAll(IsNumber);
        columns = lacksHeader ? [.. Enumerable.Range(1, cells.Count).Select(i => $"{i}")] : cells;
        if (columns.Count > LogTable.MostColumns)
            throw new BadInputException("log-cells", $"The header names {columns.Count} columns; up to {LogTable.MostColumns} are read.", path, line);
        if (lacksHeader)
            Row(content, line, isEnded: true);
    }

    private static bool IsNumber(string cell) => NumberText.TryRead(cell, out _);

    /// <summary>A second header: of the same columns it says nothing new; of others, another run begins.</summary>
    private bool HeaderAgain(ReadOnlySpan<char> content, int line)
    {
        // Most rows begin with a digit: not worth a closer look.
        if (lacksHeader || char.IsAsciiDigit(content.TrimStart()[0]))
            return false;
        List<string> cells = CsvCells.Split(content.TrimStart("# "), delimiter);
        if (cells.SequenceEqual(columns))
        {
            headers = (headers.Count + 1, line);
            return true;
        }
        if (cells.Exists(c => NumberText.TryRead(c, out _)) || !cells.Exists(c => ColumnName.Of(c).Kind is ColumnKind.Epoch or ColumnKind.Step))
            return false;
        notes.Add($"Another header stands in line {line}: the file holds several runs, of which the last is read.");
        columns = cells;
        rows.Clear();
        texts.Clear();
        shortestEnd = int.MaxValue;
        (shortRows, longRows) = (default, default);
        return true;
    }

    private void Row(ReadOnlySpan<char> content, int line, bool isEnded)
    {
        var cells = new double?[columns.Count];
        var cell = new CsvCells(content, delimiter);
        int count = 0, endLength = 0;
        bool isLong = false, isText = false;
        while (cell.Next(out ReadOnlySpan<char> text))
        {
            int column = count++;
            if (column >= columns.Count)
            {
                isLong |= !text.IsEmpty;
                continue;
            }
            endLength = text.Length;
            if (!NumberText.TryRead(text, out cells[column]) && !texts.ContainsKey(column))
            {
                isText = true;
                if (isEnded)
                    texts[column] = (line, text.ToString());
            }
        }
        // Without a line end the line may be cut: then cells are missing, or the last is shorter than any before it. Of a first row nobody knows.
        if (!isEnded && (count < columns.Count || isText || rows.Count == 0 || endLength < shortestEnd))
        {
            notes.Add($"The last line ({line}) has no end and looks cut off, as in a log that is being written; it is left out.");
            return;
        }
        if (isLong)
        {
            longRows = (longRows.Count + 1, longRows.Count == 0 ? line : longRows.Line);
            longCells = count;
            return;
        }
        if (count < columns.Count)
            shortRows = (shortRows.Count + 1, shortRows.Count == 0 ? line : shortRows.Line);
        else
            shortestEnd = Math.Min(shortestEnd, endLength);
        rows.Add(new LogRow(line, cells));
    }

    private void Complain()
    {
        if (headers.Count > 0)
            notes.Add($"The header stands again{(headers.Count > 1 ? $" {headers.Count} times, last" : "")} in line {headers.Line}.");
        if (longRows.Count > 0)
            notes.Add($"{Rows(longRows.Count)} more cells than the header (first in line {longRows.Line}) and {(longRows.Count == 1 ? "is" : "are")} left out.");
        if (shortRows.Count > 0)
            notes.Add($"{Rows(shortRows.Count)} fewer cells than the header (first in line {shortRows.Line}); what is missing is taken as not measured.");

        static string Rows(int count) => count == 1 ? "One row has" : $"{count} rows have";
    }

    private BadInputException Misfit() => new("log-cells",
        $"The header names {columns.Count} columns, but this row has {longCells} cells.", path, longRows.Line,
        fix: delimiter == ',' ? "With decimal commas, separate the cells by semicolons, or write points." : "Give every column a name in the header.");
}
