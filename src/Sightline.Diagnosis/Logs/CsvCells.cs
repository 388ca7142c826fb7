namespace Sightline.Diagnosis;

/// <summary>Walks over the cells of one line; quotes around a cell are taken off, and blanks.</summary>
internal ref struct CsvCells(ReadOnlySpan<char> line, char delimiter)
{
    private ReadOnlySpan<char> rest = line;
    private bool ended;

    /// <summary>The next cell; false after the last.</summary>
    public bool Next(out ReadOnlySpan<char> cell)
    {
        cell = default;
        if (ended)
            return false;
        ReadOnlySpan<char> start = rest.TrimStart(' ');
        int from = 0;
        if (start is ['"', ..])
        {
            // A delimiter inside the quotes is part of the cell.
            int close = Close(start);
            from = rest.Length - start.Length + close;
        }
        int end = rest[from..].IndexOf(delimiter);
        ended = end < 0;
        cell = (ended ? rest : rest[..(from + end)]).Trim();
        rest = ended ? default : rest[(from + end + 1)..];
        if (cell is ['"', .., '"'] && cell.Length >= 2)
        {
            cell = cell[1..^1];
            if (cell.Contains('"'))
                cell = cell.ToString().Replace("\"\"", "\"", StringComparison.Ordinal);
        }
        return true;
    }

    /// <summary>All cells of a line.</summary>
    public static List<string> Split(ReadOnlySpan<char> line, char delimiter)
    {
        var cells = new List<string>();
        var reader = new CsvCells(line, delimiter);
        while (reader.Next(out ReadOnlySpan<char> cell))
            cells.Add(cell.ToString());
        return cells;
    }

    // Where the closing quote stands, or the end of a line that lacks it.
    private static int Close(ReadOnlySpan<char> quoted)
    {
        for (int i = 1; i < quoted.Length; i++)
        {
            if (quoted[i] != '"')
                continue;
            if (i + 1 < quoted.Length && quoted[i + 1] == '"')
                i++;
            else
                return i;
        }
        return quoted.Length;
    }
}
