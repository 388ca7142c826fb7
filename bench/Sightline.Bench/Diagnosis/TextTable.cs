using System.Text;

namespace Sightline.Bench.Diagnosis;

/// <summary>Rows under headings, for a terminal or a page.</summary>
/// <param name="Headings">One for each column.</param>
/// <param name="Rows">The cells.</param>
internal sealed record TextTable(IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>In columns of equal width; all but the first stand to the right.</summary>
    /// <returns>The lines.</returns>
    public string Plain()
    {
        int[] widths = [.. Headings.Select((h, i) => Rows.Select(r => r[i].Length).Append(h.Length).Max())];
        var text = new StringBuilder();
        foreach (IReadOnlyList<string> row in Rows.Prepend(Headings))
            text.Append(string.Join("  ", row.Select((c, i) => i == 0 ? c.PadRight(widths[i]) : c.PadLeft(widths[i]))).TrimEnd()).Append('\n');
        return text.ToString();
    }

    /// <summary>As Markdown.</summary>
    /// <returns>The lines.</returns>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append("| ").AppendJoin(" | ", Headings).Append(" |\n|").Append(string.Concat(Enumerable.Repeat(" --- |", Headings.Count))).Append('\n');
        foreach (IReadOnlyList<string> row in Rows)
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        return text.ToString();
    }
}
