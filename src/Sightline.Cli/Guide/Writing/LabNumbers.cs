using System.Text.RegularExpressions;
using Sightline.Labs;

namespace Sightline.Cli.Guide.Writing;

/// <summary>Numbers from <c>labs/results/</c>, as texts quote them: <c>{{lab:resnet/plain-20/trainError}}</c>.</summary>
internal sealed partial class LabNumbers
{
    /// <summary>What stands in the place of a number that no run has given yet.</summary>
    public const string NotYetRun = "not yet run";

    private readonly Dictionary<string, LabResults> results;

    /// <summary>Reads the results of all labs.</summary>
    /// <param name="root">The repository's root.</param>
    public LabNumbers(string root) =>
        results = Lab.All.ToDictionary(l => l.Name, l => LabResults.Read(l.Name, Path.Combine(root, "labs", "results", l.Name + ".json")));

    /// <summary>The statistics behind a reference.</summary>
    /// <param name="reference">LAB/GROUP/METRIC.</param>
    /// <returns>The statistics, or null when the cells have not run.</returns>
    /// <exception cref="BadInputException">No lab has such a group.</exception>
    public SeedStatistics? Find(string reference)
    {
        string[] parts = reference.Split('/');
        if (parts.Length != 3)
            throw new BadInputException("bad-lab-reference", $"'{reference}' is not a LAB/GROUP/METRIC.");
        if (!Lab.Find(parts[0]).Cells().Any(c => c.Group == parts[1]))
            throw new BadInputException("bad-lab-reference", $"The lab '{parts[0]}' has no group '{parts[1]}' (in '{reference}').");
        SeedStatistics? found = results[parts[0]].Statistics(parts[1], parts[2]);
        if (found is null && results[parts[0]].Records.FirstOrDefault(r => r.Group == parts[1]) is LabRecord record)
            throw new BadInputException("bad-lab-reference", $"'{reference}': the cell {record.Id} has no metric '{parts[2]}'; it has {string.Join(", ", record.Metrics.Keys)}.");
        return found;
    }

    /// <summary>All results of a lab.</summary>
    /// <param name="lab">The lab.</param>
    /// <returns>The results.</returns>
    public LabResults Of(string lab) => results[Lab.Find(lab).Name];

    /// <summary>How many cells of a lab have run, and how many there are.</summary>
    /// <param name="lab">The lab.</param>
    /// <returns>Both counts.</returns>
    public (int Done, int All) Count(string lab)
    {
        IReadOnlyList<LabCell> cells = Lab.Find(lab).Cells();
        return (cells.Count(c => results[lab].Find(c.Id) is not null), cells.Count);
    }

    /// <summary>Replaces each <c>{{lab:…}}</c> in a text by its number. A paragraph of which a number is missing says only which lab gives it.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text with numbers.</returns>
    public string Fill(string text) => string.Join("\n\n", text.Split("\n\n").Select(paragraph =>
        References(paragraph).FirstOrDefault(r => Find(r) is null) is string missing
            ? $"The numbers are {NotYetRun}: ./sightline lab {missing.Split('/')[0]}"
            : Placeholder().Replace(paragraph, m => Shown(m.Groups[1].Value))));

    // Of one seed where more are planned a number is no mean, and says so.
    private string Shown(string reference)
    {
        string[] parts = reference.Split('/');
        SeedStatistics found = Find(reference)!;
        return found.Short() + (found.Values.Count == 1 && Lab.Find(parts[0]).Cells().Count(c => c.Group == parts[1]) > 1 ? " (1 seed)" : "");
    }

    /// <summary>The references in a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>LAB/GROUP/METRIC of each placeholder.</returns>
    public static IReadOnlyList<string> References(string text) => [.. Placeholder().Matches(text).Select(m => m.Groups[1].Value)];

    [GeneratedRegex(@"\{\{lab:([^}]+)\}\}")]
    private static partial Regex Placeholder();
}
