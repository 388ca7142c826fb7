using System.Text.RegularExpressions;

namespace Sightline.Tests;

/// <summary>The README's road: the very lines that stand there, each made small by an option more.</summary>
public class RoadTests
{
    // What makes a step small enough for a test; the rest of the line is the README's.
    private static readonly Dictionary<string, string> Smaller = new()
    {
        ["record"] = " --frames 40 --fps 2",
        ["train"] = " --set training.epochs=1",
        ["benchmark"] = " --seconds 0.1 --threads 1",
    };

    [Fact]
    [Trait("Category", "slow")]
    public void TheReadmesRoadLeadsFromFootageToAVerifiedModel()
    {
        string block = Regex.Match(Repository.Read("README.md"), @"<!-- ran by: RoadTests\.[^\n]* -->\n```sh\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        string[] lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length >= 5, "the README's road has gone");
        string folder = Path.Combine(Path.GetTempPath(), $"road-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            foreach (string line in lines)
            {
                string verb = line.Split(' ')[1];
                string command = line.Replace("./sightline", $"dotnet '{SightlineProcess.Assembly}'", StringComparison.Ordinal)
                    .Replace("recipes/", Repository.PathOf("recipes") + "/", StringComparison.Ordinal) + Smaller.GetValueOrDefault(verb, "");
                SightlineProcess run = SightlineProcess.Start("sh", ["-c", command], folder);
                Assert.True(run.ExitCode == 0, $"{line} ended with {run.ExitCode}: {run.Error}{run.Output}");
            }
            Assert.True(File.Exists(Path.Combine(folder, "footage", "annotations.json")));
            Assert.True(File.Exists(Path.Combine(folder, "runs", "first", "report.html")));
            Assert.True(new FileInfo(Path.Combine(folder, "model.onnx")).Length > 100_000);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
