using System.Globalization;

namespace Sightline.Diagnosis;

/// <summary>Numbers as logs write them.</summary>
internal static class NumberText
{
    /// <summary>Reads a cell.</summary>
    /// <param name="text">E.g. <c>0.25</c>, <c>1e-3</c>, <c>0,25</c>, <c>85 %</c>, <c>nan</c>, <c>-inf</c>, <c>null</c>.</param>
    /// <param name="value">The number, which may be infinite or not a number; null of a cell that says nothing.</param>
    /// <returns>Whether it is a number or says nothing; false for any other text.</returns>
    internal static bool TryRead(ReadOnlySpan<char> text, out double? value)
    {
        value = null;
        text = text.Trim();
        if (text.IsEmpty)
            return true;
        if (text[^1] == '%' && text.Length > 1)
            text = text[..^1].TrimEnd();
        // With a comma in the cell, the comma is no separator of cells: a decimal comma.
        if (!text.Contains(',') && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            value = number;
            return true;
        }
        if (!char.IsAsciiDigit(text[^1]))
            return Word(text, out value);
        return text.Contains(',') && DecimalComma(text, out value);
    }

    private static bool Word(ReadOnlySpan<char> text, out double? value)
    {
        bool negative = text[0] == '-' && text.Length > 1;
        ReadOnlySpan<char> word = text[0] is '-' or '+' && text.Length > 1 ? text[1..] : text;
        value = null;
        if (Is(word, "inf") || Is(word, "infinity") || Is(word, "1.#INF"))
            value = negative ? double.NegativeInfinity : double.PositiveInfinity;
        else if (Is(word, "nan") || Is(word, "1.#QNAN") || Is(word, "1.#IND"))
            value = double.NaN;
        else
            return Is(word, "null") || Is(word, "none") || Is(word, "na") || Is(word, "n/a") || Is(word, "-") || Is(word, "--");
        return true;
    }

    // 0,25 and 1.234,5: a point before the comma groups thousands.
    private static bool DecimalComma(ReadOnlySpan<char> text, out double? value)
    {
        value = null;
        int comma = text.LastIndexOf(',');
        if (text[..comma].Contains(',') || text[comma..].Contains('.'))
            return false;
        string plain = string.Concat(text[..comma].ToString().Replace(".", "", StringComparison.Ordinal), ".", text[(comma + 1)..]);
        if (!double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            return false;
        value = number;
        return true;
    }

    private static bool Is(ReadOnlySpan<char> text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);
}
