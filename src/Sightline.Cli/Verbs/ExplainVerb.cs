using System.CommandLine;
using Sightline.Cli.Explaining;

namespace Sightline.Cli.Verbs;

/// <summary><c>sightline explain</c>: where in a picture a trained network finds what it decides by, and what its layers see.</summary>
internal static class ExplainVerb
{
    /// <summary>Builds the command.</summary>
    /// <returns>The command.</returns>
    public static Command Create() => Create(Environment.GetCommandLineArgs().ElementAtOrDefault(2));

    /// <summary>
    /// Builds the command for the word behind it. <c>explain RUN IMAGE…</c> and <c>explain score RUN</c> are two forms: with the arguments
    /// of one and the sub-commands of the other together, a folder of pictures called <c>features</c> would be taken for a command.
    /// </summary>
    private static Command Create(string? next)
    {
        Command[] others = [ScoreCommand.Create(), LayerCommands.Filters(), LayerCommands.Features(), FieldCommand.Create()];
        Command pictures = PicturesCommand.Create();
        Command command = others.Any(c => c.Name == next) ? new Command(pictures.Name, pictures.Description) : pictures;
        // The help of all lists both.
        if (command != pictures || next is null || next.StartsWith('-'))
        {
            foreach (Command other in others)
                command.Subcommands.Add(other);
        }
        return command;
    }
}
