using System.CommandLine;
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

        ParseResult parsed = root.Parse(args);
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
        if (asked is not null || args.Length == 0 || args[0].StartsWith('-'))
            return $"{parsed.Errors[0].Message} See: sightline {(asked is null ? "" : asked.Name + " ")}--help";
        string? nearest = NearestName.Find(args[0], VerbList.All.Select(v => v.Name));
        return $"There is no verb '{args[0]}'.{(nearest is null ? "" : $" Did you mean '{nearest}'?")} See: sightline --help";
    }
}
