using System.Globalization;

namespace Sightline.Diagnosis;

/// <summary>
/// Brings the rows of a log into the order of the training. Where the epochs of a curve go back, the run was resumed, and later rows replace earlier
/// ones; where they go back to the start, another run begins, and the last one is read. Rows that come late without giving anything twice (all
/// validation behind all training) are put in their place.
/// </summary>
internal static class RowOrder
{
    /// <summary>The rows that count, their places rising.</summary>
    internal static IReadOnlyList<int> Of(LogTable table, LogAxis axis, ChosenColumns choice, List<string> notes)
    {
        List<int> rows = Placed(table, axis, choice, notes);
        int[][] curves = [.. CurveRoles.Values.Where(r => choice[r] is not null).Select(r => choice[r]!.Columns.ToArray())];
        var stacks = new List<int>[curves.Length];
        for (int i = 0; i < stacks.Length; i++)
            stacks[i] = [];
        var runs = new Turns();
        var resumed = new Turns();
        foreach (int row in rows)
        {
            double place = axis.Places[row]!.Value, before = place;
            for (int i = 0; i < curves.Length; i++)
            {
                if (stacks[i].Count > 0 && Fills(table.Rows[row], curves[i]))
                    before = Math.Max(before, axis.Places[stacks[i][^1]]!.Value);
            }
            if (before > place && Cut(stacks, axis, place))
            {
                runs.Add(row, before, place);
                resumed = new Turns();
            }
            else if (before > place)
            {
                resumed.Add(row, before, place);
            }
            for (int i = 0; i < curves.Length; i++)
            {
                if (Fills(table.Rows[row], curves[i]))
                    stacks[i].Add(row);
            }
        }
        string what = axis.IsSteps ? "Steps" : "Epochs";
        if (runs.Count > 0)
            notes.Add($"{what} go back to the start{(runs.Count > 1 ? $" {runs.Count} times" : "")}: the log holds {runs.Count + 1} runs, of which the last is read{(table.HasLines ? $"; it begins in line {table.Rows[runs.Last].Line}" : "")}.");
        if (resumed.Count > 0)
            notes.Add($"{what} go back from {Text(resumed.Before)} to {Text(resumed.To)}{table.At(resumed.First)}{(resumed.Count > 1 ? $", and {resumed.Count - 1} more times" : "")}, as in a run that was resumed: later rows replace earlier ones.");
        var kept = stacks.SelectMany(s => s).ToHashSet();
        return [.. rows.Where(kept.Contains).OrderBy(r => axis.Places[r]!.Value)];
    }

    private static bool Fills(LogRow row, int[] columns) => Array.Exists(columns, c => row[c] is not null);

    // Removes what stands from a place on; says whether nothing is left. Each row goes on and off a stack once at most: this stays linear.
    private static bool Cut(List<int>[] stacks, LogAxis axis, double place)
    {
        bool isEmpty = true;
        foreach (List<int> stack in stacks)
        {
            int count = stack.Count;
            while (count > 0 && axis.Places[stack[count - 1]]!.Value >= place)
                count--;
            stack.RemoveRange(count, stack.Count - count);
            isEmpty &= count == 0;
        }
        return isEmpty;
    }

    internal static string Text(double place) => place.ToString("0.####", CultureInfo.InvariantCulture);

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
