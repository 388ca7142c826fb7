using System.CommandLine;
using Sightline.Cli.Terminal;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline doctor</c>: the machine, the native libraries, the device that will run.</summary>
internal static class DoctorVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Check this machine: cores, memory, native libraries, device. Example: sightline doctor") { json };
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine($"cores {Environment.ProcessorCount}");
            return ExitCode.Done;
        });
        return command;
    }
}
