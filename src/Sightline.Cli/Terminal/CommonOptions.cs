using System.CommandLine;

namespace Sightline.Cli.Terminal;

/// <summary>Options that every verb understands.</summary>
internal static class CommonOptions
{
    /// <summary>Adds the stack trace to an error.</summary>
    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Add technical detail to errors.", Recursive = true };

    /// <summary>A fresh <c>--json</c> option.</summary>
    /// <returns>The option.</returns>
    public static Option<bool> Json() => new("--json") { Description = "Print one machine-readable document on standard output." };
}
