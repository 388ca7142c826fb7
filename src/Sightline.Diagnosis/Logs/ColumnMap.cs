namespace Sightline.Diagnosis;

/// <summary>
/// Which columns of a log mean what, where their names don't say it (<c>--map epoch=…,train_loss=…</c>). What is not given is found by its
/// usual names. Losses in parts are added up: <c>train_loss=box+class</c>. Columns without a header are named by their number, from 1.
/// </summary>
public sealed record ColumnMap
{
    private static readonly CurveRole[] Roles = Enum.GetValues<CurveRole>();

    /// <summary>The column of the epoch.</summary>
    public string? Epoch { get; init; }

    /// <summary>The column of the step, where there is no epoch.</summary>
    public string? Step { get; init; }

    /// <summary>The column of the training loss.</summary>
    public string? TrainLoss { get; init; }

    /// <summary>The column of the validation loss.</summary>
    public string? ValLoss { get; init; }

    /// <summary>The column of the training accuracy, in fractions or percent.</summary>
    public string? TrainAccuracy { get; init; }

    /// <summary>The column of the validation accuracy, in fractions or percent.</summary>
    public string? ValAccuracy { get; init; }

    /// <summary>The column of the learning rate.</summary>
    public string? LearningRate { get; init; }

    /// <summary>The keys that <see cref="Parse"/> knows.</summary>
    public static IReadOnlyList<string> Keys { get; } = [.. Roles.Select(r => r.Key())];

    /// <summary>Reads a mapping as it is typed: <c>KEY=COLUMN</c>, separated by commas.</summary>
    /// <param name="text">E.g. <c>epoch=Epoch,train_loss=loss,val_loss=test_loss</c>.</param>
    /// <returns>The mapping.</returns>
    /// <exception cref="BadInputException">A part is no pair, its key is unknown or stands twice (<c>log-map</c>).</exception>
    public static ColumnMap Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var map = new ColumnMap();
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? part : part[..equals].TrimEnd();
            string column = equals < 0 ? "" : part[(equals + 1)..].TrimStart();
            int role = Array.FindIndex(Roles, r => r.Key() == key);
            if (role < 0)
            {
                string fix = NearestName.Find(key, Keys) is string nearest ? $"Did you mean {nearest}?" : $"The keys are {string.Join(", ", Keys)}.";
                throw new BadInputException("log-map", $"--map doesn't know the key '{key}'.", fix: fix);
            }
            if (column.Length == 0)
                throw new BadInputException("log-map", $"--map gives no column for {key}.", fix: $"Write {key}=COLUMN.");
            if (map.For(Roles[role]) is string before)
                throw new BadInputException("log-map", $"--map gives {key} twice: '{before}' and '{column}'.", fix: "Keep one; parts of a loss are joined by a plus sign.");
            map = map.With(Roles[role], column);
        }
        return map == new ColumnMap()
            ? throw new BadInputException("log-map", "--map is empty.", fix: "Write e.g. --map epoch=COLUMN,train_loss=COLUMN,val_loss=COLUMN.")
            : map;
    }

    internal string? For(CurveRole role) => role switch
    {
        CurveRole.Epoch => Epoch,
        CurveRole.Step => Step,
        CurveRole.LearningRate => LearningRate,
        CurveRole.TrainLoss => TrainLoss,
        CurveRole.TrainAccuracy => TrainAccuracy,
        CurveRole.ValLoss => ValLoss,
        _ => ValAccuracy,
    };

    private ColumnMap With(CurveRole role, string column) => role switch
    {
        CurveRole.Epoch => this with { Epoch = column },
        CurveRole.Step => this with { Step = column },
        CurveRole.LearningRate => this with { LearningRate = column },
        CurveRole.TrainLoss => this with { TrainLoss = column },
        CurveRole.TrainAccuracy => this with { TrainAccuracy = column },
        CurveRole.ValLoss => this with { ValLoss = column },
        _ => this with { ValAccuracy = column },
    };
}
