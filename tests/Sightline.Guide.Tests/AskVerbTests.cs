using System.Text.Json;

namespace Sightline.Tests;

/// <summary><c>sightline ask</c> as a person types it.</summary>
public class AskVerbTests
{
    [Fact]
    public void ListsNineteen()
    {
        SightlineProcess run = SightlineProcess.Run("ask");
        Assert.Equal(0, run.ExitCode);
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(19, lines.Length);
        Assert.StartsWith("11", lines[10], StringComparison.Ordinal);
    }

    [Fact]
    public void PrintsQuestionAnswerAndRerun()
    {
        SightlineProcess run = SightlineProcess.Run("ask", "11");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("How is a ResNet built", run.Output, StringComparison.Ordinal);
        Assert.Contains("y = x + F(x)", run.Output, StringComparison.Ordinal);
        Assert.Contains("Rerun numbers: sightline lab resnet", run.Output, StringComparison.Ordinal);
        Assert.All(run.Output.Split('\n').Where(l => !l.StartsWith("    ", StringComparison.Ordinal)), l => Assert.True(l.Length <= 120, l));
    }

    [Fact]
    public void AnOpenQuestionSaysWhatIsMissing()
    {
        SightlineProcess run = SightlineProcess.Run("ask", "8");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("[open]", run.Output, StringComparison.Ordinal);
        Assert.Contains("Missing:", run.Output, StringComparison.Ordinal);
        Assert.Contains("Meanwhile:", run.Output, StringComparison.Ordinal);
        Assert.Contains("8d", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ask 11 --cod", "Did you mean '--code'?")]
    [InlineData("ask --bogus", "There is no option '--bogus'")]
    [InlineData("data inf ok", "Did you mean 'data info'?")]
    [InlineData("data info", "See: sightline data info --help")]
    public void WhatIsMistypedIsRefusedWithWhatIsNear(string line, string says)
    {
        SightlineProcess run = SightlineProcess.Run(line.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void APartCanBeAskedAndNothingShowsTheHelp()
    {
        SightlineProcess part = SightlineProcess.Run("ask", "11c");
        Assert.Equal(0, part.ExitCode);
        Assert.Contains("docs/guide/11-resnet.md#11c", part.Output, StringComparison.Ordinal);
        Assert.Contains("Not answered yet", SightlineProcess.Run("ask", "8a").Output, StringComparison.Ordinal);
        SightlineProcess nothing = SightlineProcess.Run();
        Assert.Equal(0, nothing.ExitCode);
        Assert.Contains("sightline [command] [options]", nothing.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void JsonHasThePromisedNames()
    {
        for (int id = 1; id <= 19; id += 3)
        {
            using JsonDocument document = JsonDocument.Parse(SightlineProcess.Run("ask", $"{id}", "--json").Output);
            JsonElement q = document.RootElement;
            Assert.Equal(id, q.GetProperty("id").GetInt32());
            Assert.False(string.IsNullOrEmpty(q.GetProperty("question").GetString()));
            Assert.Contains(q.GetProperty("state").GetString(), (string[])["answered", "partly", "open"]);
            foreach (JsonElement part in q.GetProperty("parts").EnumerateArray())
            {
                Assert.StartsWith($"{id}", part.GetProperty("id").GetString(), StringComparison.Ordinal);
                Assert.False(string.IsNullOrEmpty(part.GetProperty("text").GetString()));
                Assert.True(part.TryGetProperty("state", out _) && part.TryGetProperty("answer", out _));
            }
            Assert.Equal(JsonValueKind.Array, q.GetProperty("code").ValueKind);
            foreach (JsonElement claim in q.GetProperty("claims").EnumerateArray())
                Assert.True(claim.TryGetProperty("text", out _) && claim.TryGetProperty("value", out _) && claim.TryGetProperty("command", out _));
        }
    }

    [Theory]
    [InlineData(11, "residual", "shortcut")]
    [InlineData(15, "dropping")]
    [InlineData(18, "chain", "rule")]
    [InlineData(3, "unbalanced")]
    [InlineData(8, "reinforcement learning rewards")]
    public void SearchFindsTheQuestionFirst(int expected, params string[] words)
    {
        using JsonDocument document = JsonDocument.Parse(SightlineProcess.Run(["ask", .. words, "--json"]).Output);
        Assert.Equal(expected, document.RootElement.GetProperty("questions")[0].GetProperty("id").GetInt32());
    }

    [Theory]
    [InlineData(2, "ask", "20")]
    [InlineData(2, "ask", "0")]
    [InlineData(2, "ask", "--code")]
    [InlineData(2, "ask", "8", "--code")]
    [InlineData(2, "ask", "8", "--rerun")]
    [InlineData(2, "ask", "8", "--exercise", "never-written")]
    [InlineData(1, "ask", "zeppelin")]
    public void WrongUseIsOneClearLine(int exit, params string[] arguments)
    {
        SightlineProcess run = SightlineProcess.Run(arguments);
        Assert.Equal(exit, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith("sightline: ", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void LoadsNoTorchAndStartsFast()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("the loader's log is glibc's");
        string log = Path.Combine(Path.GetTempPath(), $"sightline-loader-{Guid.NewGuid():N}");
        SightlineProcess run = SightlineProcess.Start("dotnet", [SightlineProcess.Assembly, "ask", "11"], Repository.Root, new Dictionary<string, string> { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = log });
        Assert.Equal(0, run.ExitCode);
        string loaded = string.Concat(Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(log) + "*").Select(f =>
        {
            string text = File.ReadAllText(f);
            File.Delete(f);
            return text;
        }));
        Assert.Contains("libcoreclr", loaded, StringComparison.Ordinal);
        Assert.DoesNotContain("orch", loaded.Replace("Sightline.Torch", "", StringComparison.Ordinal).Replace(AppContext.BaseDirectory, "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);

        // Processor time, since other tests run beside this one; the wall clock stands in bench/. The shell tells what its children used.
        double least = Enumerable.Range(0, 5).Min(_ =>
        {
            string times = SightlineProcess.Start("sh", ["-c", $"dotnet '{SightlineProcess.Assembly}' ask 11 >/dev/null; times"], Repository.Root).Output.Trim().Split('\n')[^1];
            return times.Split(' ', StringSplitOptions.RemoveEmptyEntries).Sum(Seconds);
        });
        Assert.True(least < 0.3, $"ask 11 took {least:0.00} s of processor time");
    }

    // 0m0.112s
    private static double Seconds(string time)
    {
        string[] parts = time.TrimEnd('s').Split('m');
        return 60 * double.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture) + double.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
