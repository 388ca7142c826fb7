using System.Text.Json;

namespace Sightline.Diagnosis;

/// <summary>
/// The rows that a JSON document holds: a list of objects, wherever it stands in the document, or an object of lists. Objects inside a row become
/// columns with a slash (<c>val/loss</c>).
/// </summary>
internal sealed class JsonRows
{
    private readonly Dictionary<string, int> index = [];
    private readonly List<string> columns = [];
    private readonly Dictionary<int, (int Line, string Text)> texts = [];
    private int line = 1;
    private int lineAt;

    /// <summary>The columns, in the order in which they came.</summary>
    internal IReadOnlyList<string> Columns => columns;

    /// <summary>Cells that hold a text.</summary>
    internal IReadOnlyDictionary<int, (int Line, string Text)> Texts => texts;

    /// <summary>The objects of the longest list, else the outermost object alone.</summary>
    internal List<LogRow> Rows { get; private set; } = [];

    /// <summary>The lists of numbers of the outermost object, by their column.</summary>
    internal Dictionary<int, List<double?>> Lists { get; } = [];

    /// <summary>Whether the rows stood in a list.</summary>
    internal bool IsList { get; private set; }

    /// <summary>Whether the document is a trainer's state of Hugging Face.</summary>
    internal bool HasLogHistory { get; private set; }

    /// <summary>Reads a document.</summary>
    /// <returns>Whether it was whole; of one that is cut all whole rows are there.</returns>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">It has too many columns.</exception>
    internal bool Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip }));
        if (!reader.Read())
            return false;
        if (reader.TokenType == JsonTokenType.StartArray)
            return List(ref reader, utf8, null);
        if (reader.TokenType != JsonTokenType.StartObject)
            return true;
        var cells = new List<double?>();
        bool isWhole = Object(ref reader, utf8, "", cells, isOutermost: true);
        if (!IsList && isWhole)
            Rows.Add(new LogRow(1, [.. cells]));
        return isWhole;
    }

    /// <summary>Reads one object as a row.</summary>
    /// <exception cref="JsonException">It is no whole object.</exception>
    internal void ReadRow(ReadOnlySpan<byte> utf8, int at)
    {
        (line, lineAt) = (at, 0);
        var reader = new Utf8JsonReader(utf8, isFinalBlock: true, default);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The line holds no object.");
        var cells = new List<double?>();
        Object(ref reader, utf8, "", cells, isOutermost: false);
        if (reader.Read())
            throw new JsonException("Something stands behind the object.");
        Rows.Add(new LogRow(at, [.. cells]));
        IsList = true;
    }

    private bool Object(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, string prefix, List<double?> cells, bool isOutermost)
    {
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
                return true;
            string name = prefix + reader.GetString();
            if (!reader.Read() || !Value(ref reader, utf8, name, cells, isOutermost))
                return false;
        }
        return false;
    }

    private bool Value(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, string name, List<double?> cells, bool isOutermost)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Object(ref reader, utf8, name + "/", cells, isOutermost);
            case JsonTokenType.StartArray:
                return isOutermost ? List(ref reader, utf8, name) : reader.TrySkip();
            default:
                int column = Column(name);
                while (cells.Count <= column)
                    cells.Add(null);
                cells[column] = Number(ref reader, utf8, column);
                return true;
        }
    }

    // A list of objects holds rows, one of numbers a column.
    private bool List(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, string? name)
    {
        var rows = new List<LogRow>();
        List<double?>? values = null;
        bool isWhole = false;
        while (reader.Read() && !(isWhole = reader.TokenType == JsonTokenType.EndArray))
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                int at = Line(utf8, (int)reader.TokenStartIndex);
                var cells = new List<double?>();
                if (!Object(ref reader, utf8, "", cells, isOutermost: false))
                    break;
                rows.Add(new LogRow(at, [.. cells]));
            }
            else if (reader.TokenType == JsonTokenType.StartArray)
            {
                if (!reader.TrySkip())
                    break;
            }
            else if (name is not null)
            {
                (values ??= []).Add(Number(ref reader, utf8, Column(name)));
            }
        }
        if (values is not null)
            Lists[Column(name!)] = values;
        bool isHistory = name == "log_history";
        if (isHistory || (!HasLogHistory && rows.Count > 0 && rows.Count >= Rows.Count))
            (Rows, IsList, HasLogHistory) = (rows, true, HasLogHistory || isHistory);
        return isWhole;
    }

    private double? Number(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, int column)
    {
        if (reader.TokenType is JsonTokenType.Null or JsonTokenType.True or JsonTokenType.False)
            return null;
        if (reader.TokenType == JsonTokenType.Number)
            return reader.TryGetDouble(out double number) ? number : null;
        string text = reader.GetString()!;
        if (!NumberText.TryRead(text, out double? value) && !texts.ContainsKey(column))
            texts[column] = (Line(utf8, (int)reader.TokenStartIndex), text);
        return value;
    }

    private int Column(string name)
    {
        if (!index.TryGetValue(name, out int column))
        {
            if (columns.Count == LogTable.MostColumns)
                throw new InvalidDataException($"The rows have more than {LogTable.MostColumns} columns between them.");
            index[name] = column = columns.Count;
            columns.Add(name);
        }
        return column;
    }

    private int Line(ReadOnlySpan<byte> utf8, int at)
    {
        if (at > lineAt)
        {
            line += utf8[lineAt..at].Count((byte)'\n');
            lineAt = at;
        }
        return line;
    }
}
