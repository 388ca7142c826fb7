using System.Text;

namespace Sightline.Datasets.Formats;

/// <summary>A record of a CSV file.</summary>
/// <param name="Line">The 1-based line it starts on.</param>
/// <param name="Fields">Its fields, unquoted.</param>
internal sealed record CsvRecord(int Line, IReadOnlyList<string> Fields);

/// <summary>Reads CSV (RFC 4180): quoted fields, doubled quotes, line breaks in quotes; comma, semicolon or tab, as the header has it.</summary>
internal static class CsvReader
{
    private const string SaveAsUtf8 = "Save it as UTF-8.";

    /// <summary>Reads all records; empty lines are passed over.</summary>
    /// <param name="bytes">UTF-8, with or without a byte-order mark.</param>
    /// <param name="location">What to call the file in an error.</param>
    /// <param name="strict">Whether bytes that are no UTF-8 are an error; else they are read as well as can be, to look at the header.</param>
    /// <returns>The records, the header first.</returns>
    /// <exception cref="BadInputException">A quoted field does not end (<c>manifest-quote</c>), or the text is no UTF-8 (<c>manifest-encoding</c>).</exception>
    public static IEnumerable<CsvRecord> Read(byte[] bytes, string location, bool strict = true)
    {
        string text = Text(bytes, location, strict);
        char separator = Separator(text);
        var field = new StringBuilder();
        int line = 1, at = 0;
        while (at < text.Length)
        {
            int start = line;
            var fields = new List<string>();
            bool ended = false;
            while (!ended)
            {
                field.Clear();
                if (at < text.Length && text[at] == '"')
                {
                    int opened = line;
                    at++;
                    while (true)
                    {
                        if (at >= text.Length)
                            throw new BadInputException("manifest-quote", "A quoted field that starts here does not end.", location, opened, "Close the quotes.");
                        char c = text[at++];
                        if (c == '"' && at < text.Length && text[at] == '"')
                            at++;
                        else if (c == '"')
                            break;
                        if (c == '\n')
                            line++;
                        field.Append(c);
                    }
                }
                while (at < text.Length && text[at] != separator && text[at] is not ('\n' or '\r'))
                    field.Append(text[at++]);
                fields.Add(field.ToString());
                if (at < text.Length && text[at] == separator)
                {
                    at++;
                    continue;
                }
                if (at < text.Length && text[at] == '\r')
                    at++;
                if (at < text.Length && text[at] == '\n')
                    at++;
                line++;
                ended = true;
            }
            if (fields.Count > 1 || fields[0].Length > 0)
                yield return new CsvRecord(start, fields);
        }
    }

    private static string Text(byte[] bytes, string location, bool strict)
    {
        bool little = bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]), big = bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);
        if (little || big)
        {
            return strict
                ? throw new BadInputException("manifest-encoding", "The manifest is UTF-16, not UTF-8.", location, 1, SaveAsUtf8)
                : (little ? Encoding.Unicode : Encoding.BigEndianUnicode).GetString(bytes.AsSpan(2));
        }
        ReadOnlySpan<byte> content = bytes.AsSpan(bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0);
        if (!strict)
            return Encoding.UTF8.GetString(content);
        if (content.IndexOf((byte)0) is >= 0 and int zero)
            throw new BadInputException("manifest-encoding", "A zero byte here: this is not UTF-8 text (UTF-16, perhaps).", location, content[..zero].Count((byte)'\n') + 1, SaveAsUtf8);
        string text = Encoding.UTF8.GetString(content);
        if (!System.Text.Unicode.Utf8.IsValid(content))
        {
            int line = text.AsSpan(0, Math.Max(0, text.IndexOf('\uFFFD'))).Count('\n') + 1;
            throw new BadInputException("manifest-encoding", "A byte here is not UTF-8 (Latin-1 or Windows-1252, perhaps).", location, line, SaveAsUtf8);
        }
        return text;
    }

    private static char Separator(string text)
    {
        int end = text.IndexOf('\n');
        ReadOnlySpan<char> header = end < 0 ? text : text.AsSpan(0, end);
        int commas = header.Count(','), semicolons = header.Count(';'), tabs = header.Count('\t');
        return tabs > commas && tabs >= semicolons ? '\t' : semicolons > commas ? ';' : ',';
    }
}
