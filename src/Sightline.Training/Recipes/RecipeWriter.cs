using System.Collections;
using System.Globalization;
using System.Text;

namespace Sightline.Training.Recipes;

/// <summary>Writes a recipe as YAML with every default spelled out.</summary>
internal static class RecipeWriter
{
    /// <summary>Writes a record's keys, one a line, nested by two spaces.</summary>
    public static string Write(object record)
    {
        var text = new StringBuilder();
        Keys(text, record, 0);
        return text.ToString();
    }

    /// <summary>Every leaf of a record as dotted path and value text, in order; what recipes are compared by.</summary>
    public static IEnumerable<(string Path, string Value)> Leaves(object record, string prefix = "")
    {
        foreach (RecipeKey key in RecipeShape.Keys(record.GetType()))
        {
            object? value = key.Property.GetValue(record);
            string path = prefix + key.Name;
            if (value is not null && RecipeShape.IsRecord(value.GetType()))
            {
                foreach ((string Path, string Value) leaf in Leaves(value, path + "."))
                    yield return leaf;
            }
            else
            {
                yield return (path, Text(value));
            }
        }
    }

    private static void Keys(StringBuilder text, object record, int depth)
    {
        foreach (RecipeKey key in RecipeShape.Keys(record.GetType()))
        {
            object? value = key.Property.GetValue(record);
            text.Append(' ', 2 * depth).Append(key.Name).Append(':');
            if (value is not null && RecipeShape.IsRecord(value.GetType()))
            {
                text.Append(RecipeShape.Keys(value.GetType()).Count == 0 ? " {}\n" : "\n");
                Keys(text, value, depth + 1);
            }
            else
            {
                text.Append(' ').Append(Text(value)).Append('\n');
            }
        }
    }

    /// <summary>A value that holds no keys, as YAML.</summary>
    internal static string Text(object? value) => value switch
    {
        null => "null",
        bool b => b ? "true" : "false",
        string s => Quote(s),
        Enum e => RecipeShape.Kebab(e.ToString()),
        IEnumerable list => "[" + string.Join(", ", list.Cast<object?>().Select(Text)) + "]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"A recipe cannot hold {value.GetType()}."),
    };

    // Plain where nothing could be read differently, else double-quoted with YAML's escapes.
    private static string Quote(string s)
    {
        bool plain = s.Length > 0 && char.IsAsciiLetter(s[0]) && s.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
            && s is not ("null" or "true" or "false" or "Null" or "NULL");
        if (plain)
            return s;
        var text = new StringBuilder("\"");
        foreach (char c in s)
            text.Append(c switch { '"' => "\\\"", '\\' => @"\\", < ' ' or (>= '\u007f' and <= '\u00a0') or '\u2028' or '\u2029' or '\ufeff' or (>= '\ud800' and <= '\udfff') or '\uffff' or '\ufffe' => $"\\u{(int)c:x4}", _ => c.ToString() });
        return text.Append('"').ToString();
    }
}
