using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Pages;

/// <summary>
/// Builds markup in which text cannot become markup: only the literal parts of an interpolated string are written as they stand, every
/// hole is escaped. <c>html.Write($"&lt;td&gt;{name}&lt;/td&gt;")</c> is safe whatever the name holds.
/// </summary>
public sealed class HtmlWriter
{
    private readonly StringBuilder text = new(1 << 16);

    /// <summary>Writes literals as markup and holes as text; numbers in invariant culture.</summary>
    /// <param name="markup">An interpolated string.</param>
    public void Write([InterpolatedStringHandlerArgument("")] ref Markup markup) => _ = markup;

    /// <summary>The document so far.</summary>
    /// <returns>Its text.</returns>
    public override string ToString() => text.ToString();

    /// <summary>Control characters and lone surrogates have no place in HTML; the rest is escaped.</summary>
    /// <param name="value">Any text.</param>
    /// <returns>Text that holds no markup.</returns>
    public static string Escape(string value)
    {
        var clean = new StringBuilder(value.Length);
        foreach (Rune rune in value.EnumerateRunes())
            clean.Append(Rune.IsControl(rune) && rune.Value is not ('\n' or '\t') ? "\ufffd" : rune.ToString());
        return WebUtility.HtmlEncode(clean.ToString());
    }

    /// <summary>Takes the parts of an interpolated string one by one; the compiler calls it.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
        private readonly StringBuilder text;

        /// <summary>Begins.</summary>
        /// <param name="literalLength">Characters of the literals.</param>
        /// <param name="formattedCount">How many holes.</param>
        /// <param name="writer">Where it goes.</param>
        public Markup(int literalLength, int formattedCount, HtmlWriter writer)
        {
            text = writer.text;
            text.EnsureCapacity(text.Length + literalLength + 8 * formattedCount);
        }

        /// <summary>A literal, as it is.</summary>
        /// <param name="markup">The markup.</param>
        public void AppendLiteral(string markup) => text.Append(markup);

        /// <summary>A text, escaped.</summary>
        /// <param name="value">The text.</param>
        public void AppendFormatted(string? value) => text.Append(Escape(value ?? ""));

        /// <summary>A number.</summary>
        /// <param name="value">The number.</param>
        /// <param name="format">Its format.</param>
        public void AppendFormatted<T>(T value, string? format = null)
            where T : struct, IFormattable => text.Append(Escape(value.ToString(format, CultureInfo.InvariantCulture)));
    }
}
