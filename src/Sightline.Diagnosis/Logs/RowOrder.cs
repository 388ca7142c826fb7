using System.Globalization;

namespace Sightline.Diagnosis;

/// <summary>
/// Brings the rows of a log into the order of the training. Where epochs go back, the run was resumed, and later rows replace earlier ones; where
/// they go back to the start, another run begins, and the last one is read.
/// </summary>
internal static class RowOrder
{
    /// <summary>The rows that count, their places rising.</summary>
    internal static IReadOnlyList<int> Of(LogTable table, LogAxis axis, ChosenColumns choice, List<string> notes)
    {
        List<int> rows = Placed(table, axis, choice, notes);
        var kept = new List<int>(rows.Count);
        var runs = new Turns();
        var resumed = new Turns();
        foreach (int row in rows)
        {
            double place = axis.Places[row]!.Value;
            if (kept.Count > 0 && place < axis.Places[kept[^1]]!.Value)
            {
                double before = axis.Places[kept[^1]]!.Value;
                // Each row is added and removed once at most: this stays linear.
                while (kept.Count > 0 && axis.Places[kept[^1]]!.Value >= place)
                    kept.RemoveAt(kept.Count - 1);
                (kept.Count == 0 ? runs : resumed).Add(row, before, place);
                if (kept.Count == 0)
                    resumed = new Turns();
            }
            kept.Add(row);
        }
        string what = axis.IsSteps ? "Steps" : "Epochs";
        if (runs.Count > 0)
            notes.Add($"{what} go back to the start{(runs.Count > 1 ? $" {runs.Count} times" : "")}: the log holds {runs.Count + 1} runs, of which the last is read{Place(table, runs.Last, "it begins")}.");
        if (resumed.Count > 0)
            notes.Add($"{what} go back from {Text(resumed.Before)} to {Text(resumed.To)}{table.At(resumed.First)}{(resumed.Count > 1 ? $", and {resumed.Count - 1} more times" : "")}, as in a run that was resumed: later rows replace earlier ones.");
        return kept;
    }

    internal static string Text(double place) => place.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Place(LogTable table, int row, string verb) => table.HasLines ? $"; {verb} in line {table.Rows[row].Line}" : "";

    // Rows that say nothing that was asked for (tests after the training, say) don't count; a log with the newest row first is turned.
    private static List<int> Placed(LogTable table, LogAxis axis, ChosenColumns choice, List<string> notes)
    {
        int[] columns = [.. CurveRoles.Values.Where(r => choice[r] is not null).SelectMany(r => choice[r]!.Columns)];
        var rows = new List<int>(table.Rows.Count);
        int falls = 0, rises = 0, unplaced = 0;
        for (int i = 0; i < table.Rows.Count; i++)
        {
            LogRow row = table.Rows[i];
            if (!Array.Exists(columns, c => row[c] is not null))
                continue;
            if (axis.Places[i] is not double place)
            {
                unplaced++;
                continue;
            }
            if (rows.Count > 0)
            {
                falls += place < axis.Places[rows[^1]] ? 1 : 0;
                rises += place > axis.Places[rows[^1]] ? 1 : 0;
            }
            rows.Add(i);
        }
        if (unplaced > 0)
            notes.Add($"{unplaced} row{(unplaced == 1 ? "" : "s")} without an epoch or step {(unplaced == 1 ? "is" : "are")} left out.");
        if (falls > 1 && rises == 0)
        {
            rows.Reverse();
            notes.Add("The newest row stands first; the rows are read from the end.");
        }
        return rows;
    }

    /// <summary>The places where a log goes back.</summary>
    private sealed class Turns
    {
        public int Count { get; private set; }

        public int First { get; private set; }

        public int Last { get; private set; }

        public double Before { get; private set; }

        public double To { get; private set; }

        public void Add(int row, double before, double to)
        {
            if (Count++ == 0)
                (First, Before, To) = (row, before, to);
            Last = row;
        }
    }
}
