using System.Diagnostics;
using System.Globalization;

namespace Sightline.Tests;

/// <summary>The demo, told to stop, stops what it has started.</summary>
public sealed class DemoInterruptionTests
{
    [Fact]
    public async Task SIGTERM_to_the_demo_alone_ends_its_command_too()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Processes are looked up in /proc.");
        string folder = Path.Combine(Path.GetTempPath(), $"demo-{Guid.NewGuid():N}");
        var start = new ProcessStartInfo("dotnet", [SightlineProcess.Assembly, "demo", "--out", folder, "--frames", "20000"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process demo = Process.Start(start)!;
        try
        {
            Task<string> error = demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var patience = Stopwatch.StartNew();
            // Its command makes this folder when it is under way.
            while (!Directory.Exists(Path.Combine(folder, "footage")))
            {
                Assert.True(patience.Elapsed.TotalSeconds < 60 && !demo.HasExited, "the demo did not begin");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
            using (Process kill = Process.Start("kill", ["-TERM", demo.Id.ToString(CultureInfo.InvariantCulture)]))
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(demo.WaitForExit(TimeSpan.FromSeconds(30)), "the demo did not end");
            Assert.Equal(130, demo.ExitCode);
            Assert.Contains("Interrupted.", await error, StringComparison.Ordinal);
            Assert.Empty(Leftovers(folder));
        }
        finally
        {
            if (!demo.HasExited)
                demo.Kill(entireProcessTree: true);
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    // Processes that have this folder on their command line.
    private static string[] Leftovers(string folder) => [.. Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)).Where(p =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(p, "cmdline")).Contains(folder, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    })];
}
