using System.Diagnostics;
using System.Globalization;

namespace Sightline.Cli.Terminal;

/// <summary>Runs this very command as a process of its own and takes its JSON document from standard output.</summary>
internal static class OwnCommand
{
    /// <summary>Runs a verb to its end.</summary>
    /// <param name="arguments">Verb and options; <c>--json</c> is added.</param>
    /// <param name="showErrors">Whether its standard error goes to the terminal at once; else it is in the result.</param>
    /// <param name="cancellationToken">Asked to stop, the process is sent SIGTERM and waited for: it finishes its step and saves.</param>
    /// <returns>Its exit code, its standard output, and its standard error unless shown.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static (int ExitCode, string Output, string Error) Run(IReadOnlyList<string> arguments, bool showErrors, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ProcessStartInfo start = Own([.. arguments, "--json"]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = !showErrors;
        using Process process = Started(start);
        using CancellationTokenRegistration stop = cancellationToken.Register(() => Terminate(process));
        Task<string> error = showErrors ? Task.FromResult("") : process.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        // Interrupted at the terminal, the process has had the signal too, and may be through before this one knows of it.
        if (process.ExitCode == ExitCode.Interrupted || (cancellationToken.IsCancellationRequested && process.ExitCode != ExitCode.Done))
            throw new OperationCanceledException(cancellationToken);
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    /// <summary>Runs a verb to its end, its output and messages going where this one's go.</summary>
    /// <param name="arguments">Verb and options.</param>
    /// <param name="cancellationToken">Asked to stop, the process is sent SIGTERM and waited for.</param>
    /// <returns>Its exit code; 128 and the signal's number when a signal ended it.</returns>
    public static int RunThrough(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using Process process = Started(Own(arguments));
        using CancellationTokenRegistration stop = cancellationToken.Register(() => Terminate(process));
        process.WaitForExit();
        return process.ExitCode;
    }

    private static ProcessStartInfo Own(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        // As `dotnet sightline.dll` the host is dotnet; as an executable it is sightline itself.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "sightline.dll"));
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    private static Process Started(ProcessStartInfo start) => Process.Start(start) ?? throw new InvalidOperationException("sightline could not start itself.");

    /// <summary>Asks a process to end: SIGTERM, by <c>kill</c> since .NET has no call for it; where there is none, it is ended.</summary>
    private static void Terminate(Process process)
    {
        if (process.HasExited)
            return;
        if (OperatingSystem.IsWindows())
        {
            process.Kill();
            return;
        }
        using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
