using System.ComponentModel;
using System.Diagnostics;

namespace Sightline.Cli.Terminal;

/// <summary>The .NET SDK that a checkout is built with.</summary>
internal static class DotnetSdk
{
    /// <summary>Starts <c>dotnet</c> and waits.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">The folder it runs in.</param>
    /// <param name="quiet">Whether what it says is kept instead of passed through.</param>
    /// <returns>Its exit code, and what it said when kept.</returns>
    /// <exception cref="BadInputException">There is no SDK (<c>no-sdk</c>).</exception>
    public static (int ExitCode, string Output) Run(IEnumerable<string> arguments, string folder, bool quiet)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = quiet, UseShellExecute = false })!;
            string output = quiet ? process.StandardOutput.ReadToEnd() : "";
            process.WaitForExit();
            return (process.ExitCode, output);
        }
        catch (Win32Exception e)
        {
            throw new BadInputException("no-sdk", $"The .NET SDK cannot be started: {e.Message}", fix: "Put dotnet on the path.", inner: e);
        }
    }
}
