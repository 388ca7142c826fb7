using System.Globalization;

namespace Sightline;

/// <summary>
/// The arguments of a small program such as an answer's: a path, options with a value, flags. What is mistyped is told in one line that
/// names it; so is every other <see cref="BadInputException"/> and missing file of a program that reads its arguments with this.
/// </summary>
public sealed class ProgramArguments
{
    private readonly Dictionary<string, string> given = [];

    /// <summary>Reads the arguments. From here on bad input ends the program with one line on standard error and exit code 2.</summary>
    /// <param name="arguments">What was typed.</param>
    /// <param name="options">The options that take a value, e.g. <c>--seed</c>.</param>
    /// <param name="flags">The options that take none.</param>
    /// <exception cref="BadInputException">An option is unknown or lacks its value, or there are two paths (<c>usage</c>).</exception>
    public ProgramArguments(IReadOnlyList<string> arguments, IReadOnlyList<string> options, params IReadOnlyList<string> flags)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        AppDomain.CurrentDomain.UnhandledException += (_, failure) => End(failure.ExceptionObject);
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (flags.Contains(name))
            {
                given[name] = "";
            }
            else if (options.Contains(name))
            {
                given[name] = ++i < arguments.Count
                    ? arguments[i]
                    : throw new BadInputException("usage", $"{name} needs a value.");
            }
            else if (name.StartsWith("--", StringComparison.Ordinal))
            {
                string[] known = [.. options, .. flags];
                throw new BadInputException("usage", $"There is no option {name}.", fix: NearestName.Find(name, known) is { } near ? $"Did you mean {near}?" : $"Options: {string.Join(", ", known)}.");
            }
            else if (Path is null)
            {
                Path = name;
            }
            else
            {
                throw new BadInputException("usage", $"There are two paths, {Path} and {name}; expected one.");
            }
        }
    }

    /// <summary>The argument that is no option, or null.</summary>
    public string? Path { get; }

    /// <summary>Whether a flag or option was given.</summary>
    /// <param name="name">Its name with the hyphens.</param>
    /// <returns>True when it was.</returns>
    public bool Has(string name) => given.ContainsKey(name);

    /// <summary>An option's text.</summary>
    /// <param name="name">Its name with the hyphens.</param>
    /// <returns>The text, or null when it was not given.</returns>
    public string? Text(string name) => given.GetValueOrDefault(name);

    /// <summary>An option's whole number.</summary>
    /// <param name="name">Its name with the hyphens.</param>
    /// <param name="usual">The number when it was not given.</param>
    /// <param name="least">The least that makes sense.</param>
    /// <returns>The number.</returns>
    /// <exception cref="BadInputException">It is no whole number, or less than <paramref name="least"/> (<c>usage</c>).</exception>
    public int Number(string name, int usual, int least = 1)
    {
        if (Text(name) is not { } text)
            return usual;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least
            ? number
            : throw new BadInputException("usage", $"{name} is '{text}'; expected a whole number of at least {least}.");
    }

    private static void End(object failure)
    {
        // Decoding in parallel wraps what is wrong with a picture.
        object cause = failure is AggregateException { InnerExceptions: [var first, ..] } ? first : failure;
        if (cause is not (BadInputException or FileNotFoundException or DirectoryNotFoundException))
            return;
        Console.Error.WriteLine(((Exception)cause).Message);
        Environment.Exit(2);
    }
}
