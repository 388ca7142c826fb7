using System.Text.Json;
using Sightline.Cli.Terminal;

namespace Sightline.Cli.Demo;

/// <summary>
/// One command of the demo, run as a person would type it: a process of its own, its progress on standard error, its JSON document
/// taken from standard output. So the demo can do nothing that the commands cannot.
/// </summary>
internal static class DemoStep
{
    /// <summary>Runs a verb and returns what it said.</summary>
    /// <param name="arguments">Verb and options, without <c>--json</c>.</param>
    /// <param name="cancellationToken">Asked to stop, the command is waited for: it finishes its step and saves.</param>
    /// <returns>The command's JSON document.</returns>
    /// <exception cref="DemoStepFailedException">The command did not exit with 0.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static JsonElement Run(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string line = string.Join(' ', arguments.Select(a => a.Contains(' ') ? $"'{a}'" : a));
        Messages.Note("$ sightline " + line);
        (int exitCode, string output, _) = OwnCommand.Run(arguments, showErrors: true, cancellationToken);
        if (exitCode != ExitCode.Done)
            throw new DemoStepFailedException(line, exitCode);
        using JsonDocument document = JsonDocument.Parse(output);
        return document.RootElement.Clone();
    }
}

/// <summary>A command of the demo failed; it has said why on standard error.</summary>
internal sealed class DemoStepFailedException(string command, int exitCode)
    : Exception($"The demo stops here: 'sightline {command}' ended with exit code {exitCode}; see its message above.");
