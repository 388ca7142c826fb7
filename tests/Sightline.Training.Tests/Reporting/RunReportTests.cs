using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sightline.Pages;
using Sightline.Training.Reporting;

namespace Sightline.Tests;

public sealed partial class RunReportTests
{
    [GeneratedRegex("(?:src|href)\\s*=\\s*\"(?!data:)[^\"]*\"|url\\(|@import|<script|<link|<iframe", RegexOptions.IgnoreCase)]
    private static partial Regex Outside();

    /// <summary>As XML it is well-formed once HTML's void elements and doctype are made so: what is opened is closed.</summary>
    private static XElement Parse(string html)
    {
        string xml = Regex.Replace(html.Replace("<!doctype html>", "", StringComparison.Ordinal), "<(meta|img)([^>]*)>", "<$1$2/>").Replace("&nbsp;", "&#160;", StringComparison.Ordinal);
        return XElement.Parse(xml);
    }

    private static string[] Texts(XElement page, string element) => [.. page.Descendants(element).Select(e => e.Value)];

    [Fact]
    public void Nothing_is_fetched_from_outside_and_nothing_runs()
    {
        string html = RunReport.Html(ReportInputs.Of(ReportInputs.Yard));
        Assert.Empty(Outside().Matches(html));
        Assert.Contains("default-src 'none'", html);
        Parse(html);
    }

    [Fact]
    public void Hostile_names_stay_text()
    {
        string[] classes = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a&b'c", "</title></style></svg>", "\u202egnp.exe\0\u0007\ud800"];
        RunReportInput input = ReportInputs.Of(classes, 200, 3) with
        {
            Title = "</title><script>alert(2)</script>",
            Subtitle = "<b>sub</b>",
            EvaluatedOn = "<i>x</i>",
            RecipeText = "network: </pre><script>alert(3)</script>",
            EnvironmentText = "{\"host\": \"<script>alert(4)</script>\"}",
        };
        string html = RunReport.Html(input);
        Assert.Empty(Outside().Matches(html));
        Assert.DoesNotContain("<b>sub", html);
        Assert.DoesNotContain('\0', html);
        XElement page = Parse(html);
        // The names come back whole as text.
        Assert.Contains(classes[0], Texts(page, "bdi"));
        Assert.Contains(classes[1], Texts(page, "bdi"));
        Assert.Contains(classes[3], Texts(page, "bdi"));
        Assert.Contains(input.RecipeText, Texts(page, "pre"));
    }

    [Fact]
    public void The_figures_stand_in_the_page()
    {
        RunReportInput input = ReportInputs.Of(ReportInputs.Yard);
        XElement page = Parse(RunReport.Html(input));
        string text = page.Value;
        Assert.Contains($"{100 * input.Evaluation!.Top1:0.0} %", text);
        Assert.Contains($"{100 * input.Evaluation.MacroF1:0.0} %", text);
        Assert.Contains($"{100 * input.Evaluation.Ece:0.0} %", text);
        // Rows of the table: the weakest class first, all there.
        string[] rows = [.. page.Descendants("tbody").Single().Elements("tr").Select(r => r.Element("th")!.Value)];
        Assert.Equal(ReportInputs.Yard.Order(), rows.Order());
        Assert.Equal(input.Evaluation.PerClass.MinBy(c => c.F1)!.Name, rows[0]);
        // One cell for each pair of classes, one bar for each filled bin, one picture for each mistake.
        Assert.Equal(49, page.Descendants("rect").Count(r => (string?)r.Attribute("class") is "hit" or "miss"));
        Assert.Equal(input.Evaluation.Reliability.Bins.Count(b => b.Count > 0), page.Descendants("rect").Count(r => (string?)r.Attribute("class") == "bar"));
        Assert.Equal(12, page.Descendants("img").Count());
        Assert.All(page.Descendants("img"), i => Assert.StartsWith("data:image/jpeg;base64,/9j/", (string?)i.Attribute("src")));
        Assert.Equal(6, page.Descendants("path").Count(e => ((string?)e.Attribute("class"))!.StartsWith("curve", StringComparison.Ordinal)));
        Assert.Contains(input.EnvironmentText, Texts(page, "pre"));
    }

    [Fact]
    public void A_diagnosis_stands_in_the_page_and_marks_the_curves()
    {
        XElement page = Parse(RunReport.Html(ReportInputs.Sick(ReportInputs.Yard)));
        Assert.Contains("Diagnosis", Texts(page, "h2"));
        Assert.Contains("--set augmentation.pad=4", Texts(page, "code"));
        // The report's own losses, and the finding's.
        XElement[] marked = [.. page.Descendants("figure").Where(f => f.Descendants("rect").Any(r => (string?)r.Attribute("class") == "mark"))];
        Assert.Equal(["Loss", "Loss"], marked.Select(f => f.Descendants("h3").Single().Value));
    }

    [Fact]
    public void Gaps_infinities_and_single_epochs_draw_without_nonsense()
    {
        RunReportInput input = ReportInputs.Of(ReportInputs.Yard, 50, 1);
        ReportedEpoch first = input.Epochs[0];
        string single = RunReport.Html(input);
        Assert.DoesNotContain("NaN", single);
        string gaps = RunReport.Html(input with
        {
            Epochs =
            [
                first, first with { Epoch = 2, ValLoss = double.NaN, ValTop1 = double.NaN }, first with { Epoch = 3, TrainLoss = double.PositiveInfinity, GradientNorm = double.NaN },
                first with { Epoch = 4 },
            ],
        });
        Assert.DoesNotContain("NaN", gaps);
        Assert.DoesNotContain("∞", gaps);
        Assert.DoesNotContain("Infinity", gaps);
        string none = RunReport.Html(input with { Epochs = [], Evaluation = null, WorstMistakes = [] });
        Assert.Contains("No epoch is complete yet.", none);
        Parse(none);
    }

    [Fact]
    public void A_thousand_classes_are_listed_by_their_commonest_confusions()
    {
        XElement page = Parse(RunReport.Html(ReportInputs.Of([.. Enumerable.Range(0, 1000).Select(i => $"class {i}")], 300, 2)));
        Assert.DoesNotContain(page.Descendants("svg"), s => (string?)s.Attribute("class") == "matrix");
        Assert.Equal(8, page.Descendants("ol").Single().Elements("li").Count());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.93, 0.97)]
    [InlineData(-3, 7e5)]
    [InlineData(1e-9, 3e-9)]
    [InlineData(5, 5)]
    [InlineData(0, 0)]
    public void Ticks_are_round_and_cover_the_range(double low, double high)
    {
        double[] ticks = AxisTicks.Cover(low, high);
        Assert.InRange(ticks.Length, 2, 12);
        Assert.True(ticks[0] <= low + 1e-9 * (high - low) && ticks[^1] >= high - 1e-9 * (high - low));
        for (int i = 1; i < ticks.Length; i++)
        {
            double step = ticks[i] - ticks[i - 1], leading = step / Math.Pow(10, Math.Floor(Math.Log10(step) + 1e-6));
            Assert.Contains(new[] { 1.0, 2, 5, 10 }, d => Math.Abs(leading / d - 1) < 1e-6);
        }
    }
}
