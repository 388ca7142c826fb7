using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sightline.Diagnosis;

namespace Sightline.Tests;

public sealed class DiagnosisPageTests
{
    private static readonly TrainingLog Log = new()
    {
        Source = "runs/made-up",
        Epochs = [.. Enumerable.Range(1, 20).Select(e => new EpochPoint(e, 0.1, 2.0 / e, 1 - 0.9 / e, 1 + e / 20.0, double.NaN))],
        Signals = [.. Enumerable.Range(1, 20).Select(e => new EpochSignals { Epoch = e, ProbeLoss = 1.0 / e, Blocks = [new BlockSignals("conv1", 1, 0.01, 1, 0.5), new BlockSignals("fc", 2, 0.1, 1, double.NaN)] })],
        Notes = ["The newest row stands first; the rows are read from the end."],
    };

    private static readonly Finding Cause = new()
    {
        Code = "overfitting",
        Confidence = 0.93,
        FirstEpoch = 5,
        LastEpoch = 20,
        Evidence = "The validation loss rose from 1.05 to 2.",
        ShownBy = ShownBy.Loss,
        Remedies = [new Remedy("Shift and mirror the training images.", "augmentation.pad=4", "augmentation.horizontalFlip=0.5"), new Remedy("Collect more images.")],
        Confirmation = "The validation loss stays at its minimum.",
    };

    private static readonly Finding Symptom = Cause with { Code = "dead-units", Confidence = 0.5, ShownBy = ShownBy.DeadUnits, FollowsFrom = "overfitting" };

    [Fact]
    public void The_verdict_each_cause_beside_its_curves_and_all_curves()
    {
        XElement page = Parse(DiagnosisPage.Html(Log, new Assessment(Verdict.Sick, [Cause, Symptom], null)));
        Assert.Equal("made-up", page.Descendants("h1").Single().Value);
        Assert.Equal(DiagnosisText.Line(new Assessment(Verdict.Sick, [Cause], null), Log), page.Descendants("p").Single(p => (string?)p.Attribute("class") == "verdict sick").Value);
        Assert.Equal(["overfitting almost certain (0.93), epochs 5 to 20", "All curves"], page.Descendants("h2").Select(h => h.Value));
        Assert.Equal(["--set augmentation.pad=4", "--set augmentation.horizontalFlip=0.5"], page.Descendants("code").Select(c => c.Value));
        Assert.Contains(page.Descendants("p"), p => p.Value == "So also: dead-units, more likely than not (0.50), epochs 5 to 20.");
        // The finding's own chart first, then every curve that the log has; marks on the losses only.
        Assert.Equal(["Loss", "Loss", "Accuracy", "Learning rate", "Gradient norm", "Loss of the probe", "Share of dead units", "Updates by weights"], page.Descendants("figure").Select(f => f.Descendants("h3").Single().Value));
        Assert.Equal([0, 1], page.Descendants("figure").Index().Where(f => f.Item.Descendants("rect").Any(r => (string?)r.Attribute("class") == "mark")).Select(f => f.Index));
    }

    [Fact]
    public void The_mark_spans_its_epochs()
    {
        XElement mark = Parse(DiagnosisPage.Html(Log, new Assessment(Verdict.Sick, [Cause], null))).Descendants("g").First();
        Assert.Equal("overfitting, epochs 5–20", mark.Element("title")!.Value);
        double from = (double)mark.Element("rect")!.Attribute("x")!, width = (double)mark.Element("rect")!.Attribute("width")!;
        // Half an epoch before the fifth of twenty, over 380 units from 46 on, to the chart's edge.
        Assert.Equal(46 + 380 * 3.5 / 19, from, 0.01);
        Assert.Equal(426, from + width, 0.02);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Few_epochs_and_epochs_out_of_range_draw_without_nonsense(int epochs)
    {
        TrainingLog few = Log with { Epochs = [.. Log.Epochs.Take(epochs)], Signals = [] };
        string html = DiagnosisPage.Html(few, new Assessment(Verdict.Sick, [Cause, Cause with { Code = "diverged", FirstEpoch = double.NaN, LastEpoch = double.NaN }], null));
        Assert.DoesNotContain("x=\"NaN", html, StringComparison.Ordinal);
        Assert.DoesNotContain("width=\"-", html, StringComparison.Ordinal);
        Parse(html);
    }

    [Fact]
    public void Steps_in_the_epochs_place_and_parts_of_epochs()
    {
        TrainingLog steps = Log with { Epochs = [.. Log.Epochs.Select(e => e with { Epoch = 1e8 * e.Epoch })], Signals = [] };
        Assert.Contains("2000000000", DiagnosisPage.Html(steps, new Assessment(Verdict.Healthy, [], null)), StringComparison.Ordinal);
        TrainingLog parts = Log with { Epochs = [.. Log.Epochs.Select(e => e with { Epoch = e.Epoch / 40 })], Signals = [] };
        Assert.Contains(">0.2</text>", DiagnosisPage.Html(parts, new Assessment(Verdict.Healthy, [], null)), StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_text_stays_text_and_nothing_is_fetched()
    {
        const string Bad = "</title></svg><script>alert(1)</script>\"><img src=x>\0";
        Finding finding = Cause with { Evidence = Bad, Confirmation = Bad, Remedies = [new Remedy(Bad, Bad)] };
        string html = DiagnosisPage.Html(Log with { Source = $"runs/{Bad}", Notes = [Bad] }, new Assessment(Verdict.Sick, [finding], null));
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        Parse(html);
    }

    private static XElement Parse(string html) =>
        XElement.Parse(Regex.Replace(html.Replace("<!doctype html>", "", StringComparison.Ordinal), "<(meta)([^>]*)>", "<$1$2/>"));
}
