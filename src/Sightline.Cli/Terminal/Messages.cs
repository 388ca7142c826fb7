namespace Sightline.Cli.Terminal;

/// <summary>Messages for people go to standard error; standard output is for results.</summary>
internal static class Messages
{
    /// <summary>Says what went wrong.</summary>
    /// <param name="message">One clear message.</param>
    public static void Error(string message) => Console.Error.WriteLine("sightline: " + CommandName.Typable(message));

    /// <summary>Says what happens, or what to type next.</summary>
    /// <param name="message">One line.</param>
    public static void Note(string message) => Console.Error.WriteLine(CommandName.Typable(message));
}
