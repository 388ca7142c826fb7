namespace Sightline.Diagnosis;

/// <summary>The columns of one role.</summary>
/// <param name="Columns">One, or the parts that are added up.</param>
/// <param name="IsErrorRate">Whether it holds error rates in place of accuracies.</param>
internal sealed record ChosenColumn(IReadOnlyList<int> Columns, bool IsErrorRate = false);

/// <summary>Decides which columns of a log mean what: by the mapping, else by their names.</summary>
internal sealed class ChosenColumns
{
    private readonly IReadOnlyList<string> columns;
    private readonly IReadOnlyList<int> counts;
    private readonly ColumnName[] names;
    private readonly Dictionary<CurveRole, ChosenColumn> chosen = [];

    private ChosenColumns(IReadOnlyList<string> columns, IReadOnlyList<int> counts)
    {
        (this.columns, this.counts) = (columns, counts);
        names = [.. columns.Select(ColumnName.Of)];
    }

    /// <summary>The columns of a role, if there are any.</summary>
    internal ChosenColumn? this[CurveRole role] => chosen.GetValueOrDefault(role);

    /// <summary>Chooses.</summary>
    /// <param name="columns">The names.</param>
    /// <param name="counts">How many values each has; columns without any are no choice.</param>
    /// <param name="map">The mapping, if one was given.</param>
    /// <param name="path">The file, for errors.</param>
    /// <exception cref="BadInputException">The mapping names a column that isn't there (<c>log-map-column</c>).</exception>
    internal static ChosenColumns Of(IReadOnlyList<string> columns, IReadOnlyList<int> counts, ColumnMap? map, string path)
    {
        var choice = new ChosenColumns(columns, counts);
        foreach (CurveRole role in Enum.GetValues<CurveRole>())
        {
            if (map?.For(role) is string text)
                choice.chosen[role] = choice.Mapped(role, text, path);
        }
        choice.ByName();
        return choice;
    }

    /// <summary>What was chosen, in words: <c>epoch from 'Epoch', training loss from 'a' + 'b'</c>.</summary>
    internal string Words() => string.Join(", ", Enum.GetValues<CurveRole>().Where(chosen.ContainsKey).Select(r =>
        $"{r.Words()} from {(chosen[r].IsErrorRate ? "1 − " : "")}{string.Join(" + ", chosen[r].Columns.Select(c => $"'{columns[c].Trim()}'"))}"));

    private ChosenColumn Mapped(CurveRole role, string text, string path)
    {
        string[] parts = IndexOf(text) >= 0 ? [text] : text.Split('+', StringSplitOptions.TrimEntries);
        var found = new List<int>();
        foreach (string part in parts)
        {
            int column = IndexOf(part);
            if (column < 0)
            {
                string known = columns.Count <= 30 ? string.Join(", ", columns) : $"{string.Join(", ", columns.Take(30))} and {columns.Count - 30} more";
                string fix = NearestName.Find(part, columns) is string nearest ? $"Did you mean {nearest}?" : $"There are {known}.";
                throw new BadInputException("log-map-column", $"--map takes {role.Key()} from '{part}', but there is no such column.", path, fix: fix);
            }
            found.Add(column);
        }
        return new ChosenColumn(found, role.IsAccuracy() && names[found[0]].Kind == ColumnKind.ErrorRate);
    }

    private int IndexOf(string column)
    {
        int near = -1;
        for (int i = 0; i < columns.Count; i++)
        {
            if (columns[i] == column)
                return i;
            if (near < 0 && columns[i].Equals(column, StringComparison.OrdinalIgnoreCase))
                near = i;
        }
        return near;
    }

