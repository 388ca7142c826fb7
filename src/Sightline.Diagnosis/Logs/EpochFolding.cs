namespace Sightline.Diagnosis;

/// <summary>
/// Makes one point of all rows of an epoch; where places are fractions of epochs or steps, of all rows from one evaluation to the next. Training
/// values are averaged, of the others the last is taken.
/// </summary>
internal sealed class EpochFolding
{
    private readonly LogAxis axis;
    private readonly IReadOnlyList<int> rows;
    private readonly Dictionary<CurveRole, double?[]> values;
    private readonly List<string> notes;
    private bool replaces;

    private EpochFolding(LogAxis axis, IReadOnlyList<int> rows, Dictionary<CurveRole, double?[]> values, List<string> notes) =>
        (this.axis, this.rows, this.values, this.notes) = (axis, rows, values, notes);

    /// <summary>The points, places as the log has them.</summary>
    internal static IReadOnlyList<EpochPoint> Fold(LogAxis axis, IReadOnlyList<int> rows, Dictionary<CurveRole, double?[]> values, List<string> notes) =>
        new EpochFolding(axis, rows, values, notes).Fold();

    private IReadOnlyList<EpochPoint> Fold()
    {
        RemoveDoubles();
        double[] ends = Ends();
        CountRepeats(ends);
        var points = new List<EpochPoint>();
        for (int from = 0; from < ends.Length;)
        {
            int to = from + 1;
            while (to < ends.Length && ends[to] == ends[from])
                to++;
            // What follows the last evaluation ends where it ends.
            double place = double.IsPositiveInfinity(ends[from]) ? Place(to - 1) : ends[from];
            points.Add(new EpochPoint(place, Last(CurveRole.LearningRate, from, to), Mean(CurveRole.TrainLoss, from, to), Mean(CurveRole.TrainAccuracy, from, to),
                Last(CurveRole.ValLoss, from, to), Last(CurveRole.ValAccuracy, from, to)));
            from = to;
        }
        return points;
    }

    private double Place(int i) => axis.Places[rows[i]]!.Value;

    // A value that stands again for the same place and step replaces the one before.
    private void RemoveDoubles()
    {
        int doubles = 0;
        double first = 0;
        foreach (double?[] column in values.Values)
        {
            int before = -1;
            for (int i = 0; i < column.Length; i++)
            {
                if (column[i] is null)
                    continue;
                bool same = before >= 0 && Place(i) == Place(before) && axis.Steps[rows[i]] == axis.Steps[rows[before]] && (!axis.IsWhole || axis.Steps[rows[i]] is not null);
                if (same)
                {
                    column[before] = null;
                    if (doubles++ == 0)
                        first = axis.Steps[rows[i]] ?? Place(i);
                }
                before = i;
            }
        }
        if (doubles > 0)
            notes.Add($"The log gives {doubles} value{(doubles == 1 ? "" : "s")} twice (first at {RowOrder.Text(first)}); the later one is taken.");
    }

    // For each row the place of the point that it belongs to.
    private double[] Ends()
    {
        double[] ends = [.. rows.Select((_, i) => Place(i))];
        if (axis.IsWhole)
            return ends;
        var evaluations = new HashSet<double>();
        for (int i = 0; i < ends.Length; i++)
        {
            if (Has(CurveRole.ValLoss, i) || Has(CurveRole.ValAccuracy, i))
                evaluations.Add(ends[i]);
        }
        if (evaluations.Count > 1)
        {
            double next = double.PositiveInfinity;
            for (int i = ends.Length - 1; i >= 0; i--)
            {
                next = evaluations.Contains(ends[i]) ? ends[i] : next;
                ends[i] = next;
            }
        }
        else if (!axis.IsSteps && ends.Length > 0 && Math.Ceiling(ends[^1]) - Math.Ceiling(ends[0]) >= 1)
        {
            for (int i = 0; i < ends.Length; i++)
                ends[i] = Math.Max(1, Math.Ceiling(ends[i]));
        }
        return ends;
    }

    private bool Has(CurveRole role, int i) => values.TryGetValue(role, out double?[]? column) && column[i] is not null;

    // Many rows to an epoch are its steps; a few doubled epochs among single ones are epochs that were trained again.
    private void CountRepeats(double[] ends)
    {
        int epochs = 0, repeated = 0, most = 0;
        double first = 0;
        for (int from = 0; from < ends.Length; epochs++)
        {
            int to = from, train = 0, trainAccuracy = 0;
            for (; to < ends.Length && ends[to] == ends[from]; to++)
            {
                train += Has(CurveRole.TrainLoss, to) ? 1 : 0;
                trainAccuracy += Has(CurveRole.TrainAccuracy, to) ? 1 : 0;
            }
            train = Math.Max(train, trainAccuracy);
            most = Math.Max(most, train);
            if (train > 1 && repeated++ == 0)
                first = ends[from];
            from = to;
        }
        replaces = axis.IsWhole && 2 * repeated < epochs;
        if (repeated > 0)
        {
            notes.Add(replaces
                ? $"{(repeated == 1 ? $"Epoch {RowOrder.Text(first)} has" : $"{repeated} epochs have")} several rows; the last is taken."
                : $"Up to {most} rows {(axis.IsWhole ? "of an epoch" : "from one evaluation to the next")} make one point: training values are averaged, of the others the last is taken.");
        }
    }

    private double Mean(CurveRole role, int from, int to)
    {
        if (replaces)
            return Last(role, from, to);
        if (!values.TryGetValue(role, out double?[]? column))
            return double.NaN;
        double sum = 0;
        int count = 0;
        for (int i = from; i < to; i++)
        {
            sum += column[i] ?? 0;
            count += column[i] is null ? 0 : 1;
        }
        return count == 1 || count == 0 ? Last(role, from, to) : sum / count;
    }

    private double Last(CurveRole role, int from, int to)
    {
        if (!values.TryGetValue(role, out double?[]? column))
            return double.NaN;
        for (int i = to - 1; i >= from; i--)
        {
            if (column[i] is double value)
                return value;
        }
        return double.NaN;
    }
}
