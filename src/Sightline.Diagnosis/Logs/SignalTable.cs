using System.Globalization;

namespace Sightline.Diagnosis;

/// <summary>A signals.csv or probe.csv: numbers by row and column name, rows by epoch.</summary>
internal sealed class SignalTable
{
    private const string PredictionsColumn = "val_predictions";

    private readonly LogTable table;
    private readonly Dictionary<string, int> index;
    private readonly Dictionary<double, List<int>> rows = [];
    private readonly Dictionary<int, int[]> predictions = [];

    private SignalTable(LogTable table)
    {
        this.table = table;
        index = table.Columns.Select((c, i) => (c, i)).DistinctBy(c => c.c).ToDictionary(c => c.c, c => c.i);
        for (int i = 0; i < table.Rows.Count && index.ContainsKey("epoch"); i++)
        {
            double epoch = Value(i, "epoch");
            if (!rows.TryGetValue(epoch, out List<int>? of))
                rows[epoch] = of = [];
            of.Add(i);
        }
        Blocks = [.. table.Columns.Where(c => c.Contains('/', StringComparison.Ordinal)).Select(c => c[(c.IndexOf('/', StringComparison.Ordinal) + 1)..]).Distinct()];
    }

    /// <summary>The network's blocks, in the file's order.</summary>
    internal IReadOnlyList<string> Blocks { get; }

    /// <summary>Reads the file; null when it is missing, has no rows yet, or is damaged, which is noted.</summary>
    internal static SignalTable? Read(string path, List<string> notes)
    {
        if (!File.Exists(path))
            return null;
        string name = Path.GetFileName(path);
        var own = new List<string>();
        string text;
        SignalTable read;
        try
        {
            text = LogText.Read(path);
            read = new SignalTable(CsvTable.Read(path, text, own));
        }
        catch (BadInputException exception)
        {
            // The curves can be read without.
            if (exception.Code != "log-empty")
                notes.Add($"{name} can't be read and is left out: {exception.Problem}");
            return null;
        }
        notes.AddRange(own.Select(n => $"{name}: {n}"));
        if (read.index.TryGetValue(PredictionsColumn, out int column))
            read.ReadPredictions(text, column);
        return read;
    }

    /// <summary>The rows of an epoch, in their order.</summary>
    internal IReadOnlyList<int> RowsOf(double epoch) => rows.TryGetValue(epoch, out List<int>? of) ? of : [];

    /// <summary>A cell; NaN where nothing was measured.</summary>
    internal double Value(int row, string column) => index.TryGetValue(column, out int c) ? table.Rows[row][c] ?? double.NaN : double.NaN;

    /// <summary>The mean of the cells that hold something.</summary>
    internal double Mean(IReadOnlyList<int> of, string column)
    {
        double sum = 0;
        int count = 0;
        foreach (int row in of)
        {
            double value = Value(row, column);
            if (double.IsNaN(value))
                continue;
            sum += value;
            count++;
        }
        return count == 0 ? double.NaN : sum / count;
    }

    /// <summary>How many validation images were taken for each class; empty where it isn't known.</summary>
    internal IReadOnlyList<int> Predictions(int row) => predictions.GetValueOrDefault(row, []);

    // Counts separated by blanks, which a table of numbers doesn't hold.
    private void ReadPredictions(string text, int column)
    {
        string[] lines = text.Split('\n');
        for (int row = 0; row < table.Rows.Count; row++)
        {
            string[] cells = lines[table.Rows[row].Line - 1].Split(',');
            string[] counts = column < cells.Length ? cells[column].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
            var of = new int[counts.Length];
            bool isWhole = true;
            for (int i = 0; i < of.Length; i++)
                isWhole &= int.TryParse(counts[i], NumberStyles.None, CultureInfo.InvariantCulture, out of[i]);
            if (isWhole && of.Length > 0)
                predictions[row] = of;
        }
    }
}
