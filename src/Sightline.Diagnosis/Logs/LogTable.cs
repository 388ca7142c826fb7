namespace Sightline.Diagnosis;

/// <summary>A log as rows of numbers, before it is decided what they mean.</summary>
internal sealed record LogTable
{
    /// <summary>The most columns that a table may have: no training's log has more, and hostile ones would fill the memory.</summary>
    public const int MostColumns = 5000;

    /// <summary>The file or folder.</summary>
    public required string Path { get; init; }

    /// <summary>What was recognised there, with its article: <c>a CSV file</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The columns' names.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The rows, in their order.</summary>
    public required IReadOnlyList<LogRow> Rows { get; init; }

    /// <summary>The first cell of a column that holds a text, for columns that have one.</summary>
    public IReadOnlyDictionary<int, (int Line, string Text)> Texts { get; init; } = new Dictionary<int, (int, string)>();

    /// <summary>What to list in an error, where the table holds a part of the log's columns.</summary>
    public IReadOnlyList<string> Known { get => field ?? Columns; init; }

    /// <summary>Whether rows know their line.</summary>
    public bool HasLines { get; init; } = true;

    /// <summary>Whether the first line held numbers, so that columns are named by their number.</summary>
    public bool LacksHeader { get; init; }

    /// <summary>How many cells of a column say something.</summary>
    public IReadOnlyList<int> Counts()
    {
        var counts = new int[Columns.Count];
        foreach (LogRow row in Rows)
        {
            for (int i = 0; i < row.Cells.Length; i++)
                counts[i] += row.Cells[i] is null ? 0 : 1;
        }
        return counts;
    }

    /// <summary>Where a row stands, for a note: <c> (line 12)</c>, or nothing.</summary>
    public string At(int row) => HasLines ? $" (line {Rows[row].Line})" : "";
}

/// <summary>One row.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Cells">A number (which may be infinite or not a number) for each column, null where it says nothing; those at the end may be missing.</param>
internal readonly record struct LogRow(int Line, double?[] Cells)
{
    /// <summary>A cell.</summary>
    public double? this[int column] => column < Cells.Length ? Cells[column] : null;
}
