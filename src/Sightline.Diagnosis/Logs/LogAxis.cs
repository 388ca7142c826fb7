namespace Sightline.Diagnosis;

/// <summary>Where each row of a log stands in the training.</summary>
/// <param name="Places">The epoch, or the step where there are no epochs; null of a row that can't be placed.</param>
/// <param name="Steps">The step beside it, where the log has both.</param>
/// <param name="IsSteps">Whether steps take the epochs' place.</param>
internal sealed record LogAxis(double?[] Places, double?[] Steps, bool IsSteps)
{
    /// <summary>Whether places are whole epochs, so that rows of one belong together.</summary>
    internal bool IsWhole { get; } = !IsSteps && Array.TrueForAll(Places, p => p is null || p.Value == Math.Floor(p.Value));

    /// <summary>Places the rows.</summary>
    /// <exception cref="BadInputException">There is neither epoch nor step (<c>log-no-epoch</c>), or one holds a text (<c>log-number</c>).</exception>
    internal static LogAxis Of(LogTable table, ChosenColumns choice, List<string> notes)
    {
        double?[]? epochs = Values(table, choice[CurveRole.Epoch], CurveRole.Epoch), steps = Values(table, choice[CurveRole.Step], CurveRole.Step);
        if (epochs is null && steps is null)
        {
            throw new BadInputException("log-no-epoch", $"Read as {table.Kind}, it has no column for the epoch or the step; there are {LogReader.Listed(table.Known)}.", table.Path,
                fix: "Say which it is: --map epoch=COLUMN.");
        }
        if (epochs is not null && (steps is null || Different(epochs) > 1 || Different(steps) < 2))
        {
            if (steps is not null)
                Fill(table, choice, epochs);
            return new LogAxis(epochs, steps ?? new double?[epochs.Length], IsSteps: false);
        }
        notes.Add(epochs is null ? "The log is by steps: they take the epochs' place." : "The log holds one epoch: its steps take the epochs' place.");
        return new LogAxis(steps!, steps!, IsSteps: true);
    }

    private static double?[]? Values(LogTable table, ChosenColumn? column, CurveRole role)
    {
        if (column is null)
            return null;
        if (table.Texts.TryGetValue(column.Columns[0], out (int Line, string Text) cell))
            throw LogReader.NoNumber(table, column.Columns[0], role, cell);
        var values = new double?[table.Rows.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = table.Rows[i][column.Columns[0]] is double value && double.IsFinite(value) ? value : null;
        return values;
    }

    // Lightning writes the learning rate at an epoch's start in a row that knows its step alone: it belongs to the next row's epoch.
    private static void Fill(LogTable table, ChosenColumns choice, double?[] epochs)
    {
        double? next = null;
        for (int i = epochs.Length - 1; i >= 0; i--)
            next = epochs[i] ??= next;
        for (int i = 1; i < epochs.Length; i++)
        {
            if (epochs[i] is null && CurveRoles.Curves.Any(r => choice[r] is ChosenColumn c && table.Rows[i][c.Columns[0]] is not null))
                epochs[i] = epochs[i - 1];
        }
    }

    // More than two are not told apart.
    private static int Different(double?[] values)
    {
        double? first = null;
        foreach (double? value in values)
        {
            if (first is not null && value is not null && value != first)
                return 2;
            first ??= value;
        }
        return first is null ? 0 : 1;
    }
}
