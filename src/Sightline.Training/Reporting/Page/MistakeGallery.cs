namespace Sightline.Training.Reporting;

/// <summary>The worst mistakes as pictures, embedded as data URIs.</summary>
internal static class MistakeGallery
{
    internal static void Write(HtmlWriter html, IReadOnlyList<ReportedMistake> mistakes)
    {
        html.Write($"<div class=\"gallery\">");
        foreach (ReportedMistake m in mistakes)
        {
            string kind = m.Picture.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4e, 0x47]) ? "png" : "jpeg";
            html.Write($"<figure><img alt=\"{m.Label} taken for {m.Predicted}\" src=\"data:image/{kind};base64,{Convert.ToBase64String(m.Picture)}\">");
            html.Write($"<figcaption><span class=\"wrong\"><bdi>{m.Predicted}</bdi> {Figure.Percent(m.Confidence)}</span><span class=\"right\"><bdi>{m.Label}</bdi> {Figure.Percent(m.LabelProbability)}</span><span class=\"file\"><bdi>{m.Name}</bdi></span></figcaption></figure>");
        }
        html.Write($"</div>");
    }
}
