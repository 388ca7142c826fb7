namespace Sightline.Diagnosis;

/// <summary>
/// Gathers the scalars of event files by their tags. Values are kept only of tags that may be asked for, so that a file of many tags needs no
/// more than their names.
/// </summary>
internal sealed class EventCurves(ColumnMap? map)
{
    private const string StepColumn = "step", EpochColumn = "epoch";

    private readonly Dictionary<string, Curve> curves = [];
    private readonly List<string> tags = [];
    private readonly HashSet<string> mapped = new(Enum.GetValues<CurveRole>().Select(r => map?.For(r)).OfType<string>().SelectMany(c => c.Split('+', StringSplitOptions.TrimEntries).Append(c)), StringComparer.OrdinalIgnoreCase);
    private List<Curve> folder = [];
    private int doubles, turns;
    private long turnedFrom, turnedTo;

    /// <summary>All tags, in the order in which they came.</summary>
    internal IReadOnlyList<string> Tags => tags;

    /// <summary>Begins with the files of another folder, whose steps count anew.</summary>
    internal void BeginFolder() => folder = [];

    /// <summary>Adds a scalar. Where its tag's steps go back, the training was resumed or begun anew: what stood from there on is removed.</summary>
    internal void Add(string tag, long step, float value)
    {
        if (!curves.TryGetValue(tag, out Curve? curve))
        {
            bool isWanted = mapped.Contains(tag) || ColumnName.Of(tag).Kind is not (ColumnKind.Other or ColumnKind.Step);
            curves[tag] = curve = new Curve(tag, isWanted);
            tags.Add(tag);
            if (isWanted)
                folder.Add(curve);
        }
        if (!curve.IsWanted)
            return;
        if (curve.Steps.Count > 0 && step < curve.Steps[^1])
        {
            (turnedFrom, turnedTo) = turns++ == 0 ? (curve.Steps[^1], step) : (turnedFrom, turnedTo);
            foreach (Curve other in folder)
                other.CutFrom(step);
        }
        else if (curve.Steps.Count > 0 && step == curve.Steps[^1])
        {
            doubles++;
            curve.CutFrom(step);
        }
        curve.Steps.Add(step);
        curve.Values.Add(value);
    }

    /// <summary>Says what was odd.</summary>
    internal void Note(List<string> notes)
    {
        if (turns > 0)
            notes.Add($"Steps go back from {turnedFrom} to {turnedTo}{(turns > 1 ? $", and {turns - 1} more times" : "")}, as in a run that was resumed or begun anew: later values replace earlier ones.");
        if (doubles > 0)
            notes.Add($"{doubles} value{(doubles == 1 ? " stands" : "s stand")} twice for one step; the later one is taken.");
    }

    /// <summary>The curves that a diagnosis reads, as a table with a row for each step, and what its columns mean.</summary>
    internal (LogTable Table, ColumnMap Map) ToTable(string path, string kind, ColumnMap? map)
    {
        int[] counts = [.. tags.Select(t => curves[t].Steps.Count)];
        ChosenColumns choice = ChosenColumns.Of(tags, counts, map is null ? null : map with { Step = null }, path);
        int[] columns = [.. Enum.GetValues<CurveRole>().Where(r => choice[r] is not null).SelectMany(r => choice[r]!.Columns).Distinct()];
        Curve[] chosen = [.. columns.Select(c => curves[tags[c]])];
        long[] steps = [.. chosen.SelectMany(c => c.Steps).Distinct().Order()];
        var cells = new double?[steps.Length][];
        for (int row = 0; row < steps.Length; row++)
        {
            cells[row] = new double?[chosen.Length + 1];
            cells[row][0] = steps[row];
        }
        for (int column = 0; column < chosen.Length; column++)
        {
            for (int i = 0, row = 0; i < chosen[column].Steps.Count; i++)
            {
                while (steps[row] < chosen[column].Steps[i])
                    row++;
                cells[row][column + 1] = chosen[column].Values[i];
            }
        }
        // Keras counts epochs where others count steps, and says so in its tags (epoch_loss).
        bool isByEpoch = choice[CurveRole.Epoch] is null && CurveRoles.Curves.All(r => choice[r] is null || ColumnName.Of(tags[choice[r]!.Columns[0]]).Span == ColumnSpan.Epoch);
        string place = isByEpoch ? EpochColumn : StepColumn;
        string? Name(CurveRole role) => choice[role] is ChosenColumn c ? string.Join('+', c.Columns.Select(i => tags[i])) : null;
        var table = new LogTable
        {
            Path = path,
            Kind = kind,
            Columns = [place, .. chosen.Select(c => c.Tag)],
            Rows = [.. cells.Select((c, i) => new LogRow(i + 1, c))],
            Known = tags,
            HasLines = false,
        };
        return (table, new ColumnMap
        {
            Epoch = isByEpoch ? EpochColumn : Name(CurveRole.Epoch),
            Step = isByEpoch ? null : StepColumn,
            LearningRate = Name(CurveRole.LearningRate),
            TrainLoss = Name(CurveRole.TrainLoss),
            TrainAccuracy = Name(CurveRole.TrainAccuracy),
            ValLoss = Name(CurveRole.ValLoss),
            ValAccuracy = Name(CurveRole.ValAccuracy),
        });
    }

    private sealed record Curve(string Tag, bool IsWanted)
    {
        public List<long> Steps { get; } = [];

        public List<float> Values { get; } = [];

        // Each value is added and removed once at most.
        public void CutFrom(long step)
        {
            int count = Steps.Count;
            while (count > 0 && Steps[count - 1] >= step)
                count--;
            Steps.RemoveRange(count, Steps.Count - count);
            Values.RemoveRange(count, Values.Count - count);
        }
    }
}
