namespace Sightline.Cli.Terminal;

/// <summary>The exit codes of every verb.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The work failed, or a check did not hold.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage or bad input.</summary>
    public const int BadInput = 2;

    /// <summary>Interrupted by Ctrl-C.</summary>
    public const int Interrupted = 130;
}
