using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sightline.Training.Recipes;
using Sightline.Training.Runs;
using Sightline.Training.Sweeping;

namespace Sightline.Tests;

/// <summary>sweep.html, of outcomes made up.</summary>
public sealed class SweepPageTests
{
    [Fact]
    public void Nothing_is_fetched_nothing_runs_and_names_stay_text()
    {
        SweepPlan plan = Plan(["data.columns.label=<script>alert(1)</script>,\"</style>\"", "lr=1e-3..1:log:5"]) with { Recipe = Recipe() with { Name = "</title><script>alert(2)</script>" } };
        SweepOutcome outcome = Outcome(plan, plan.Choose(), (trial, epoch) => (1.0 / epoch, 0.1 * trial.Number % 1));
        string html = SweepPage.Html(outcome);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?:src|href)\\s*=|url\\(|@import|<link|<iframe", html);
        XElement page = Parse(html);
        Assert.Contains(plan.Recipe.Name, page.Descendants("bdi").Select(e => e.Value));
        Assert.Contains("<script>alert(1)</script>", page.Descendants("td").Select(e => e.Value));
        // A row for each trial, the best first; a line for each; the best six with colours, the rest grey.
        Assert.Equal(outcome.Results.Select(r => r.Trial.Name), page.Descendants("tbody").First().Elements("tr").Select(r => r.Element("th")!.Value));
        XElement parallel = page.Descendants("svg").First();
        Assert.Equal(10, parallel.Elements("path").Count());
        Assert.Equal(["curve c0", "curve c1", "curve c2", "curve c3", "curve c4", "curve c5", "curve rest", "curve rest", "curve rest", "curve rest"], parallel.Elements("path").Select(p => (string?)p.Attribute("class")).Order());
        Assert.Contains("The seed or the data vary", page.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Trainings_that_went_astray_and_trials_that_have_not_begun_draw_without_nonsense()
    {
        SweepPlan plan = Plan(["lr=0.1,0.2,0.3,0.4"]);
        SweepOutcome outcome = Outcome(plan, plan.Choose(), (trial, epoch) => trial.Number switch { 1 => (1.0 / epoch, 0.5), 2 => (1e9, 0.1), 3 => (double.PositiveInfinity, 0.1), _ => (double.NaN, double.NaN) });
        TrialResult[] results = [.. outcome.Results.Select(r => r.Trial.Number == 4 ? r with { Record = r.Record with { State = TrialState.Waiting }, History = [] } : r)];
        string html = SweepPage.Html(outcome with { Results = results });
        XElement page = Parse(html);
        Assert.Contains("are not drawn", html, StringComparison.Ordinal);
        Assert.Contains("<td>waiting</td>", html, StringComparison.Ordinal);
        Assert.DoesNotContain(page.Descendants().Attributes(), a => Regex.IsMatch(a.Value, "NaN|Infinity|∞"));
        Parse(SweepPage.Html(outcome with { Results = [.. results.Where(r => r.History.Count == 0)] }));
    }

    [Fact]
    public void A_range_test_shows_its_curve_and_what_to_set()
    {
        double[] rates = [.. Enumerable.Range(0, 100).Select(i => 1e-4 * Math.Pow(10, i / 20.0))];
        var rise = new RangeTestCurve(100, rates, [.. rates.Select(r => 0.3 + 2 / (1 + Math.Pow(r / 1e-2, 2)) + r * r)]);
        SweepPlan plan = Plan(["lr=1e-4..10:log"]) with { Method = SweepMethod.RangeTest };
        SweepOutcome outcome = Outcome(plan, plan.Choose(), (_, epoch) => (1.0 / epoch, 0.5)) with { Rise = rise };
        XElement page = Parse(SweepPage.Html(outcome));
        Assert.Equal(3, page.Descendants("line").Count(l => (string?)l.Attribute("class") == "mark"));
        Assert.All(RangeTestText.Lines(rise), line => Assert.Contains(line, page.Descendants("p").Select(p => p.Value)));
        Assert.Equal(["1e-4", "1e-3", "1e-2", "1e-1", "1e0"], page.Descendants("text").Select(t => t.Value).Where(t => Regex.IsMatch(t, "^1e-?[0-9]$")));
        Parse(SweepPage.Html(outcome with { Rise = new RangeTestCurve(100, [], []) }));
        Parse(SweepPage.Html(outcome with { Rise = new RangeTestCurve(100, [1e-4], [2.3]) }));
    }

    private static SweepOutcome Outcome(SweepPlan plan, IReadOnlyList<Trial> trials, Func<Trial, int, (double Loss, double Top1)> reached)
    {
        var folder = new SweepFolder(Path.Combine(Path.GetTempPath(), "never-made"));
        return new SweepOutcome(folder, plan, RunEnd.Finished, TrialResult.Ranked(trials.Select(t => new TrialResult(new TrialRecord(t, TrialState.Finished, 3), folder.RunOf(t),
            [.. Enumerable.Range(1, 3).Select(e => reached(t, e) is var (loss, top1) ? new EpochMetrics(e, 10 * e, 0.1, loss, top1, loss, top1, 1, 2, 100) : null!)]))), 1);
    }

    private static SweepPlan Plan(string[] over) => new() { Recipe = Recipe(), Over = ValueList.Create<SweptValues>([.. over.Select(SweptValues.Parse)]) };

    private static Recipe Recipe() => RecipeFile.Parse("data: {path: images}\nnetwork: {name: cifar_resnet8}\n", "recipe.yaml");

    // As XML it is well-formed once HTML's void elements and doctype are made so: what is opened is closed.
    private static XElement Parse(string html) =>
        XElement.Parse(Regex.Replace(html.Replace("<!doctype html>", "", StringComparison.Ordinal), "<(meta|img)([^>]*)>", "<$1$2/>"));
}
