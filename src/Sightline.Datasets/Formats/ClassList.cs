using System.Globalization;
using System.Text;
using Sightline.Datasets.Files;

namespace Sightline.Datasets.Formats;

/// <summary>Class names and their order.</summary>
internal static class ClassList
{
    /// <summary>The names in a <c>classes.txt</c>: one on each line, in the order of the labels.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="folder">Where to look.</param>
    /// <returns>The names, or null when there is no such file.</returns>
    public static IReadOnlyList<string>? Beside(FileTree tree, string folder) => Read(tree.Find(TreePath.Join(folder, "classes.txt")));

    /// <summary>The names in a file: one on each line.</summary>
    /// <param name="file">The file, if there is one.</param>
    /// <returns>The names, or null.</returns>
    /// <exception cref="BadInputException">A name occurs twice.</exception>
    public static IReadOnlyList<string>? Read(TreeFile? file)
    {
        if (file is null)
            return null;
        string[] names = [.. Encoding.UTF8.GetString(file.ReadBytes()).TrimStart('\uFEFF').Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0)];
        if (names.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new BadInputException("class-twice", $"The class '{twice.Key}' is listed twice.", file.Location, Array.LastIndexOf(names, twice.Key) + 1, "List each class once.");
        return names.Length == 0 ? null : names;
    }

    /// <summary>The classes of labels that occur: numbers in their order, else words in ordinal order.</summary>
    /// <param name="labels">The labels.</param>
    /// <returns>The classes.</returns>
    public static IReadOnlyList<string> Of(IEnumerable<string> labels)
    {
        string[] distinct = [.. labels.Distinct()];
        return distinct.All(l => long.TryParse(l, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            ? [.. distinct.OrderBy(l => long.Parse(l, CultureInfo.InvariantCulture)).ThenBy(l => l, StringComparer.Ordinal)]
            : [.. distinct.Order(StringComparer.Ordinal)];
    }
}