    private void ByName()
    {
        var taken = chosen.Values.SelectMany(c => c.Columns).ToHashSet();
        int[] free = [.. Enumerable.Range(0, columns.Count).Where(i => !taken.Contains(i) && counts[i] > 0)];
        // A mapped step without a mapped epoch is the place that was asked for.
        if (!chosen.ContainsKey(CurveRole.Step))
            Take(CurveRole.Epoch, Axis(free, ColumnKind.Epoch) ?? IndexColumn(free));
        Take(CurveRole.Step, Axis(free, ColumnKind.Step));
        Take(CurveRole.LearningRate, free.Where(i => names[i].Kind == ColumnKind.LearningRate).Select(i => new ChosenColumn([i])).FirstOrDefault());
        foreach (bool isLoss in (bool[])[true, false])
        {
            (CurveRole train, CurveRole val) = isLoss ? (CurveRole.TrainLoss, CurveRole.ValLoss) : (CurveRole.TrainAccuracy, CurveRole.ValAccuracy);
            int[] of = [.. free.Where(i => isLoss ? names[i].Kind == ColumnKind.Loss : names[i].Kind is ColumnKind.Accuracy or ColumnKind.ErrorRate)];
            ChosenColumn? trained = Best(of, isLoss, n => n == ColumnImages.Train), validated = Best(of, isLoss, n => n >= ColumnImages.Validation);
            ChosenColumn? unsaid = Best(of, isLoss, n => n == ColumnImages.Unsaid);
            bool isOfSteps = unsaid is not null && names[unsaid.Columns[0]].Span == ColumnSpan.Step;
            // 'accuracy' beside 'train_loss' and 'val_loss' is the validation's (fastai); beside 'loss' and 'val_accuracy' the training's (Keras).
            bool isTraining = trained is null && (validated is not null || chosen.ContainsKey(val) || !free.Any(i => names[i].Images == ColumnImages.Train && IsMetric(names[i].Kind)));
            Take(train, trained ?? (isTraining ? unsaid : null));
            Take(val, validated ?? (isTraining || isOfSteps ? null : unsaid));
        }
    }

    private static bool IsMetric(ColumnKind kind) => kind is ColumnKind.Loss or ColumnKind.Accuracy or ColumnKind.ErrorRate;

    private void Take(CurveRole role, ChosenColumn? column)
    {
        if (column is not null)
            chosen.TryAdd(role, column);
    }

    private ChosenColumn? Axis(int[] free, ColumnKind kind) => free.Where(i => names[i].Kind == kind)
        .OrderBy(i => columns[i].Contains("batch", StringComparison.OrdinalIgnoreCase)).ThenBy(i => columns[i].Length).ThenByDescending(i => counts[i]).Select(i => new ChosenColumn([i])).FirstOrDefault();

    // A table of pandas numbers its rows in a first column without a name.
    private ChosenColumn? IndexColumn(int[] free) =>
        free.Length > 0 && free[0] == 0 && columns.Count > 1 && columns[0] is "" or "index" or "Unnamed: 0" && Axis(free, ColumnKind.Step) is null ? new ChosenColumn([0]) : null;

    private ChosenColumn? Best(int[] of, bool isLoss, Func<ColumnImages, bool> images)
    {
        int[] candidates = [.. of.Where(i => images(names[i].Images)).OrderBy(Rank).ThenByDescending(i => counts[i])];
        int[] whole = [.. candidates.Where(i => !names[i].IsPart)];
        if (whole.Length > 0)
            return new ChosenColumn([whole[0]], names[whole[0]].Kind == ColumnKind.ErrorRate);
        // Parts add up where they are of one kind; whose loss an unsaid part is can't be told, nor which of several accuracies is meant.
        int[] parts = [.. candidates.Where(i => Rank(i) / 10 == Rank(candidates[0]) / 10)];
        return parts.Length == 0 || (parts.Length > 1 && !isLoss) || names[parts[0]].Images == ColumnImages.Unsaid ? null
            : new ChosenColumn([.. parts.Order()], names[parts[0]].Kind == ColumnKind.ErrorRate);
    }

    // Means over an epoch before single steps, unless the log holds one epoch alone; accuracies before error rates; of equal ones the fuller.
    private int Rank(int column)
    {
        ColumnName name = names[column];
        int span = name.Span switch
        {
            ColumnSpan.Epoch => counts[column] > 1 ? 0 : 3,
            ColumnSpan.Unsaid => 1,
            _ => 2,
        };
        return (((int)name.Images * 4) + span) * 10 + (name.Kind == ColumnKind.ErrorRate ? 1 : 0);
    }
}
