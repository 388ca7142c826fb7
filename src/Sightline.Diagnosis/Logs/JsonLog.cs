using System.Text.Json;

namespace Sightline.Diagnosis;

/// <summary>
/// Reads JSON: a list of objects, an object of lists (Keras' history), JSON lines, the <c>log_history</c> in a trainer_state.json of Hugging Face.
/// </summary>
internal static class JsonLog
{
    /// <exception cref="BadInputException">It is no JSON (<c>log-json</c>), or holds no rows.</exception>
    internal static LogTable Read(string path, string text, List<string> notes)
    {
        text = text.TrimEnd('\0');
        LogTable table;
        try
        {
            table = Lines(path, text, notes) ?? Document(path, text, notes);
        }
        catch (InvalidDataException exception)
        {
            throw new BadInputException("log-json", exception.Message, path, inner: exception);
        }
        if (table.Rows.Count == 0 || table.Columns.Count == 0)
            throw new BadInputException("log-empty", $"Read as {table.Kind}, it holds no rows.", path, fix: "Wait for the first epoch, or give another log.");
        return table;
    }

    // JSON lines, if the first line is a whole object and is not all.
    private static LogTable? Lines(string path, string text, List<string> notes)
    {
        var rows = new JsonRows();
        int bad = 0, firstBad = 0;
        ReadOnlySpan<char> rest = text;
        for (int number = 1; !rest.IsEmpty; number++)
        {
            int end = rest.IndexOf('\n');
            ReadOnlySpan<char> content = (end < 0 ? rest : rest[..end]).Trim();
            rest = end < 0 ? default : rest[(end + 1)..];
            if (content.IsEmpty)
                continue;
            try
            {
                if (rows.Rows.Count == 0 && (content[0] != '{' || (content[^1] != '}' && end >= 0)))
                    return null;
                rows.ReadRow(JsonTokens.Quoted(content.ToString()), number);
                if (rows.Rows.Count == 1 && rest.IsWhiteSpace())
                    return null;
            }
            catch (JsonException)
            {
                if (rows.Rows.Count == 0)
                    return null;
                if (end < 0)
                {
                    notes.Add($"The last line ({number}) is not a whole object, as in a log that is being written; it is left out.");
                    break;
                }
                firstBad = bad++ == 0 ? number : firstBad;
            }
        }
        if (bad > rows.Rows.Count)
            throw new BadInputException("log-json", "Most lines are no JSON object.", path, firstBad, fix: "JSON lines hold one object a line.");
        if (bad > 0)
            notes.Add($"{bad} line{(bad == 1 ? " is" : "s are")} no JSON object (first line {firstBad}) and left out.");
        return new LogTable { Path = path, Kind = "JSON lines", Columns = rows.Columns, Rows = rows.Rows, Texts = rows.Texts };
    }

    private static LogTable Document(string path, string text, List<string> notes)
    {
        var rows = new JsonRows();
        bool isWhole;
        try
        {
            isWhole = rows.Read(JsonTokens.Quoted(text));
        }
        catch (JsonException exception)
        {
            throw new BadInputException("log-json", $"The file begins as JSON, but here it is none: {exception.Message.Split(" LineNumber")[0]}", path, (int)(exception.LineNumber ?? 0) + 1,
                fix: "Correct it, or write one object a line (JSON lines).", inner: exception);
        }
        bool isLists = !rows.IsList && rows.Lists.Count > 0;
        if (!isWhole)
        {
            if (isLists || rows.Rows.Count == 0)
                throw new BadInputException("log-json", "The file ends in the middle of the document, before the first whole row.", path, fix: "Wait until it is written, or copy it anew.");
            notes.Add($"The file ends in the middle of the document, as while it is being written; its {rows.Rows.Count} whole rows are read.");
        }
        if (isLists)
            return OfLists(path, rows, notes);
        return rows.HasLogHistory
            ? History(path, rows)
            : new LogTable { Path = path, Kind = rows.IsList ? "a JSON list of objects" : "a JSON object", Columns = rows.Columns, Rows = rows.Rows, Texts = rows.Texts };
    }

    // The last entry sums the training up: its train_loss is a mean over all of it.
    private static LogTable History(string path, JsonRows rows)
    {
        int summary = rows.Columns.ToList().IndexOf("train_runtime");
        return new LogTable
        {
            Path = path,
            Kind = "a trainer_state.json of Hugging Face",
            Columns = rows.Columns,
            Rows = summary < 0 ? rows.Rows : [.. rows.Rows.Where(r => r[summary] is null)],
            Texts = rows.Texts,
        };
    }

    private static LogTable OfLists(string path, JsonRows rows, List<string> notes)
    {
        int length = rows.Lists.Values.Max(l => l.Count);
        List<string> columns = [.. rows.Columns];
        var cells = new double?[length][];
        bool counts = !columns.Exists(c => ColumnName.Of(c).Kind is ColumnKind.Epoch or ColumnKind.Step);
        if (counts)
        {
            columns.Add("epoch");
            notes.Add("The lists have no epochs: their values are counted, the first being epoch 1.");
        }
        for (int i = 0; i < length; i++)
        {
            cells[i] = new double?[columns.Count];
            foreach ((int column, List<double?> values) in rows.Lists)
                cells[i][column] = i < values.Count ? values[i] : null;
            if (counts)
                cells[i][^1] = i + 1;
        }
        return new LogTable
        {
            Path = path,
            Kind = "a JSON object of lists",
            Columns = columns,
            Rows = [.. cells.Select((c, i) => new LogRow(i + 1, c))],
            Texts = rows.Texts,
            HasLines = false,
        };
    }
}
