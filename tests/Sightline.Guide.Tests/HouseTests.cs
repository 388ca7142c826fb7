using System.Text.RegularExpressions;

namespace Sightline.Tests;

/// <summary>The projects keep to docs/house.md: what each may use, in an order without circles, and which stay free of torch.</summary>
public sealed partial class HouseTests
{
    private static readonly Room[] Table = [.. Rows().Matches(Repository.Read("docs/house.md")).Select(m => new Room(
        m.Groups[1].Value, m.Groups[2].Value == "nothing" ? [] : [.. m.Groups[2].Value.Split(", ").Select(r => "Sightline." + r)], m.Groups[3].Value == "no torch"))];

    private static readonly Dictionary<string, string> Projects = Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
        .Append(Repository.PathOf("labs/Sightline.Labs.csproj")).ToDictionary(p => Path.GetFileNameWithoutExtension(p), File.ReadAllText);

    [Fact]
    public void EveryProjectUsesWhatItsRowNames()
    {
        Assert.Equal(Projects.Keys.Order(), Table.Select(r => r.Name).Order());
        Assert.All(Table, room => Assert.Equal(room.Uses.Order(), References().Matches(Projects[room.Name]).Select(m => m.Groups[1].Value).Order()));
    }

    [Fact]
    public void NoRoomUsesWhatStandsBelowIt() =>
        Assert.All(Table.Index(), row => Assert.Subset(Table.Take(row.Index).Select(r => r.Name).ToHashSet(), row.Item.Uses.ToHashSet()));

    [Fact]
    public void RoomsWithoutTorchReferenceNothingThatBringsIt()
    {
        var brings = new HashSet<string>();
        foreach (Room room in Table) // in an order without circles, by the test above
        {
            if (TorchPackage().IsMatch(Projects[room.Name]) || room.Uses.Any(brings.Contains))
                brings.Add(room.Name);
        }
        Assert.Equal(Table.Where(r => !r.NoTorch).Select(r => r.Name), Table.Where(r => brings.Contains(r.Name)).Select(r => r.Name));
    }

    private sealed record Room(string Name, string[] Uses, bool NoTorch);

    [GeneratedRegex(@"(?m)^\| `([\w.]+)` \|[^|]*\| ([^|]*) \| ?(.*?) ?\|$")]
    private static partial Regex Rows();

    [GeneratedRegex(@"<ProjectReference Include=""[^""]*?([\w.]+)\.csproj""")]
    private static partial Regex References();

    [GeneratedRegex(@"<PackageReference Include=""(TorchSharp|libtorch)[^""]*""")]
    private static partial Regex TorchPackage();
}
