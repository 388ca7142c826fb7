namespace Sightline.Tests;

/// <summary>What is printed to be typed can be typed: it names the command as it was called.</summary>
public sealed class CommandNameTests
{
    private static readonly Dictionary<string, string> FromCheckout = new() { ["SIGHTLINE_COMMAND"] = "./sightline" };

    [Theory]
    [InlineData("modles", "See: ./sightline --help")]
    [InlineData("models show resnet19", "See: ./sightline models list")]
    [InlineData("models list --nonsense", "See: ./sightline models list --help")]
    public void Errors_say_it_as_it_was_called(string line, string says)
    {
        SightlineProcess run = SightlineProcess.Start("dotnet", [SightlineProcess.Assembly, .. line.Split(' ')], Repository.Root, FromCheckout);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("sightline: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_and_notes_say_it_as_it_was_called()
    {
        SightlineProcess help = SightlineProcess.Start("dotnet", [SightlineProcess.Assembly, "models", "list", "--help"], Repository.Root, FromCheckout);
        Assert.Contains("Example: ./sightline models list", help.Output, StringComparison.Ordinal);
        SightlineProcess ask = SightlineProcess.Start("dotnet", [SightlineProcess.Assembly, "ask"], Repository.Root, FromCheckout);
        Assert.Contains("./sightline ask WORDS", ask.Error, StringComparison.Ordinal);
        SightlineProcess spaced = SightlineProcess.Start("dotnet", [SightlineProcess.Assembly, "ask"], Repository.Root, new Dictionary<string, string> { ["SIGHTLINE_COMMAND"] = "/my code/sightline" });
        Assert.Contains("'/my code/sightline' ask WORDS", spaced.Error, StringComparison.Ordinal);
        Assert.Contains(" sightline ask WORDS", SightlineProcess.Run("ask").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_script_tells_how_it_was_called()
    {
        // The script's last lines alone, so that nothing is built: a dotnet that prints the variable stands in for the host.
        string folder = Directory.CreateTempSubdirectory("sightline-script-").FullName;
        try
        {
            string script = Repository.Read("sightline");
            string tail = script[script.IndexOf("# Printed commands", StringComparison.Ordinal)..];
            Executable(Path.Combine(folder, "sightline"), "#!/bin/sh\n" + tail);
            Executable(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "host")).FullName, "dotnet"), "#!/bin/sh\nprintf %s \"$SIGHTLINE_COMMAND\"\n");
            string Called(string line) => SightlineProcess.Start("sh", ["-c", line], folder, new Dictionary<string, string> { ["PATH"] = $"{folder}/host:{Environment.GetEnvironmentVariable("PATH")}" }).Output;
            Assert.Equal("./sightline", Called("./sightline ask"));
            Assert.Equal("../sightline", Called("cd host && ../sightline ask"));
            Assert.Equal("sightline", Called($"PATH='{folder}':$PATH; sightline ask"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_script_builds_again_only_when_a_source_changed_came_or_went()
    {
        string folder = Directory.CreateTempSubdirectory("sightline-script-").FullName;
        try
        {
            Executable(Path.Combine(folder, "sightline"), Repository.Read("sightline"));
            string recipe = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "recipes")).FullName, "demo.yaml");
            string source = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "src", "Sightline.Cli")).FullName, "One.cs");
            File.WriteAllText(recipe, "");
            File.WriteAllText(source, "");
            const string output = "src/Sightline.Cli/bin/Release/net10.0";
            Executable(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "host")).FullName, "dotnet"),
                $"#!/bin/sh\n[ \"$1\" = build ] && mkdir -p '{folder}/{output}' && touch '{folder}/{output}/sightline.dll'\nexit 0\n");
            bool Builds()
            {
                SightlineProcess run = SightlineProcess.Start("sh", ["-c", "./sightline ask"], folder, new Dictionary<string, string> { ["PATH"] = $"{folder}/host:{Environment.GetEnvironmentVariable("PATH")}" });
                Assert.Equal(0, run.ExitCode);
                return run.Error.Contains("building", StringComparison.Ordinal);
            }
            Assert.True(Builds());
            Assert.False(Builds());
            File.SetLastWriteTimeUtc(recipe, DateTime.UtcNow.AddSeconds(2));
            Assert.True(Builds());
            File.SetLastWriteTimeUtc(recipe, DateTime.UtcNow.AddDays(-1));
            Assert.False(Builds());
            File.WriteAllText(Path.Combine(folder, "src", "Sightline.Cli", "Two.cs"), "");
            Assert.True(Builds());
            File.Delete(source);
            Assert.True(Builds());
            Assert.False(Builds());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Executable(string path, string text)
    {
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
