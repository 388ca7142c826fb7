namespace Sightline.Diagnosis;

/// <summary>The values of one role in the rows that count.</summary>
internal static class CurveValues
{
    /// <summary>Reads them; parts are added up.</summary>
    /// <returns>For each of the rows a number, which may be infinite or not a number; null where nothing was measured.</returns>
    /// <exception cref="BadInputException">A cell holds a text (<c>log-number</c>).</exception>
    internal static double?[] Of(LogTable table, LogAxis axis, IReadOnlyList<int> rows, CurveRole role, ChosenColumn column, List<string> notes)
    {
        foreach (int c in column.Columns)
        {
            if (table.Texts.TryGetValue(c, out (int Line, string Text) cell))
                throw LogReader.NoNumber(table, c, role, cell);
        }
        var values = new double?[rows.Count];
        for (int i = 0; i < values.Length; i++)
        {
            double? sum = 0;
            foreach (int c in column.Columns)
                sum += table.Rows[rows[i]][c];
            values[i] = sum;
        }
        NotNumbers(table, axis, rows, role, values, notes);
        int infinite = Array.FindIndex(values, v => v is double value && double.IsInfinity(value));
        if (infinite >= 0)
            notes.Add($"The {role.Words()} is infinite at {Where(axis, rows[infinite])}{table.At(rows[infinite])}.");
        return values;
    }

    // A training that has gone to NaN doesn't come back: a NaN with numbers behind it stands for a missing value, as pandas writes it.
    private static void NotNumbers(LogTable table, LogAxis axis, IReadOnlyList<int> rows, CurveRole role, double?[] values, List<string> notes)
    {
        int first = Array.FindIndex(values, v => v is double.NaN);
        if (first < 0)
            return;
        if (Array.FindLastIndex(values, v => v is double value && !double.IsNaN(value)) < first)
        {
            notes.Add($"The {role.Words()} is not a number (NaN) from {Where(axis, rows[first])} on{table.At(rows[first])}.");
            return;
        }
        int count = 0;
        for (int i = first; i < values.Length; i++)
        {
            if (values[i] is not double.NaN)
                continue;
            values[i] = null;
            count++;
        }
        notes.Add($"The {role.Words()} is not a number (NaN) in {count} row{(count == 1 ? "" : "s")}, with numbers behind: taken as not measured.");
    }

    private static string Where(LogAxis axis, int row) => $"{(axis.IsSteps ? "step" : "epoch")} {RowOrder.Text(axis.Places[row]!.Value)}";
}
