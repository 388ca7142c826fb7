namespace Sightline.Datasets.Formats;

/// <summary>Holds the class names of the splits against each other.</summary>
internal static class ClassNameCheck
{
    /// <summary>Finds classes that one split has and another lacks: usually a difference in spelling.</summary>
    /// <param name="bySplit">For each split, its class names and where each was found.</param>
    /// <returns>One problem for each name that is missing somewhere.</returns>
    public static IEnumerable<DataProblem> Compare(IReadOnlyDictionary<string, SortedDictionary<string, (string Path, int? Line)>> bySplit)
    {
        foreach ((string split, SortedDictionary<string, (string Path, int? Line)> classes) in bySplit.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            foreach ((string name, (string path, int? line)) in classes)
            {
                string[] without = [.. bySplit.Where(s => !s.Value.ContainsKey(name)).Select(s => s.Key).Order(StringComparer.Ordinal)];
                if (without.Length == 0)
                    continue;
                string? meant = NearestName.Find(name, bySplit[without[0]].Keys.Where(other => !classes.ContainsKey(other)));
                yield return new DataProblem(
                    "class-names-differ", path,
                    $"The class '{name}' is in the split '{split}' but not in '{string.Join("', '", without)}'{(meant is null ? "" : $", which has '{meant}'")}.",
                    meant is null ? $"Add images of '{name}' there, or take the class out everywhere." : $"Name the class the same in every split ('{meant}' or '{name}').", line);
            }
        }
    }
}
