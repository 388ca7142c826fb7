using System.Text.RegularExpressions;

namespace Sightline.Cli.Guide.Writing;

/// <summary>
/// Takes a passage out of a source file, so that code on a page is the code that runs. A passage is named by markers in the file
/// (<c>// region: block</c> … <c>// endregion</c>), or is the declaration of a type or method of that name.
/// </summary>
internal static class CodeRegion
{
    /// <summary>The passage, with its common indentation removed.</summary>
    /// <param name="root">The repository's root.</param>
    /// <param name="path">The file from the root.</param>
    /// <param name="name">The marker or declaration; null for the whole file.</param>
    /// <returns>The lines, each ended by a newline.</returns>
    /// <exception cref="BadInputException">The file or passage does not exist.</exception>
    public static string Extract(string root, string path, string? name)
    {
        string full = Path.Combine(root, path);
        if (!File.Exists(full))
            throw new BadInputException("no-such-code", "A page includes this file, and it does not exist.", path);
        string[] lines = File.ReadAllText(full).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        if (name is null)
            return Join(lines);
        int start = Array.FindIndex(lines, l => Regex.IsMatch(l, $@"^\s*(//|#)\s*region:\s*{Regex.Escape(name)}\s*$"));
        if (start >= 0)
        {
            int end = Array.FindIndex(lines, start, l => Regex.IsMatch(l, @"^\s*(//|#)\s*endregion\s*$"));
            if (end < 0)
                throw new BadInputException("no-such-code", $"The region '{name}' has no end.", path, start + 1);
            return Join(lines[(start + 1)..end]);
        }
        start = Array.FindIndex(lines, l => Declares(l, name));
        if (start < 0)
            throw new BadInputException("no-such-code", $"There is no region and no declaration '{name}'.", path);
        int first = start;
        while (first > 0 && (lines[first - 1].TrimStart().StartsWith("//", StringComparison.Ordinal) || lines[first - 1].TrimStart().StartsWith('[')))
            first--;
        int depth = 0;
        bool opened = false;
        for (int i = start; i < lines.Length; i++)
        {
            foreach (char c in lines[i])
            {
                depth += c switch { '{' => 1, '}' => -1, _ => 0 };
                opened |= c == '{';
            }
            bool closes = lines[i].TrimEnd().EndsWith(';') && !opened;
            if (closes || (opened && depth == 0))
                return Join(lines[first..(i + 1)]);
        }
        throw new BadInputException("no-such-code", $"The declaration '{name}' has no end.", path, start + 1);
    }

    private static bool Declares(string line, string name)
    {
        string n = Regex.Escape(name);
        return Regex.IsMatch(line, $@"\b(class|record|struct|interface|enum)\s+{n}\b")
            || Regex.IsMatch(line, $@"^\s*(?:(?:public|private|protected|internal|static|override|async)\s+)*[\w<>,\[\]\?\(\) ]+\s+{n}\s*(<\w+>)?\(.*\)\s*(=>.*|\{{?)\s*$") && !line.TrimStart().StartsWith("return", StringComparison.Ordinal);
    }

    private static string Join(IReadOnlyList<string> lines)
    {
        int indent = lines.Where(l => l.Trim().Length > 0).Select(l => l.Length - l.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Concat(lines.Select(l => (l.Length >= indent ? l[indent..] : "").TrimEnd() + "\n"));
    }
}
