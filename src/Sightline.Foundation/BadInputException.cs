namespace Sightline;

/// <summary>
/// Input that cannot be used: a file, an option, a record in a file. The message is for the person who typed the command: what was
/// read, where, what was expected, what to do. The command line turns it into one line on standard error and exit code 2.
/// </summary>
/// <remarks>Failures of the work itself (a check that does not hold, a full disk) are other exceptions and exit code 1.</remarks>
public sealed class BadInputException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="code">A stable kebab-case code, e.g. <c>image-truncated</c>.</param>
    /// <param name="message">What was found and what was expected, one or two sentences.</param>
    /// <param name="path">The file or folder that holds it, if any.</param>
    /// <param name="line">The 1-based line in <paramref name="path"/>, if any.</param>
    /// <param name="fix">What to do about it, if that can be said.</param>
    /// <param name="inner">The exception this one explains.</param>
    public BadInputException(string code, string message, string? path = null, int? line = null, string? fix = null, Exception? inner = null)
        : base(Compose(message, path, line, fix), inner)
    {
        Code = code;
        Problem = message;
        Path = path;
        Line = line;
        Fix = fix;
    }

    /// <summary>A stable kebab-case code, e.g. <c>image-truncated</c>.</summary>
    public string Code { get; }

    /// <summary>What was found and what was expected, without place and remedy.</summary>
    public string Problem { get; }

    /// <summary>The file or folder that holds the problem, if any.</summary>
    public string? Path { get; }

    /// <summary>The 1-based line in <see cref="Path"/>, if any.</summary>
    public int? Line { get; }

    /// <summary>What to do about it, if that can be said.</summary>
    public string? Fix { get; }

    private static string Compose(string message, string? path, int? line, string? fix)
    {
        string place = path is null ? "" : line is null ? $"{path}: " : $"{path}:{line}: ";
        return fix is null ? place + message : $"{place}{message} {fix}";
    }
}
