using System.Text;

namespace Sightline.Cli.Terminal;

/// <summary>Prose for a terminal.</summary>
internal static class WrappedText
{
    /// <summary>Columns of the longest line.</summary>
    public const int Columns = 100;

    /// <summary>Writes text in lines of at most a hundred columns.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="text">The text; its own line breaks do not count.</param>
    /// <param name="indent">What each line starts with.</param>
    /// <param name="hanging">Further spaces before all lines but the first.</param>
    public static void Write(TextWriter output, string text, string indent, int hanging = 0) => Write(output, text, indent, indent + new string(' ', hanging));

    /// <summary>Writes text behind a label, its further lines below its first.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="label">What stands before the text, with its blanks.</param>
    /// <param name="text">The text; its own line breaks do not count.</param>
    public static void WriteLabelled(TextWriter output, string label, string text) => Write(output, text, label, new string(' ', label.Length));

    private static void Write(TextWriter output, string text, string first, string others)
    {
        var line = new StringBuilder(first);
        bool empty = true;
        foreach (string word in text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!empty && line.Length + 1 + word.Length > Columns)
            {
                output.WriteLine(line.ToString());
                line.Clear().Append(others);
                empty = true;
            }
            if (!empty)
                line.Append(' ');
            line.Append(word);
            empty = false;
        }
        output.WriteLine(line.ToString());
    }
}
