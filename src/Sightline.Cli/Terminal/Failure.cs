namespace Sightline.Cli.Terminal;

/// <summary>Turns an exception into one clear message and an exit code.</summary>
internal static class Failure
{
    /// <summary>Prints what happened to standard error.</summary>
    /// <param name="exception">What a verb threw.</param>
    /// <param name="verbose">Whether to add the stack trace.</param>
    /// <returns>The exit code.</returns>
    public static int Report(Exception exception, bool verbose)
    {
        Exception cause = exception is AggregateException { InnerExceptions.Count: 1 } one ? one.InnerExceptions[0] : exception;
        if (cause is OperationCanceledException)
        {
            Messages.Note("Interrupted.");
            return ExitCode.Interrupted;
        }
        Messages.Error(cause.Message);
        if (verbose)
            Console.Error.WriteLine(exception.ToString());
        return cause is BadInputException or FileNotFoundException or DirectoryNotFoundException ? ExitCode.BadInput : ExitCode.Failed;
    }
}
