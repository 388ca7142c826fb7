using System.CommandLine;
using System.Text;

namespace Sightline.Cli.Terminal;

/// <summary>
/// How the command was called. All code writes <c>sightline VERB</c>; what is printed to be typed says it as the person did
/// (<c>./sightline VERB</c> in a checkout), so that it can be copied.
/// </summary>
internal static class CommandName
{
    /// <summary>Set by the script <c>sightline</c> to how it was called.</summary>
    public const string Variable = "SIGHTLINE_COMMAND";

    private const string Own = "sightline";
    private static readonly string Called = Quoted(Environment.GetEnvironmentVariable(Variable));

    /// <summary>A text with its commands as they have to be typed here.</summary>
    /// <param name="text">Any text; <c>sightline VERB</c> and <c>./sightline VERB</c> in it are commands.</param>
    /// <returns>The text for this terminal.</returns>
    public static string Typable(string text) => Typable(text, Called);

    /// <summary>The examples in the help of a command and of all below it.</summary>
    /// <param name="command">The command; its descriptions are rewritten.</param>
    public static void MakeTypable(Command command)
    {
        if (Called == Own)
            return;
        command.Description = command.Description is { } text ? Typable(text) : null;
        foreach (Command child in command.Subcommands)
            MakeTypable(child);
    }

    /// <summary>As <see cref="Typable(string)"/>, for a command called <paramref name="called"/>.</summary>
    internal static string Typable(string text, string called)
    {
        int at = text.IndexOf(Own + " ", StringComparison.Ordinal);
        if (at < 0)
            return text;
        var result = new StringBuilder();
        int done = 0;
        for (; at >= 0; at = text.IndexOf(Own + " ", at + Own.Length, StringComparison.Ordinal))
        {
            int start = at >= 2 && text[at - 1] == '/' && text[at - 2] == '.' ? at - 2 : at;
            // Only a word of its own before a verb is a command: no path, no prose.
            if ((start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] is '/' or '.' or '-' or '_')) || !StartsArgument(text.AsSpan(at + Own.Length + 1)))
                continue;
            result.Append(text, done, start - done).Append(called);
            done = at + Own.Length;
        }
        return result.Append(text, done, text.Length - done).ToString();
    }

    private static bool StartsArgument(ReadOnlySpan<char> rest)
    {
        if (rest.StartsWith("--"))
            return true;
        int end = rest.IndexOfAnyExceptInRange('a', 'z');
        ReadOnlySpan<char> word = end < 0 ? rest : rest[..end];
        foreach (string verb in VerbNames.All)
        {
            if (word.SequenceEqual(verb))
                return true;
        }
        return false;
    }

    private static string Quoted(string? called)
    {
        if (string.IsNullOrEmpty(called))
            return Own;
        return called.All(c => char.IsLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '+') ? called : $"'{called.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
