using System.CommandLine;
using System.CommandLine.Parsing;
using Sightline.Cli.Terminal;
using Sightline.Cli.Verbs;

namespace Sightline.Cli;

/// <summary>The <c>sightline</c> command: finds the verb, runs it, turns its failure into one clear line and an exit code.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        // Only the verb that was asked for is built, so that verbs without torch start fast.
        VerbEntry? asked = args.Length > 0 ? VerbList.Find(args[0]) : null;
        var root = new RootCommand("A deep-learning workbench for mobile robots: see the data, train, understand, deploy, drive.");
        foreach (VerbEntry verb in asked is null ? VerbList.All : [asked])
        {
            Command command = verb.Create();
            CommandName.MakeTypable(command);
            root.Subcommands.Add(command);
        }
        root.Options.Add(CommonOptions.Verbose);

        ParseResult parsed = root.Parse(args.Length > 0 ? args : ["--help"]);
        if (parsed.Errors.Count > 0)
        {
            Messages.Error(UsageMessage(args, parsed, asked));
            return ExitCode.BadInput;
        }
        try
        {
            return parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                // Ctrl-C finishes the step and saves: give it time.
                ProcessTerminationTimeout = TimeSpan.FromMinutes(5),
            }).GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            return Failure.Report(exception, parsed.GetValue(CommonOptions.Verbose));
        }
    }

    private static string UsageMessage(string[] args, ParseResult parsed, VerbEntry? asked)
    {
        if (asked is not null || args[0].StartsWith('-'))
        {
            Command command = parsed.CommandResult.Command;
            string path = string.Join(' ', Path(parsed.CommandResult).Reverse().Append("--help"));
            string? meant = args.Length > 1 && command.Subcommands.Count > 0 ? NearestName.Find(args[1], command.Subcommands.Select(c => c.Name)) : null;
            return meant is null ? $"{parsed.Errors[0].Message} See: sightline {path}" : $"There is no '{args[0]} {args[1]}'. Did you mean '{args[0]} {meant}'? See: sightline {path}";
        }
        string? nearest = NearestName.Find(args[0], VerbList.All.Select(v => v.Name));
        return $"There is no verb '{args[0]}'.{(nearest is null ? "" : $" Did you mean '{nearest}'?")} See: sightline --help";
    }

    // The names of a command below the root, e.g. data, info.
    private static IEnumerable<string> Path(SymbolResult? result)
    {
        for (; result is CommandResult { Parent: not null } command; result = command.Parent)
            yield return command.Command.Name;
    }
}
