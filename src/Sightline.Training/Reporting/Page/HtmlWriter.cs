using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Training.Reporting;

/// <summary>
/// Builds markup in which text cannot become markup: only the literal parts of an interpolated string are written as they stand, every
/// hole is escaped. <c>html.Write($"&lt;td&gt;{name}&lt;/td&gt;")</c> is safe whatever the name holds.
/// </summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder text = new(1 << 16);

    /// <summary>Writes literals as markup and holes as text; numbers in invariant culture.</summary>
    public void Write([InterpolatedStringHandlerArgument("")] ref Markup markup) => _ = markup;

    /// <summary>The document.</summary>
    public override string ToString() => text.ToString();

    /// <summary>Control characters and lone surrogates have no place in HTML; the rest is escaped.</summary>
    internal static string Escape(string value)
    {
        var clean = new StringBuilder(value.Length);
        foreach (Rune rune in value.EnumerateRunes())
            clean.Append(Rune.IsControl(rune) && rune.Value is not ('\n' or '\t') ? "\ufffd" : rune.ToString());
        return WebUtility.HtmlEncode(clean.ToString());
    }

    [InterpolatedStringHandler]
    internal readonly ref struct Markup
    {
        private readonly StringBuilder text;

        public Markup(int literalLength, int formattedCount, HtmlWriter writer)
        {
            text = writer.text;
            text.EnsureCapacity(text.Length + literalLength + 8 * formattedCount);
        }

        public void AppendLiteral(string markup) => text.Append(markup);

        public void AppendFormatted(string? value) => text.Append(Escape(value ?? ""));

        public void AppendFormatted<T>(T value, string? format = null)
            where T : struct, IFormattable => text.Append(Escape(value.ToString(format, CultureInfo.InvariantCulture)));
    }
}
