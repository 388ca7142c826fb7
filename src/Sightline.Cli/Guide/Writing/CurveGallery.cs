using System.Globalization;
using System.Text;
using Sightline.Diagnosis;
using Sightline.Labs;

namespace Sightline.Cli.Guide.Writing;

/// <summary>The pictures of chapter 1: a small panel for each fault, from the first seed of the lab on curves.</summary>
internal static class CurveGallery
{
    private const string Folder = "docs/images/";
    private const int Columns = 3, Width = 300, Height = 132, Gap = 12, Title = 20, Axis = 40;

    /// <summary>The pictures.</summary>
    /// <param name="numbers">The labs' results.</param>
    /// <returns>Path from the root and SVG document; none before the lab has run.</returns>
    public static IReadOnlyList<(string Path, string Text)> Pictures(LabNumbers numbers)
    {
        LabRecord[] records = [.. FindingCodes.All.Select(c => numbers.Of("curves").Find($"{c}/seed-1")).OfType<LabRecord>()];
        if (records.Length == 0)
            return [];
        return
        [
            (Folder + "curves-accuracy.svg", Draw("Accuracy by epoch: training (solid) and validation (dashed)", records, [("trainTop1", "a"), ("valTop1", "b")], isShare: true)),
            (Folder + "curves-loss.svg", Draw("Loss by epoch: training (solid) and validation (dashed)", records, [("trainLoss", "a"), ("valLoss", "b")], isShare: false)),
            (Folder + "curves-cured.svg", Draw("Validation accuracy by epoch: healthy (thin), injured (dashed), cured (solid)", records, [("healthyValTop1", "c"), ("valTop1", "b"), ("curedValTop1", "a")], isShare: true)),
        ];
    }

    private static string Draw(string title, LabRecord[] records, IReadOnlyList<(string Curve, string Style)> shown, bool isShare)
    {
        int rows = (records.Length + Columns - 1) / Columns, width = Columns * (Width + Gap) - Gap, height = rows * (Height + Gap) - Gap;
        var svg = new StringBuilder();
        void Say(FormattableString text) => svg.Append(FormattableString.Invariant(text)).Append('\n');
        Say($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" font-family=\"system-ui, sans-serif\">");
        Say($"<title>{title}</title>");
        Say($"<style>text{{fill:#24292f;font-size:11px}}.name{{font-size:12px;font-weight:600}}.frame{{fill:none;stroke:#8c959f;stroke-opacity:.5}}.mark{{fill:#bf8700;fill-opacity:.14}}path{{fill:none;stroke-width:1.6;stroke-linejoin:round}}.a{{stroke:#0969da}}.b{{stroke:#cf222e;stroke-dasharray:4 3}}.c{{stroke:#57606a;stroke-width:1}}@media(prefers-color-scheme:dark){{text{{fill:#d0d7de}}.a{{stroke:#58a6ff}}.b{{stroke:#ff7b72}}.c{{stroke:#8b949e}}}}</style>");
        foreach ((int i, LabRecord record) in records.Index())
        {
            Say($"<g transform=\"translate({i % Columns * (Width + Gap)} {i / Columns * (Height + Gap)})\">");
            Panel(Say, record, shown, isShare);
            Say($"</g>");
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static void Panel(Action<FormattableString> say, LabRecord record, IReadOnlyList<(string Curve, string Style)> shown, bool isShare)
    {
        (IReadOnlyList<double> Values, string Style)[] curves = [.. shown.Select(s => (record.Curves.GetValueOrDefault(s.Curve) ?? [], s.Style)).Where(c => c.Item1.Count > 0)];
        int plotWidth = Width - Axis, plotHeight = Height - Title, epochs = curves.Length == 0 ? 0 : curves.Max(c => c.Values.Count);
        // From nothing: a loss that only trembles is a flat line.
        double low = 0, high = isShare ? 1 : curves.SelectMany(c => c.Values).DefaultIfEmpty(1).Max();
        double X(double epoch) => epochs <= 1 ? Axis + plotWidth / 2.0 : Axis + (epoch - 1) / (epochs - 1) * plotWidth;
        double Y(double value) => Title + (high > low ? (high - value) / (high - low) : 0.5) * (plotHeight - 4) + 2;
        say($"<text class=\"name\" x=\"{Axis}\" y=\"13\">{record.Group}</text>");
        if (epochs == 0)
        {
            say($"<text x=\"{Axis + 8}\" y=\"{Title + plotHeight / 2}\">no finite loss before the first epoch's end</text>");
        }
        else if (record.Curves.GetValueOrDefault("mark") is { Count: 2 } mark)
        {
            double from = Math.Clamp(X(mark[0] - 0.5), Axis, Width), to = Math.Clamp(X(mark[1] + 0.5), Axis, Width);
            say($"<rect class=\"mark\" x=\"{from:0.#}\" y=\"{Title}\" width=\"{Math.Max(0, to - from):0.#}\" height=\"{plotHeight}\"/>");
        }
        say($"<rect class=\"frame\" x=\"{Axis}\" y=\"{Title}\" width=\"{plotWidth}\" height=\"{plotHeight}\"/>");
        foreach ((double value, int y) in ((double, int)[])[(high, Title + 10), (low, Height - 2)])
            say($"<text x=\"{Axis - 4}\" y=\"{y}\" text-anchor=\"end\">{(epochs == 0 ? "" : isShare ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:0} %") : value.ToString("G3", CultureInfo.InvariantCulture))}</text>");
        foreach ((IReadOnlyList<double> values, string style) in curves)
            say($"<path class=\"{style}\" d=\"{string.Join(' ', values.Select((v, i) => string.Create(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{X(i + 1):0.#} {Y(v):0.#}")))}\"/>");
    }
}
