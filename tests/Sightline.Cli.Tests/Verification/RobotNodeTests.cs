using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Sightline.Tests;

/// <summary>samples/robot-node as a robot's init system would run it.</summary>
[Collection(nameof(ExportedRun))]
public sealed class RobotNodeTests(ExportedRun exported)
{
    private const int Terminate = 15;

    private static readonly string Program = Repository.PathOf("samples/robot-node/bin/Release/net10.0/robot-node.dll");

    [Fact]
    public void It_verifies_its_bundle_and_decides_what_predict_decides()
    {
        string frames = Path.Combine(exported.Bundle, "frames"), folder = exported.PathOf("camera");
        Directory.CreateDirectory(folder);
        foreach (string image in Directory.EnumerateFiles(frames, "image.*", SearchOption.AllDirectories))
            File.Copy(image, Path.Combine(folder, $"{Path.GetFileName(Path.GetDirectoryName(image))}{Path.GetExtension(image)}"), overwrite: true);
        File.WriteAllText(Path.Combine(folder, "0003b.png"), "no image");
        SightlineProcess run = Run(exported.Bundle, folder, "--threads", "1");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("8 of 8 golden frames decided as on", run.Error, StringComparison.Ordinal);
        Assert.Contains("9 frames, 0 late, 0 dropped", run.Error, StringComparison.Ordinal);
        JsonElement[] lines = [.. run.Output.TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.Equal(9, lines.Length);
        Assert.True(lines[4].TryGetProperty("problem", out _), lines[4].ToString());
        string[] golden = [.. Directory.EnumerateFiles(frames, "reference.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => JsonDocument.Parse(File.ReadAllText(f)).RootElement.GetProperty("decision").GetString()!)];
        Assert.Equal(golden, lines.Where(l => l.TryGetProperty("label", out _)).Select(l => l.GetProperty("label").GetString()));
        Assert.All(lines, l => Assert.True(l.GetProperty("milliseconds").GetDouble() > 0));
    }

    [Fact]
    public void Paths_on_standard_input_are_all_decided_without_a_budget()
    {
        string image = Directory.EnumerateFiles(exported.Bundle, "image.*", SearchOption.AllDirectories).First();
        SightlineProcess run = SightlineProcess.Start("dotnet", [Program, exported.Bundle, "-"], Repository.Root, input: string.Concat(Enumerable.Repeat(image + "\n", 50)));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(50, run.Output.TrimEnd().Split('\n').Length);
        // With one, what came meanwhile makes room for the newest.
        SightlineProcess late = SightlineProcess.Start("dotnet", [Program, exported.Bundle, "-", "--budget", "0.0001"], Repository.Root, input: string.Concat(Enumerable.Repeat(image + "\n", 50)));
        string[] lines = late.Output.TrimEnd().Split('\n');
        Assert.InRange(lines.Length, 1, 50);
        JsonElement last = JsonDocument.Parse(lines[^1]).RootElement;
        Assert.Equal(50, lines.Length + last.GetProperty("dropped").GetInt32());
        Assert.True(last.GetProperty("late").GetBoolean());
    }

    [Fact]
    public async Task It_ends_after_the_frame_at_hand()
    {
        var start = new ProcessStartInfo("dotnet", [Program, exported.Bundle, "-"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process node = Process.Start(start)!;
        await node.StandardInput.WriteLineAsync(Directory.EnumerateFiles(exported.Bundle, "image.*", SearchOption.AllDirectories).First());
        Assert.Contains("\"label\"", await node.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal(0, Kill(node.Id, Terminate));
        await node.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        Assert.Equal(0, node.ExitCode);
        Assert.Contains("1 frames, 0 late, 0 dropped", await node.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void It_does_not_start_on_what_is_no_bundle()
    {
        Assert.Equal(2, Run(exported.Model).ExitCode);
        Assert.Equal(2, Run(exported.Bundle, exported.PathOf("nowhere")).ExitCode);
        Assert.Equal(2, Run().ExitCode);
        SightlineProcess verified = Run(exported.Bundle);
        Assert.Equal(0, verified.ExitCode);
        Assert.True(JsonDocument.Parse(verified.Output).RootElement.GetProperty("passed").GetBoolean());
    }

    private static SightlineProcess Run(params string[] arguments) => SightlineProcess.Start("dotnet", [Program, .. arguments], Repository.Root);

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
