namespace Sightline.Diagnosis;

/// <summary>
/// The keys of a resolved recipe with their values as text, nested keys joined by dots: as much of YAML as run folders hold, which is
/// <c>key: value</c> a line, two blanks deeper for each level.
/// </summary>
internal static class RecipeLines
{
    /// <summary>Reads the lines; keys that hold others have an empty value.</summary>
    internal static IReadOnlyDictionary<string, string> Read(string path)
    {
        var values = new Dictionary<string, string>();
        var parents = new List<(int Indent, string Path)>();
        using var reader = new StreamReader(LogText.Open(path));
        while (reader.ReadLine() is string line)
        {
            string text = line.Trim();
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || text[0] is '#' or '-')
                continue;
            int indent = line.Length - line.TrimStart(' ').Length;
            while (parents.Count > 0 && parents[^1].Indent >= indent)
                parents.RemoveAt(parents.Count - 1);
            string key = (parents.Count > 0 ? parents[^1].Path + "." : "") + text[..colon];
            values[key] = text[(colon + 1)..].Trim();
            parents.Add((indent, key));
        }
        return values;
    }
}
