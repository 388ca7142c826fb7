using System.Diagnostics;

namespace Sightline.Tests;

/// <summary>The system's Chromium without a window, one process a call.</summary>
internal static class Chromium
{
    private static readonly string[] Quiet =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--hide-scrollbars", "--force-device-scale-factor=1",
    ];

    internal static string Require()
    {
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
        if (found is null)
            Assert.Skip("No Chromium on this machine: the report was not looked at in a browser.");
        return found;
    }

    /// <summary>Runs it on a page and returns what it printed.</summary>
    internal static string Run(string chromium, string page, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(chromium) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[.. Quiet, $"--user-data-dir={Path.Combine(folder, $"profile-{Guid.NewGuid():N}")}", .. arguments, new Uri(page).AbsoluteUri])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(60_000))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("Chromium did not come back within a minute.");
        }
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Result;
    }
}
