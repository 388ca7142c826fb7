using System.Text.RegularExpressions;
using Sightline.Cli.Terminal;
using Sightline.Cli.Verbs;

namespace Sightline.Tests;

/// <summary>The folders of a project use each other in one direction. What lies at its root is its front, and may know and be known by all.</summary>
public sealed partial class FolderTests
{
    public static TheoryData<string> Projects => [.. Directory.EnumerateDirectories(Repository.PathOf("src")).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void NoCircleBetweenTheFoldersOfAProject(string project)
    {
        (string Folder, string File, string Text)[] files = [.. Sources(Repository.PathOf($"src/{project}"))];
        // A type belongs to the folder that declares it; one that two folders declare (private names) tells nothing.
        Dictionary<string, string> homes = files.SelectMany(f => Declaration().Matches(f.Text).Select(m => (Name: m.Groups[1].Value, f.Folder)))
            .GroupBy(d => d.Name).Where(g => g.Select(d => d.Folder).Distinct().Count() == 1).ToDictionary(g => g.Key, g => g.First().Folder);
        var uses = new Dictionary<string, Dictionary<string, string>>();
        foreach ((string folder, string file, string text) in files)
        {
            foreach (string word in Word().Matches(text).Select(m => m.Value).Distinct())
            {
                if (homes.TryGetValue(word, out string? home) && home != folder)
                    (uses.TryGetValue(folder, out Dictionary<string, string>? of) ? of : uses[folder] = []).TryAdd(home, $"{folder}/{file} uses {word} of {home}");
            }
        }
        foreach (string start in uses.Keys)
        {
            List<string>? circle = Way(uses, start, start, []);
            Assert.True(circle is null, $"{project}: {string.Join("; ", circle ?? [])}");
        }
    }

    [Fact]
    public void EveryVerbHasItsNameInTheListThatPrintedCommandsAreKnownBy() =>
        Assert.Equal(VerbNames.All, VerbList.All.Select(v => v.Name));

    private static List<string>? Way(Dictionary<string, Dictionary<string, string>> uses, string from, string to, HashSet<string> seen)
    {
        if (!seen.Add(from) || !uses.TryGetValue(from, out Dictionary<string, string>? next))
            return null;
        foreach ((string folder, string because) in next)
        {
            if (folder == to)
                return [because];
            if (Way(uses, folder, to, seen) is { } rest)
                return [because, .. rest];
        }
        return null;
    }

    private static IEnumerable<(string Folder, string File, string Text)> Sources(string root)
    {
        foreach (string path in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            string[] parts = Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar);
            if (parts.Length > 1 && parts[0] is not ("bin" or "obj"))
                yield return (parts[0], parts[^1], Comment().Replace(Literal().Replace(File.ReadAllText(path), "\"\""), ""));
        }
    }

    [GeneratedRegex(@"(?m)^(?:public |internal )(?:static |sealed |abstract |readonly |partial |unsafe )*(?:class|record struct|record|struct|enum|interface) (\w+)")]
    private static partial Regex Declaration();

    // No members: neither what stands behind a dot, nor what is declared, set or listed as one.
    [GeneratedRegex(@"(?<![.\w])[A-Z]\w*\b(?!\s*(?:\{ (?:get|init|set)|=[^=>]|=> |:[^:]|[,)]))")]
    private static partial Regex Word();

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex("\"(?:\\\\.|[^\"\\\\\n])*\"")]
    private static partial Regex Literal();
}
