using System.Text.Json;

namespace Sightline.Tests;

/// <summary>The README's first command, made small by options.</summary>
public class DemoTests
{
    [Fact]
    [Trait("Category", "slow")]
    public void TheDemoGoesTheWholeRoad()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"demo-{Guid.NewGuid():N}");
        try
        {
            SightlineProcess demo = SightlineProcess.Run("demo", "--out", folder, "--frames", "60", "--epochs", "2", "--json");
            Assert.True(demo.ExitCode == 0, demo.Error);
            using JsonDocument json = JsonDocument.Parse(demo.Output);
            JsonElement root = json.RootElement;
            // Two epochs on a few hundred crops: far better than guessing one of seven, and not the accuracy that the demo is for.
            Assert.InRange(root.GetProperty("top1").GetDouble(), 0.2, 1);
            Assert.True(root.GetProperty("verify").GetProperty("passed").GetBoolean());
            Assert.Equal(root.GetProperty("verify").GetProperty("accuracyTrained").GetDouble(), root.GetProperty("verify").GetProperty("accuracyExported").GetDouble(), 2);
            Assert.True(root.GetProperty("benchmark").GetProperty("p50Ms").GetDouble() > 0);
            Assert.True(root.GetProperty("seconds").GetDouble() > 0);
            foreach (string file in (string[])["model", "report"])
                Assert.True(File.Exists(root.GetProperty(file).GetString()), file);
            Assert.True(Directory.Exists(root.GetProperty("run").GetString()));

            SightlineProcess again = SightlineProcess.Run("demo", "--out", folder);
            Assert.Equal(2, again.ExitCode);
            Assert.Contains("--out DIR", again.Error);
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }
}
