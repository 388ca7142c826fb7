using System.CommandLine;
using Sightline.Cli.Explaining;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline explain</c>: where in a picture a trained network finds what it decides by, and what its layers see.</summary>
internal static class ExplainVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create()
    {
        Command command = PicturesCommand.Create();
        command.Subcommands.Add(ScoreCommand.Create());
        command.Subcommands.Add(LayerCommands.Filters());
        command.Subcommands.Add(LayerCommands.Features());
        command.Subcommands.Add(FieldCommand.Create());
        return command;
    }
}
