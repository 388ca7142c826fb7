using System.Text;

namespace Sightline.Datasets.Formats;

/// <summary>A record of a CSV file.</summary>
/// <param name="Line">The 1-based line it starts on.</param>
/// <param name="Fields">Its fields, unquoted.</param>
internal sealed record CsvRecord(int Line, IReadOnlyList<string> Fields);

/// <summary>Reads CSV (RFC 4180): quoted fields, doubled quotes, line breaks in quotes; comma, semicolon or tab, as the header has it.</summary>
internal static class CsvReader
{
    /// <summary>Reads all records; empty lines are passed over.</summary>
    /// <param name="bytes">UTF-8, with or without a byte-order mark.</param>
    /// <param name="location">What to call the file in an error.</param>
    /// <returns>The records, the header first.</returns>
    /// <exception cref="BadInputException">A quoted field does not end.</exception>
    public static IEnumerable<CsvRecord> Read(byte[] bytes, string location)
    {
        string text = Encoding.UTF8.GetString(bytes.AsSpan(bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0));
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

    private static char Separator(string text)
    {
        int end = text.IndexOf('\n');
        ReadOnlySpan<char> header = end < 0 ? text : text.AsSpan(0, end);
        int commas = header.Count(','), semicolons = header.Count(';'), tabs = header.Count('\t');
        return tabs > commas && tabs >= semicolons ? '\t' : semicolons > commas ? ';' : ',';
    }
}
