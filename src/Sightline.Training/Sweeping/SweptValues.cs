using System.Globalization;
using Sightline.Training.Recipes;

namespace Sightline.Training.Sweeping;

/// <summary>A key and the values that it shall take: <c>KEY=a..b:log</c>, <c>KEY=a..b:linear:5</c> or <c>KEY=v1,v2,v3</c>.</summary>
/// <param name="Key">The key.</param>
public abstract record SweptValues(SweptKey Key)
{
    /// <summary>Reads what was typed behind <c>--over</c>.</summary>
    /// <param name="text">Key, equals sign, values.</param>
    /// <returns>The key with its values.</returns>
    /// <exception cref="BadInputException">It cannot be read (<c>sweep-spec</c>), or there is no such key (<c>sweep-key</c>).</exception>
    public static SweptValues Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
            throw Error(text, "expected KEY=VALUES", "For example --over lr=1e-3..1e0:log or --over optimiser.name=sgd,adamw");
        var key = SweptKey.Find(text[..equals].Trim());
        string values = text[(equals + 1)..];
        return key.Holds != SweptKind.Other && values.Contains("..", StringComparison.Ordinal) ? Range(text, key, values) : List(text, key, values);
    }

    /// <summary>The values that a grid takes, in order, as YAML; at least one, each once.</summary>
    public abstract IReadOnlyList<string> Points { get; }

    /// <summary>How many values there are to draw from; null for a continuous range.</summary>
    public abstract long? Count { get; }

    /// <summary>A value by chance.</summary>
    /// <param name="share">Uniform in [0, 1).</param>
    /// <returns>The value, as YAML.</returns>
    public abstract string At(double share);

    /// <summary>As it is typed; <see cref="Parse"/> reads it back to an equal one.</summary>
    /// <returns>The key with its values.</returns>
    public sealed override string ToString() => $"{Key.Path}={Text}";

    /// <summary>What stands behind the equals sign.</summary>
    protected abstract string Text { get; }

    private static ListedValues List(string text, SweptKey key, string values)
    {
        string[] items = [.. Split(values).Select(v => v.Trim())];
        if (items.Any(v => v.Length == 0))
            throw Error(text, items.Length == 1 ? "there is no value" : "a value is empty", "Values are separated by commas: --over wd=0,1e-4,5e-4");
        if (items.GroupBy(v => v).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw Error(text, $"'{twice.Key}' stands there twice", "Name each value once.");
        return new ListedValues(key, ValueList.Create<string>(items));
    }

    // At commas outside brackets and quotes: a value may itself be a list, [1, 2], or keys, {a: 1, b: 2}.
    private static List<string> Split(string values)
    {
        var items = new List<string>();
        int depth = 0, begin = 0;
        char quote = '\0';
        for (int i = 0; i < values.Length; i++)
        {
            char c = values[i];
            if (quote != '\0')
                quote = c == quote ? '\0' : quote;
            else if (c is '"' or '\'')
                quote = c;
            else if (c is '[' or '{')
                depth++;
            else if (c is ']' or '}')
                depth--;
            else if (c == ',' && depth == 0)
            {
                items.Add(values[begin..i]);
                begin = i + 1;
            }
        }
        items.Add(values[begin..]);
        return items;
    }

    private static ValueRange Range(string text, SweptKey key, string values)
    {
        string[] parts = values.Split(':', StringSplitOptions.TrimEntries);
        string[] ends = parts[0].Split("..");
        if (ends.Length != 2 || !Number(ends[0], out double low) || !Number(ends[1], out double high))
            throw Error(text, $"'{parts[0]}' is no range", "A range is a..b, e.g. 1e-4..1e-1:log");
        if (parts.Length == 1)
            throw Error(text, "nothing says how the range is divided", $"Add :log or :linear, and perhaps how many values: {values}:log:5");
        if (!(low < high))
            throw Error(text, FormattableString.Invariant($"the range runs from {low} to {high}"), "The lower end comes first.");
        RangeScale scale = parts[1] switch
        {
            "log" => RangeScale.Log,
            "linear" or "lin" => RangeScale.Linear,
            _ => throw Error(text, $"'{parts[1]}' is no scale", "Take log or linear."),
        };
        if (scale == RangeScale.Log && low <= 0)
            throw Error(text, FormattableString.Invariant($"a logarithmic range cannot begin at {low}"), "Begin above 0, or take linear; 0 itself can be named in a list: 0,1e-4,1e-3.");
        int? count = null;
        if (parts.Length > 2)
        {
            if (parts.Length > 3 || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int n) || n is < 2 or > ValueRange.Most)
                throw Error(text, $"'{string.Join(':', parts[2..])}' is no number of values", $"Take 2 to {ValueRange.Most}.");
            count = n;
        }
        if (key.Holds == SweptKind.WholeNumber && Math.Floor(high) - Math.Ceiling(low) < 1)
            throw Error(text, $"{key.Path} is a whole number, and there are not two between the ends", "Take a wider range.");
        return new ValueRange(key, low, high, scale, count);
    }

    private static bool Number(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static BadInputException Error(string text, string what, string fix) => new("sweep-spec", $"--over {text}: {what}.", fix: fix);
}

/// <summary>Values one by one.</summary>
/// <param name="Key">The key.</param>
/// <param name="Values">The values as YAML, in the order typed.</param>
public sealed record ListedValues(SweptKey Key, ValueList<string> Values) : SweptValues(Key)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Points => Values;

    /// <inheritdoc/>
    public override long? Count => Values.Count;

    /// <inheritdoc/>
    public override string At(double share) => Values[(int)(share * Values.Count)];

    /// <inheritdoc/>
    protected override string Text => string.Join(',', Values);
}
