namespace Sightline.Pages;

/// <summary>Begins and ends a page that holds everything it needs: nothing may be fetched and nothing may run.</summary>
public static class Page
{
    /// <summary>The head, up to the beginning of the content.</summary>
    /// <param name="html">Where it goes.</param>
    /// <param name="title">The title; escaped.</param>
    /// <param name="moreCss">Style sheet beyond <see cref="PageStyle"/>: a literal of ours, written as it is.</param>
    public static void Begin(HtmlWriter html, string title, string moreCss = "")
    {
        html.Write($"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        // Nothing may be fetched and nothing may run, even if escaping failed somewhere.
        html.Write($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">");
        html.Write($"<title>{title} – Sightline</title><style>");
        var literal = new HtmlWriter.Markup(PageStyle.Css.Length, 0, html);
        literal.AppendLiteral(PageStyle.Css);
        literal.AppendLiteral(moreCss);
        html.Write($"</style></head><body><main>");
    }

    /// <summary>What closes it.</summary>
    public static void End(HtmlWriter html) => html.Write($"</main></body></html>\n");
}
