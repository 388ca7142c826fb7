namespace Sightline.Diagnosis;

/// <summary>Makes a training's log of a table.</summary>
internal static class TableLog
{
    /// <summary>Decides what the columns mean, orders the rows and puts those of an epoch together.</summary>
    /// <param name="table">The table.</param>
    /// <param name="map">What columns mean, where it is given.</param>
    /// <param name="notes">Gets what was odd.</param>
    /// <param name="says">Whether to note what was recognised.</param>
    /// <exception cref="BadInputException">Epoch or curves are missing, or a needed cell is no number.</exception>
    internal static TrainingLog Read(LogTable table, ColumnMap? map, List<string> notes, bool says = true)
    {
        ChosenColumns choice = ChosenColumns.Of(table.Columns, table.Counts(), map, table.Path);
        if (table.LacksHeader && map is null)
        {
            throw new BadInputException("log-no-header", $"The first line holds {table.Columns.Count} numbers and no names of columns.", table.Path, 1,
                fix: "Put a line of names above it, or say what the columns are by their number: --map epoch=1,train_loss=2,val_loss=3.");
        }
        if (CurveRoles.Curves.Count(r => choice[r] is not null) < 2)
            throw TooFew(table, choice);
        if (says)
            notes.Insert(0, $"Read as {table.Kind}: {choice.Words()}.");
        LogAxis axis = LogAxis.Of(table, choice, notes);
        IReadOnlyList<int> rows = RowOrder.Of(table, axis, choice, notes);
        var values = new Dictionary<CurveRole, double?[]>();
        foreach (CurveRole role in CurveRoles.Values)
        {
            if (choice[role] is ChosenColumn column)
                values[role] = CurveValues.Of(table, axis, rows, role, column, notes);
        }
        if (CurveRoles.Curves.Count(r => values.TryGetValue(r, out double?[]? v) && Array.Exists(v, x => x is not null)) < 2)
            throw TooFew(table, choice);
        IReadOnlyList<EpochPoint> points = EpochFolding.Fold(axis, rows, values, notes);
        points = CurveScale.Apply(FromOne(points, axis, notes), choice, notes);
        Gaps(points, axis, notes);
        if (points.Count == 1)
            notes.Add($"The log holds one {(axis.IsSteps ? "step" : "epoch")} alone.");
        return new TrainingLog { Source = table.Path, Epochs = points, Notes = notes };
    }

    // Keras and Lightning count epochs from 0. An evaluation before the training keeps its 0.
    private static IReadOnlyList<EpochPoint> FromOne(IReadOnlyList<EpochPoint> points, LogAxis axis, List<string> notes)
    {
        EpochPoint first = points[0];
        bool trains = !double.IsNaN(first.TrainLoss) || !double.IsNaN(first.TrainAccuracy) || points.All(p => double.IsNaN(p.TrainLoss) && double.IsNaN(p.TrainAccuracy));
        bool isOneByOne = points.Count > 1 && Enumerable.Range(0, points.Count).All(i => points[i].Epoch == i);
        if (first.Epoch != 0 || !trains || !(axis.IsWhole || isOneByOne))
            return points;
        notes.Add($"{(axis.IsSteps ? "Steps rise by one" : "Epochs count")} from 0 in the log, from 1 here.");
        return [.. points.Select(p => p with { Epoch = p.Epoch + 1 })];
    }

    private static void Gaps(IReadOnlyList<EpochPoint> points, LogAxis axis, List<string> notes)
    {
        double missing = points[^1].Epoch - points[0].Epoch + 1 - points.Count;
        // Every fifth epoch alone is a habit, no gap.
        if (axis.IsWhole && missing > 0 && missing < points.Count)
            notes.Add($"{missing} epoch{(missing == 1 ? " is" : "s are")} missing between {RowOrder.Text(points[0].Epoch)} and {RowOrder.Text(points[^1].Epoch)}.");
    }

    private static BadInputException TooFew(LogTable table, ChosenColumns choice)
    {
        CurveRole[] found = [.. CurveRoles.Curves.Where(r => choice[r] is not null)];
        string has = found.Length == 0 ? "no curve was found" : $"only {string.Join(" and ", found.Select(r => r.Words()))} {(found.Length == 1 ? "was" : "were")} found with values";
        return new BadInputException("log-few-curves",
            $"Read as {table.Kind}, {has}; a diagnosis needs two of training and validation loss and accuracy. There are {LogReader.Listed(table.Known)}.", table.Path,
            fix: "Say which columns they are: --map epoch=COLUMN,train_loss=COLUMN,val_loss=COLUMN,train_accuracy=COLUMN,val_accuracy=COLUMN.");
    }
}
